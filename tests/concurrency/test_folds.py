"""A unit described otherwise while its first entries are written: its past, and they, end in one cell."""

from __future__ import annotations

import time

import pytest
from django.db import transaction

from flux.models import FlowCell, Unit
from flux.operations.routing import route_waiting_vacancies
from flux.queries.folds import drift
from tests.concurrency.together import at_once
from tests.house.test_states import automatic
from tests.world import MORNING, World

pytestmark = pytest.mark.django_db(transaction=True)


def test_unit_edited_while_it_is_routed_for_the_first_time_is_in_one_cell(world: World) -> None:
    """The edit waits for the account that the unit waits in, though it has no entry there yet: were it not to, the
    entries would be folded under the old description, after the edit had looked for them."""
    automatic(world)
    unit = world.unit(financing_code="")
    ledger = world.vacancy(unit).ledger_id
    assert ledger is not None

    def describe() -> None:
        with transaction.atomic():
            Unit.objects.filter(pk=unit.pk).update(financing_code="10")
            time.sleep(0.3)  # what else the act does before it commits

    outcomes = at_once(lambda: route_waiting_vacancies(ledger_id=ledger, now=MORNING), describe)
    assert outcomes == [1, None]
    assert list(FlowCell.objects.exclude(offered=0).values_list("financing_code", "offered").order_by()) == [("10", 1)]
    assert drift() == {}
