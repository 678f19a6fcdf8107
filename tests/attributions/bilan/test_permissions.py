"""Who may do what with balances: who may, and who may not."""

from __future__ import annotations

import pytest

from attributions.bilan import permissions
from reservations.models import Membership
from reservations.operations.person import grant_membership
from tests.world import World

#: Driss acts for Action Logement here; Emma is the officer of an EPCI, which reads; Zoé is of another landlord.
PEOPLE = ("alice", "aline", "bob", "chloe", "driss", "emma", "adam", "zoe")


@pytest.mark.parametrize(
    ("act", "may"),
    [
        ("can_prepare_balance", {"alice", "aline"}),
        ("can_send_balance", {"alice"}),
        ("can_contest_balance", {"bob", "chloe", "driss", "emma", "zoe"}),
        ("can_sign_balance", {"alice", "bob", "chloe", "driss"}),
        ("can_read_downloads", {"alice", "aline", "adam"}),
    ],
)
def test_each_has_its_part_in_the_balance_of_a_landlord(world: World, act: str, may: set[str]) -> None:
    """It is signed by its manager and by holders: neither by an EPCI that reads it, nor by another landlord."""
    grant_membership(user=world.people["driss"], organisation=world.als, role=Membership.Role.HOLDER_STAFF)
    predicate = getattr(permissions, act)
    assert {who for who in PEOPLE if predicate(world.member(who), world.landlord)} == may
    assert not predicate(None, world.landlord)


@pytest.mark.parametrize(
    ("act", "may"),
    [
        ("can_set_objectives", {"bob", "emma", "adam"}),
        ("can_reconcile", {"alice", "aline", "bob", "zoe"}),
        ("can_follow_balances", {"bob", "emma"}),
        ("can_read_whole_figures", {"bob", "emma"}),
        ("can_read_purposes", {"alice", "aline", "bob", "emma", "adam", "zoe"}),
        ("can_read_state_rights", {"bob", "adam"}),
        ("can_tolerate", {"adam"}),
        ("can_lay_out", {"adam"}),
    ],
)
def test_each_has_its_part_in_what_is_notified_of_a_year(world: World, act: str, may: set[str]) -> None:
    grant_membership(user=world.people["driss"], organisation=world.als, role=Membership.Role.HOLDER_STAFF)
    predicate = getattr(permissions, act)
    assert {who for who in PEOPLE if predicate(world.member(who))} == may
    assert not predicate(None)
