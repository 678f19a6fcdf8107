"""The story of the landlord in the mixed system: it holds on any day, and its books balance."""

from __future__ import annotations

import io
import json
from datetime import UTC, date, datetime

import pytest
from django.core.management import call_command
from django.db.models import QuerySet, Sum

from flux.models import FlowEntry, Ledger, OpeningBalance, Resumption, Return, Routing, Vacancy
from flux.queries.accounts import account
from reservations.models import Convention, HistoryEntry, StockRight
from reservations.models.convention import UNIT
from tests.aude import tell_of_orbieu
from tests.own_database import OF_THE_MOMENT, every_row, own_database

AUTUMN = datetime(2026, 11, 24, 9, tzinfo=UTC)
#: Mornings on which a story could stumble: the first days of a year, a leap day (every night).
NEW_YEAR, LEAP_DAY = (datetime(y, m, d, 9, tzinfo=UTC) for y, m, d in ((2027, 1, 2), (2028, 2, 29)))


def test_same_morning_gives_the_same_story_row_for_row_and_it_holds(
    django_db_setup: None, django_db_blocker: pytest.FixtureRequest
) -> None:
    """Reported twice, each time in a database of its own: a copy of the first is worth a second telling
    (`./run demo --reset`). The second one is read: it has what the mixed system has, and its books balance."""
    found = []
    with django_db_blocker.unblock():
        for name in ("first", "second"):
            with own_database(name):
                tell_of_orbieu(AUTUMN)
                found.append(every_row(but=OF_THE_MOMENT))
                if name == "second":
                    _has_what_the_mixed_system_has()
                    _rights_are_printed_by_number()
                    _books_balance()
    first, second = found
    assert first["flux_vacancy"][0] > 20
    assert {table for table in first if first[table] != second[table]} == set()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "now",
    [NEW_YEAR, pytest.param(LEAP_DAY, marks=pytest.mark.nightly)],
    ids=lambda now: f"{now:%Y-%m-%d}",
)
def test_story_holds_and_its_books_balance(now: datetime) -> None:
    tell_of_orbieu(now)
    _books_balance()


def _books_balance() -> None:
    for ledger in Ledger.objects.order_by("pk"):
        read = account(ledger, date(ledger.exercise, 12, 31))
        assert read.total.left == 0
        assert read.total.due == UNIT * (read.total.received + read.total.in_course)
        for line in ledger.lines.order_by("pk"):
            entries = ledger.entries.filter(holder=line.holder)
            owed = entries.filter(stage__in=["DUE", "CARRIED"]).aggregate(sum=Sum("quantity"))["sum"] or 0
            got = entries.filter(stage__in=["ROUTED", "AWAITING"]).aggregate(sum=Sum("quantity"))["sum"] or 0
            assert (line.due, line.received) == (owed, got)
    out = io.StringIO()
    call_command("replay", "--json", stdout=out)
    assert json.loads(out.getvalue())["different"] == 0


def _has_what_the_mixed_system_has() -> None:
    openings = OpeningBalance.objects.with_state().filter(ledger__landlord__acronym="OH").order_by("pk")
    assert [each.last_act for each in openings] == ["ACCEPTED", "CONTESTED"]
    assert set(FlowEntry.objects.filter(stage="CARRIED", quantity__gt=0).values_list("holder", flat=True)) >= {
        openings[0].holder_id
    }
    orbieu = Vacancy.objects.filter(unit__landlord__acronym="OH")
    assert set(orbieu.values_list("kind", flat=True)) >= {"IN_FLOW", "STOCK", "FIRST_LETTING"}
    assert StockRight.objects.filter(landlord__acronym="OH").count() == 5
    conventions = Convention.objects.filter(landlord__acronym="OH").order_by("organisation__name", "version")
    assert list(conventions.values_list("organisation__name", "version", "status")) == [
        ("Action Logement", 1, "SIGNED"),
        ("Le Grand Narbonne", 1, "PROPOSED"),
        ("Préfecture de l’Aude", 1, "AMENDED"),
        ("Préfecture de l’Aude", 2, "SIGNED"),
        ("Ville de Narbonne", 1, "PROPOSED"),
    ]
    assert sorted(Return.objects.values_list("reason", flat=True)) == ["DECLINED", "DECLINED", "WORKS", "WORKS"]
    _has_units_of_every_life(orbieu)
    cancelled = Vacancy.declared.exclude(cancelled_at=None).exclude(kind="TECHNICAL").order_by("pk")
    assert sorted(cancelled.values_list("cancellation", flat=True)) == ["NOTICE_WITHDRAWN", "RECLASSIFIED"]
    assert cancelled.get(cancellation="RECLASSIFIED").replaced_by.exclusion == "INTERNAL_TRANSFER"
    by_command = HistoryEntry.objects.filter(by=None).order_by().values_list("subject", flat=True).distinct()
    assert set(by_command) == {"reservations.organisation", "reservations.user"}


def _has_units_of_every_life(orbieu: QuerySet[Vacancy]) -> None:
    """Works that ended and works that go on, a technical vacancy let again, a unit in stock handed on for one turn."""
    [out] = orbieu.out_for_works()
    [ended] = Resumption.objects.select_related("given_back__routing__vacancy")
    again = ended.given_back.routing.vacancy
    assert again != out
    assert again.routings.filter(closed_at=None).exists(), "it is routed under its own number"
    assert Vacancy.declared.filter(replaces__kind="TECHNICAL", kind="IN_FLOW").count() == 1
    handed_on = Routing.objects.get(one_turn=True, closed_at=None, vacancy__kind="STOCK")
    assert handed_on.holder_id != handed_on.vacancy.stock_right.holder_id


def _rights_are_printed_by_number() -> None:
    out = io.StringIO()
    call_command("rights", "--landlord", "999000029", "--on", "2026-11-24", "--json", stdout=out)
    read = json.loads(out.getvalue())
    assert [check for check in read["checks"] if check["level"] == "REFUSAL"] == []
    assert len(read["stock_rights"]) == 5
