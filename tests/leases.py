"""A unit that is let: what lets it fall vacant again."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from attributions.households.operations.lease import record_outside_lease
from flux.models import Vacancy
from flux.operations.routing import confirm_recommendations, sweep_waiting_vacancies
from tests.world import MORNING, World


def let(world: World, vacancy: Vacancy, *, now: datetime = MORNING) -> Vacancy:
    """Route a vacancy as the rule recommends, if it is of the flow and not routed, then record its lease, through the
    acts."""
    if vacancy.kind == Vacancy.Kind.IN_FLOW and not vacancy.routings.filter(closed_at=None).exists():
        sweep_waiting_vacancies(now=now)
        if not vacancy.routings.filter(closed_at=None).exists():
            confirm_recommendations(vacancies=[vacancy.pk], by=world.people["aline"], now=now)
    signed_on = timezone.localdate(now)
    record_outside_lease(vacancy=vacancy, signed_on=signed_on, facts={}, by=world.people["aline"], now=now)
    return vacancy
