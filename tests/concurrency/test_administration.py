"""Two administrators at once cannot lock everybody out, nor record two laws for one day."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from reservations.models import LegalParameter, Membership
from reservations.operations.legal_parameter import record_legal_parameter
from reservations.operations.person import RevocationRefused, grant_membership, revoke_membership
from reservations.refusals import Refusal
from tests.concurrency.together import at_once
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def take_each_others_role(world: World) -> list[object]:
    adam, driss = world.people["adam"], world.people["driss"]
    theirs = grant_membership(user=driss, organisation=world.operator, role=Membership.Role.ADMINISTRATOR)
    his = world.member("adam")
    return at_once(
        lambda: revoke_membership(membership=theirs, by=adam), lambda: revoke_membership(membership=his, by=driss)
    )


def administrators() -> int:
    return Membership.objects.filter(role=Membership.Role.ADMINISTRATOR).count()


def test_without_the_lock_two_administrators_lock_everybody_out(world: World, without_row_locks: None) -> None:
    assert take_each_others_role(world) == [None, None]
    assert administrators() == 0


def test_two_administrators_at_once_leave_one(world: World) -> None:
    outcomes = take_each_others_role(world)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NoneType", RevocationRefused.__name__]
    assert administrators() == 1


def test_two_values_recorded_at_once_from_the_same_day_leave_one(world: World) -> None:
    outcomes = at_once(
        *(
            lambda value=value: record_legal_parameter(
                by=world.people["adam"],
                code=LegalParameter.Code.STATE_SHARE_MAX,
                value=Decimal(value),
                starts_on=date(2027, 1, 1),
                source="décret à venir",
                today=date(2026, 11, 24),
            )
            for value in (25, 35)
        )
    )
    [refusal] = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert isinstance(refusal, Refusal)
    assert str(refusal) == "Deux valeurs de ce paramètre se chevauchent dans le temps."
    periods = LegalParameter.objects.filter(code="STATE_SHARE_MAX").order_by("starts_on")
    assert list(periods.values_list("starts_on", "ends_on")) == [
        (date(2020, 2, 22), date(2026, 12, 31)),
        (date(2027, 1, 1), None),
    ]
