"""Quotas in units a year, or that decline categories, given to the conventions of the small world."""

from __future__ import annotations

from datetime import datetime, timedelta

from flux.models import Ledger, Recommendation, Vacancy
from flux.operations.routing import route_waiting_vacancies
from reservations.models import Quota
from tests.guards import unguarded
from tests.world import MORNING, World


def promise(world: World, holder: str, **given: object) -> None:
    """Give a signed quota other terms, as no act can: the tests say only what they are about."""
    with unguarded("reservations_quota.kept_once_out_of_draft"):
        Quota.objects.filter(holder=world.holders[holder]).update(**given)


def fall(world: World, *, now: datetime = MORNING, **given: object) -> Recommendation:
    """One more vacancy, recommended at once."""
    vacancy: Vacancy = world.vacancy(now=now, **given)
    assert vacancy.ledger_id is not None
    route_waiting_vacancies(ledger_id=vacancy.ledger_id, now=now)
    return vacancy.recommendations.select_related("holder").get()


def year(world: World, *kinds: dict[str, object], days: int = 1) -> Ledger:
    """These units fall vacant one after the other, the last one this morning."""
    for number, kind in enumerate(kinds):
        fall(world, now=MORNING - timedelta(days=days * (len(kinds) - 1 - number)), **kind)
    return Ledger.objects.select_related("landlord").get()
