"""The day that orders a list is the day that a sheet tells: one calendar, counted in the database."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db.models import DateField, Value

from flux.deadlines import deadline
from flux.models import Routing, Vacancy
from flux.operations.holding import restart_clock
from flux.queries.due import NthWorkingDay, answer_due, calendar
from flux.queries.returning import clock
from reservations.models import Territory
from tests.attributions.households.candidates import agree, routed
from tests.world import MORNING, World

TODAY = MORNING.date()


@pytest.mark.parametrize("local", [False, True])
@pytest.mark.parametrize("days", [1, 4, 10, 20, 45])
def test_nth_working_day_of_the_database_is_that_of_the_calendar(world: World, days: int, local: bool) -> None:
    """Every day of a year, Sundays, 1 May, Good Friday and Christmas among them (Code du travail, L3133-1)."""
    since = [TODAY - timedelta(n) for n in range(0, 366, 3)]
    cal = calendar(TODAY, local=local)
    asked = {f"d{n}": NthWorkingDay(cal, Value(day, DateField()), Value(days)) for n, day in enumerate(since)}
    found = Territory.objects.order_by("pk").annotate(**asked).values_list(*asked)[0]
    assert list(found) == [deadline(day, days, local=local) for day in since]


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
        {"proposal_days": 20, "first_letting_days": 40, "kind": Vacancy.Kind.FIRST_LETTING},
        {"proposal_days": 20, "new_candidates_days": 8, "restarted": True, "kind": Vacancy.Kind.FIRST_LETTING},
    ],
)
def test_due_is_the_last_day_of_the_clock(world: World, terms: dict[str, object]) -> None:
    terms = dict(terms)
    restarted, held, kind = terms.pop("restarted", False), terms.pop("held", 0), terms.pop("kind", "")
    agree(world.conventions["city"], **terms)
    routing = routed(world)
    if restarted:
        restart_clock(routing=routing, on=TODAY + timedelta(days=3))
        routing.refresh_from_db()
    Routing.objects.filter(pk=routing.pk).update(clock_held=held)
    if kind:
        Vacancy.objects.filter(pk=routing.vacancy_id).update(kind=kind)
    routing = Routing.objects.select_related("vacancy", "convention").get(pk=routing.pk)
    read = clock(routing, routing.vacancy.kind, today=TODAY)
    assert read is not None
    assert due(routing) == read.until


def test_routing_that_applied_no_convention_has_no_last_day(world: World) -> None:
    """On the landlord's own share nobody is asked for candidates by a day."""
    routing = routed(world, "landlord")
    assert routing.convention is None
    assert clock(routing, routing.vacancy.kind, today=TODAY) is None
    assert due(routing) is None
