"""What one decision costs: counted on a small ledger, where nothing is timed against anything."""

from __future__ import annotations

import pytest

from benchmarks import pace
from benchmarks.service.pace import CLERKS, PARTS, Queue, clerks, paces, queue
from flux.models import Ledger, Recommendation, Routing, Unit
from reservations.models import Organisation
from tests.benchmarks.test_database import flow

__all__ = ["flow"]


def told_apart() -> dict[str, Organisation]:
    """Those that signed the flow, by the part that they hold."""
    parts = {"STATE": "state", "ACTION_LOGEMENT": "als", "COMMUNE": "city", "EPCI": "epci"}
    return {parts[each.kind]: each for each in Organisation.objects.filter(kind__in=parts).order_by("pk")}


def test_a_decision_asks_and_reads_the_same_after_others(flow: Ledger) -> None:
    """On a ledger just opened, and on one of forty decided: the same statements, and rows that do not follow, but for
    the entries of indexes that forty decisions of this very transaction left and no vacuum took back."""
    fresh, full = paces(told_apart(), decided=40, decisions=2, rounds=1, environment={})
    assert (fresh.decided, full.decided, fresh.ratio) == (0, 40, 0.0)
    assert fresh.statements == full.statements
    assert full.rows < fresh.rows + 40 * 5, full.most
    assert [len(each.log) for each in (fresh, full)] == [1, 1]
    assert min(*fresh.log, *full.log) > 0, "what decisions left was written in the log"
    assert set(full.parts) == set(PARTS)
    assert all(full.parts.values()), "each part was seen at work"
    assert Recommendation.objects.count() > 40
    homes = Unit.objects.filter(reference__startswith="B")
    assert set(homes.values_list("ordinal", flat=True)) == {1}, "50,000 of them fit the rank at an address"
    table = pace.markdown([fresh, full], [Queue(2.0, 20.4, 41.6)])
    assert "| 2 | 20, 42 |" in table
    assert "| 0 |" in table
    assert "| 40 |" in table


@pytest.mark.django_db(transaction=True)
def test_people_at_once_confirm_each_their_own(flow: Ledger) -> None:
    took = clerks(told_apart(), 2, each=1, breath=0.001)
    assert took == sorted(took)
    assert len(took) == CLERKS == Routing.objects.count()
    found = queue([*range(1, 21), 100], 0.0)
    assert (found.half, found.nearly_all) == (11, 20)


def test_misspelt_command_is_refused_in_french(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        pace.main(["--vite"])
    assert ended.value.code == 2
    assert "n’est pas bien écrite" in capsys.readouterr().err
