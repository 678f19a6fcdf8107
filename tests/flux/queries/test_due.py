"""The day that orders a list is the day that a sheet states: one calendar, counted in the database."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product

import pytest
from django.db.models import DateField, Value

from flux.models import Routing, Vacancy
from flux.operations.departures import restart_clock
from flux.queries.deadlines import answer_due, last_day_of
from flux.queries.returns import clock
from reservations.deadlines import last_day
from reservations.models import Convention
from tests.attributions.households.candidates import agree, routed
from tests.world import MORNING, World

TODAY = MORNING.date()


def test_last_day_of_the_database_is_that_of_the_calendar(world: World) -> None:
    """Every kind of day, around Easter, Ascension, August and Christmas (Code du travail, L3133-1; CPC, art. 642)."""
    convention = world.conventions["city"]
    since = [date(2026, *day) for day in ((4, 1), (5, 12), (7, 29), (7, 31), (8, 14), (11, 27), (12, 23))]
    asked = {f"d{n}_{count}": (day, count) for n, day in enumerate(since) for count in (1, 4, 20)}
    for unit, local, suspended in product(Convention.DayUnit, (False, True), (False, True)):
        agree(convention, day_unit=unit, local_holidays=local, august_suspended=suspended)
        computed = {
            name: last_day_of(Value(day, DateField()), Value(count), today=TODAY, convention="")
            for name, (day, count) in asked.items()
        }
        found = Convention.objects.filter(pk=convention.pk).annotate(**computed).values_list(*computed).get()
        assert list(found) == [last_day(*each, convention.days) for each in asked.values()], (unit, local, suspended)


def due(routing: Routing) -> date | None:
    return (
        Vacancy.objects.annotate(due=answer_due(today=TODAY)).values_list("due", flat=True).get(pk=routing.vacancy_id)
    )


@pytest.mark.parametrize(
    "terms",
    [
        {"proposal_days": 20},
        {"proposal_days": 7, "local_holidays": True},
        {"proposal_days": 0},
        {"proposal_days": None},
        {"proposal_days": 20, "new_candidates_days": 8, "restarted": True},
        {"proposal_days": 20, "held": 6},
        {"proposal_days": 20, "held": 6, "day_unit": "CLEAR", "august_suspended": True},
        {"proposal_days": 30, "day_unit": "CALENDAR", "opens_on": "AVAILABLE"},
        {"proposal_days": 10, "day_unit": "POSTPONED", "opens_on": "WORKS", "works": True},
        {"proposal_days": 20, "first_letting_days": 40, "kind": Vacancy.Kind.FIRST_LETTING},
        {"proposal_days": 20, "new_candidates_days": 8, "restarted": True, "kind": Vacancy.Kind.FIRST_LETTING},
    ],
)
def test_due_is_the_last_day_of_the_clock(world: World, terms: dict[str, object]) -> None:
    terms = dict(terms)
    works = terms.pop("works", False)
    restarted, held, kind = terms.pop("restarted", False), terms.pop("held", 0), terms.pop("kind", "")
    agree(world.conventions["city"], **terms)
    routing = routed(world)
    if restarted:
        restart_clock(routing=routing, on=TODAY + timedelta(days=3))
        routing.refresh_from_db()
    Routing.objects.filter(pk=routing.pk).update(clock_held=held)
    if works:
        Vacancy.objects.filter(pk=routing.vacancy_id).update(works_end_on=date(2027, 6, 30))
    if kind:
        Vacancy.objects.filter(pk=routing.vacancy_id).update(kind=kind)
    routing = Routing.objects.select_related("vacancy", "convention").get(pk=routing.pk)
    read = clock(routing, routing.vacancy.kind, today=TODAY)
    assert read is not None
    assert due(routing) == read.until
    if "opens_on" in terms:
        assert read.opens_on is not None
        assert read.until is not None
        assert read.until > read.opens_on > TODAY


def test_routing_that_applied_no_convention_has_no_last_day(world: World) -> None:
    """On the landlord's own share nobody is asked for candidates by a day."""
    routing = routed(world, "landlord")
    assert routing.convention is None
    assert clock(routing, routing.vacancy.kind, today=TODAY) is None
    assert due(routing) is None
