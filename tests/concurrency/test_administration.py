"""Two administrators at once cannot lock everybody out, nor record two laws for one day; two agents are not one
person."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from functools import partial

import pytest
from django.db import transaction
from django.utils import timezone

from reservations.access.proconnect import Agent, ProConnectRefused
from reservations.models import HistoryEntry, Identity, Invitation, LegalParameter, Membership, Unconfirmed
from reservations.operations.identity import recognise
from reservations.operations.invitation import invite, renew_links, withdraw_invitation
from reservations.operations.legal_parameter import AlreadyConfirmed, confirm, leave_to_confirm, record_legal_parameter
from reservations.operations.person import (
    RevocationRefused,
    change_role,
    close_account,
    close_unused,
    grant_membership,
    revoke_membership,
)
from reservations.refusals import Refusal
from tests.concurrency.together import Acts, at_once, second
from tests.world import MORNING, World

pytestmark = pytest.mark.django_db(transaction=True)

TODAY = timezone.localdate(MORNING)


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


def come(world: World) -> list[object]:
    """Two agents of one provider, who were given the same address, enter for the first time."""
    address = world.people["chloe"].email
    agents = [Agent("https://fi.exemple.test", each, address, world.city.siren, False) for each in ("one", "other")]
    return at_once(*(lambda agent=agent: recognise(agent=agent, now=MORNING) for agent in agents))


def test_of_two_agents_of_one_address_one_enters(world: World) -> None:
    """« Another agent who is given the address is not them »."""
    outcomes = come(world)
    assert world.people["chloe"] in outcomes
    assert [type(each) for each in outcomes if each != world.people["chloe"]] == [ProConnectRefused]
    assert Identity.objects.filter(user=world.people["chloe"]).count() == 1


def acts_recorded(act: str) -> int:
    return HistoryEntry.objects.filter(act=act).count()


def test_a_role_that_two_change_alike_is_changed_once(world: World) -> None:
    aline = world.member("aline")
    change = partial(change_role, membership=aline, role=Membership.Role.LANDLORD_MANAGER, by=world.people["alice"])
    granted, revoked = acts_recorded("GRANTED"), acts_recorded("REVOKED")
    assert [each.role for each in at_once(change, change)] == [Membership.Role.LANDLORD_MANAGER] * 2
    assert (acts_recorded("GRANTED") - granted, acts_recorded("REVOKED") - revoked) == (1, 1)


def test_an_account_that_two_close_is_closed_once(world: World) -> None:
    close = partial(close_account, person=world.people["chloe"], organisation=None, by=world.people["adam"])
    revoked = acts_recorded("REVOKED")
    assert sorted(at_once(close, close)) == [False, True]
    assert (acts_recorded("CLOSED"), acts_recorded("REVOKED") - revoked) == (1, 1)


def test_a_value_that_two_confirm_is_confirmed_once(world: World) -> None:
    parameter = LegalParameter.objects.order_by("pk").last()
    assert parameter is not None
    leave_to_confirm(parameter, would_confirm="le décret à paraître")
    found = Unconfirmed.objects.about(parameter).get()
    confirming = partial(confirm, unconfirmed=found, source="décret n° 2026-1", by=world.people["adam"], today=TODAY)
    outcomes = at_once(confirming, confirming)
    assert sorted(type(each).__name__ for each in outcomes) == [AlreadyConfirmed.__name__, Unconfirmed.__name__]


def test_a_link_that_is_being_withdrawn_is_not_renewed(world: World) -> None:
    """Its new key would be passed on, and open nothing."""
    invite(
        email="nouvelle@exemple.test",
        full_name="Nouvelle",
        organisation=world.city,
        role=Membership.Role.HOLDER_STAFF,
        by=world.people["chloe"],
        now=MORNING,
    )
    link = Invitation.objects.get(email="nouvelle@exemple.test")

    def withdraw() -> bool:
        with transaction.atomic():
            result = withdraw_invitation(invitation=link, now=MORNING)
            Acts.running.writing.wait()  # what it wrote is held until the other comes upon it
        return result

    renew = partial(renew_links, invitations=[link.pk], by=world.people["chloe"], now=MORNING)
    assert at_once(withdraw, second(renew), before="(no table)") == [True, []]


def test_whoever_came_back_before_the_night_keeps_the_account(world: World) -> None:
    """The account is read locked: who signs in meanwhile waits, and finds it closed, or came first and keeps it."""
    zoe = world.people["zoe"]
    type(zoe).objects.filter(pk=zoe.pk).update(last_login=MORNING)
    assert not close_unused(person=zoe, since=MORNING - timedelta(minutes=1))
    assert close_unused(person=zoe, since=MORNING)
    assert not type(zoe).objects.get(pk=zoe.pk).is_active
