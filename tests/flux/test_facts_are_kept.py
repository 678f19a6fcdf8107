"""What was decided stays: the database refuses to change it or to take it away."""

from __future__ import annotations

import pytest
from django.db import ProgrammingError, transaction
from django.utils import timezone

from flux.models import FlowEntry, Recommendation, Routing
from flux.operations.routing import confirm_recommendations, route_waiting_vacancies
from reservations.models import Convention
from tests.world import MORNING, World


@pytest.fixture
def routed(world: World) -> Routing:
    vacancy = world.vacancy()
    assert vacancy.ledger_id is not None
    route_waiting_vacancies(ledger_id=vacancy.ledger_id, now=MORNING)
    [routing] = confirm_recommendations(vacancies=[vacancy.pk], by=world.people["aline"], now=MORNING)
    return routing


@pytest.mark.parametrize("facts", [Recommendation, FlowEntry])
def test_facts_are_neither_updated_nor_deleted(routed: Routing, facts: type[Recommendation] | type[FlowEntry]) -> None:
    with pytest.raises(ProgrammingError), transaction.atomic():
        facts.objects.update(holder=routed.holder)
    with pytest.raises(ProgrammingError), transaction.atomic():
        facts.objects.all()._raw_delete("default")


def test_routing_only_closes_and_once(world: World, routed: Routing) -> None:
    with pytest.raises(ProgrammingError), transaction.atomic():
        Routing.objects.update(holder=world.holders["als"])
    with pytest.raises(ProgrammingError), transaction.atomic():
        Routing.objects.all().delete()
    Routing.objects.update(closed_at=MORNING)
    with pytest.raises(ProgrammingError), transaction.atomic():
        Routing.objects.update(closed_at=timezone.now())
    with pytest.raises(ProgrammingError), transaction.atomic():
        Routing.objects.update(closed_at=None)


def test_signed_convention_is_not_deleted(world: World) -> None:
    with pytest.raises(ProgrammingError), transaction.atomic():
        world.conventions["als"].delete()
    assert Convention.objects.filter(pk=world.conventions["als"].pk).exists()
    assert world.conventions["als"].quotas.count() == 1
