"""A landlord that plans its known departures together, and departures that leave time to wait for others."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from flux.models import DecisionWindow, ExpectedHolder, Ledger, Vacancy
from flux.operations.starting import set_decision_window
from flux.operations.vacancy import declare_vacancy
from tests.world import MORNING, World, manager_of
from tests.world_again import done_once

#: Rooms, commune: what falls vacant in turn, so that kinds differ.
KINDS = ((3, "Narbonne"), (2, "Narbonne"), (4, "Coursan"), (1, "Narbonne"), (3, "Sigean"))


@done_once
def plan_together(world: World, *, length: int = 8, days: int = 3, since: datetime = MORNING) -> DecisionWindow:
    """From that day on, so many departures are planned together, through the act."""
    return set_decision_window(
        landlord=world.landlord,
        length=length,
        days=days,
        starts_on=timezone.localdate(since),
        by=manager_of(world.landlord),
        today=timezone.localdate(since),
    )


def departure(world: World, *, at: datetime = MORNING, free_in: int = 90, **given: object) -> Vacancy:
    """One more unit of the flow, registered at that moment and free in so many days."""
    today = timezone.localdate(at)
    if not given:
        rooms, commune = KINDS[Vacancy.declared.count() % len(KINDS)]
        given = {"rooms": rooms, "commune": commune}
    return declare_vacancy(
        unit=world.unit(**given),
        kind=Vacancy.Kind.IN_FLOW,
        notice_on=today,
        available_on=today + timedelta(free_in),
        confirmed=True,
        by=world.people["aline"],
        now=at,
    )


@done_once
def departures(world: World, count: int, *, at: datetime = MORNING) -> list[Vacancy]:
    return [departure(world, at=at) for _ in range(count)]


def forecast(ledger: Ledger) -> dict[int, ExpectedHolder]:
    """By vacancy (id), what is forecast in a ledger, in order of registration."""
    found = ExpectedHolder.objects.filter(vacancy__ledger=ledger).select_related("holder")
    return {each.vacancy_id: each for each in found.order_by("vacancy_id")}


def waiting(ledger: Ledger) -> list[int]:
    return list(ledger.vacancies.waiting().values_list("pk", flat=True))
