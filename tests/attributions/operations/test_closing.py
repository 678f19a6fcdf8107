"""Closing a request by hand: the six causes, a day that can be, and nobody still a candidate."""

from __future__ import annotations

from datetime import date

import pytest

from attributions.models import Application
from attributions.operations.closing import ClosureRefused, close_application
from attributions.operations.proposal import remove_proposal
from reservations.models import HistoryEntry
from tests.attributions.named import TODAY, candidates, household
from tests.world import MORNING, World


def close(world: World, application: Application, **given: object) -> Application:
    terms = {"cause": "WAIVED", "on": TODAY, "by": world.people["chloe"], "now": MORNING}
    return close_application(application=application, **(terms | given))


@pytest.mark.parametrize("cause", Application.Closure.values)
def test_each_cause_closes_with_its_day(world: World, cause: str) -> None:
    closed = close(world, household(world), cause=cause)
    closed.refresh_from_db()
    assert (closed.closure, closed.closed_on) == (cause, TODAY)
    assert HistoryEntry.objects.about(closed).last().details == {
        "closure": ["", cause],
        "closed_on": [None, str(TODAY)],
    }


@pytest.mark.parametrize(
    ("given", "words", "field"),
    [
        ({"cause": "MOVED"}, "six causes", "cause"),
        ({"on": date(2026, 11, 25)}, "futur", "on"),
        ({"on": date(2024, 3, 11)}, "n’a pas été radiée avant", "on"),
    ],
)
def test_what_cannot_be_is_refused(world: World, given: dict[str, object], words: str, field: str) -> None:
    with pytest.raises(ClosureRefused, match=words) as refused:
        close(world, household(world), **given)
    assert refused.value.field == field


def test_closed_request_is_not_closed_again(world: World) -> None:
    application = household(world)
    close(world, application)
    with pytest.raises(ClosureRefused, match="déjà radiée"):
        close(world, application, cause="LEASE")


def test_candidate_is_ended_first(world: World) -> None:
    first, *_ = candidates(world, sent=False)
    with pytest.raises(ClosureRefused, match=f"encore candidat à {first.vacancy.unit.reference}"):
        close(world, first.application)
    remove_proposal(proposal=first, reason="HOLDER_WITHDREW", by=world.people["chloe"], now=MORNING)
    assert close(world, first.application).closed_on == TODAY
