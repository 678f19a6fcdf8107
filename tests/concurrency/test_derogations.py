"""Two orders recorded at once never lift the same cap over the same days."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from reservations.models import Derogation
from reservations.operations.derogation import DerogationRefused, record_derogation
from tests.concurrency.together import at_once
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def two_orders(world: World) -> list[object]:
    return at_once(
        *(
            lambda value=value: record_derogation(
                landlord=world.landlord,
                departement=world.places["Aude"],
                code="STATE_SHARE_MAX",
                value=Decimal(value),
                starts_on=date(2026, 1, 1),
                ends_on=date(2026, 12, 31),
                order=f"arrêté à {value} %",
                by=world.people["bob"],
            )
            for value in (35, 40)
        )
    )


def test_without_the_lock_two_orders_lift_one_cap(world: World, without_row_locks: None) -> None:
    assert [type(outcome) for outcome in two_orders(world)] == [Derogation, Derogation]


def test_second_order_at_once_is_refused(world: World) -> None:
    [refusal] = [outcome for outcome in two_orders(world) if isinstance(outcome, Exception)]
    assert isinstance(refusal, DerogationRefused)
    assert refusal.field == "starts_on"
    assert Derogation.objects.count() == 1
