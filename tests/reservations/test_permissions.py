"""Who may do what with the rights."""

from __future__ import annotations

from datetime import date

import pytest

from reservations import permissions
from reservations.models import Convention, Membership
from tests.world import World, convention

PEOPLE = ("alice", "aline", "bob", "chloe", "driss", "emma", "adam", "zoe")
Role = Membership.Role


def member(world: World, name: str) -> Membership | None:
    return None if name == "driss" else world.member(name)


def allowed(world: World, predicate: str, *given: object) -> set[str]:
    return {name for name in PEOPLE if getattr(permissions, predicate)(member(world, name), *given)}


def test_manager_alone_settles_the_conventions_of_its_landlord(world: World) -> None:
    assert allowed(world, "can_manage_landlord", world.landlord) == {"alice"}
    assert allowed(world, "can_manage_landlord", world.other_landlord) == {"zoe"}


def test_convention_is_edited_while_a_draft_and_ended_while_signed(world: World) -> None:
    signed = world.conventions["city"]
    draft = convention(
        world.landlord,
        world.city,
        world.places["Narbonne"],
        (world.holders["city"], "10", 4),
        starts_on=date(2029, 1, 1),
        ends_on=date(2029, 12, 31),
        signed=False,
    )
    ended = world.end(world.conventions["als"], date(2027, 1, 1))
    assert [allowed(world, "can_edit_convention", row) for row in (draft, signed, ended)] == [{"alice"}, set(), set()]
    assert [allowed(world, "can_end_convention", row) for row in (draft, signed, ended)] == [
        set(),
        {"alice", "chloe"},
        set(),
    ]


def test_life_of_a_convention_is_its_landlord_s_manager_s_in_each_state(world: World) -> None:
    draft = convention(world.landlord, world.city, world.places["Narbonne"], signed=False)
    rows = [draft, convention(world.landlord, world.city, world.places["Narbonne"], signed=False)]
    Convention.objects.filter(pk=rows[1].pk).update(status="PROPOSED")
    rows[1].refresh_from_db()
    rows.append(world.conventions["city"])
    for predicate, expected in (
        ("can_propose_convention", [True, False, False]),
        ("can_withdraw_proposal", [False, True, False]),
        ("can_deposit_signature", [True, True, False]),
        ("can_amend_convention", [False, False, True]),
    ):
        found = [allowed(world, predicate, row) for row in rows]
        theirs = [
            {"chloe"} if predicate == "can_deposit_signature" and row.is_open and not row.is_draft else set()
            for row in rows
        ]
        assert found == [
            also | ({"alice"} if holds else set()) for also, holds in zip(theirs, expected, strict=True)
        ], predicate
    assert [allowed(world, "can_sign_convention", row) for row in rows] == [{"alice"}, {"alice", "chloe"}, set()]


def test_state_puts_on_notice_and_terminates_its_own_conventions(world: World) -> None:
    state, city = world.conventions["state"], world.conventions["city"]
    assert allowed(world, "can_give_formal_notice", state) == {"alice", "bob"}
    assert allowed(world, "can_give_formal_notice", city) == set()
    assert allowed(world, "can_terminate_convention", state) == set()
    state.formal_notice_on = date(2026, 11, 24)
    assert allowed(world, "can_terminate_convention", state) == {"bob"}
    ended = world.end(state, date(2027, 1, 1))
    assert allowed(world, "can_give_formal_notice", ended) == set()
    ended.formal_notice_on = date(2026, 11, 24)
    assert allowed(world, "can_terminate_convention", ended) == set()


def test_administrator_alone_keeps_organisations_and_parameters(world: World) -> None:
    assert allowed(world, "can_administer") == {"adam"}


def test_people_are_kept_by_the_administrator_and_by_managers(world: World) -> None:
    assert allowed(world, "can_manage_people") == {"alice", "adam", "zoe"}


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        (Role.LANDLORD_STAFF, {"alice", "adam"}),
        (Role.LANDLORD_MANAGER, {"alice", "adam"}),
        (Role.HOLDER_STAFF, {"adam"}),
        (Role.EPCI_OFFICER, {"adam"}),
        (Role.STATE_OFFICER, {"adam"}),
        (Role.ADMINISTRATOR, {"adam"}),
    ],
)
def test_manager_gives_the_two_roles_of_its_own_staff(world: World, role: str, expected: set[str]) -> None:
    assert allowed(world, "can_grant_role", world.landlord.organisation, role) == expected


def test_everybody_changes_their_own_password_and_the_administrator_anybodys(world: World) -> None:
    chloe = world.people["chloe"]
    assert {
        name for name in PEOPLE if permissions.can_set_password(member(world, name), world.people[name], chloe)
    } == {"chloe", "adam"}
    assert permissions.can_set_password(None, world.people["driss"], world.people["driss"])


def test_each_party_attaches_its_signed_copy_once_the_convention_binds(world: World) -> None:
    assert allowed(world, "can_attach_document", world.conventions["city"]) == {"alice", "chloe"}
    assert allowed(world, "can_attach_document", world.conventions["state"]) == {"alice", "bob"}
    years = {"starts_on": date(2029, 1, 1), "ends_on": date(2029, 12, 31)}
    city = world.holders["city"]
    draft = convention(world.landlord, world.city, world.places["Narbonne"], (city, "10", 4), signed=False, **years)
    assert allowed(world, "can_attach_document", draft) == set()
