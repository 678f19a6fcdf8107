"""Who may do what with the flow: who may, and who may not."""

from __future__ import annotations

import pytest

from flux import permissions
from flux.models import AuditAlert, OpeningBalance, Return
from flux.permissions import LANDLORD_REASONS, return_reasons
from reservations.models import Membership
from reservations.operations.person import grant_membership
from tests.flux.operations.test_returning import send
from tests.world import World

#: Driss acts for Action Logement here, a holder beside the city; Zoé for another landlord.
PEOPLE = ("alice", "aline", "bob", "chloe", "driss", "emma", "adam", "zoe")
Reason = Return.Reason


@pytest.fixture
def house(world: World) -> World:
    grant_membership(user=world.people["driss"], organisation=world.als, role=Membership.Role.HOLDER_STAFF)
    return world


@pytest.mark.parametrize(
    ("act", "may"),
    [
        ("can_declare_vacancy", {"alice", "aline"}),
        ("can_manage_stock", {"alice"}),
        ("can_name_staff", {"alice"}),
        ("can_propose_opening", {"alice"}),
    ],
)
def test_its_own_people_alone_act_on_the_stock_of_a_landlord(house: World, act: str, may: set[str]) -> None:
    assert {who for who in PEOPLE if getattr(permissions, act)(house.member(who), house.landlord)} == may


@pytest.mark.parametrize("act", ["can_route", "can_cancel_vacancy"])
def test_a_vacancy_is_routed_and_cancelled_by_its_own_landlord(house: World, act: str) -> None:
    """Another landlord is one too, and may not (CCH, R441-5)."""
    vacancy = house.vacancy()
    may = getattr(permissions, act)
    assert {who for who in PEOPLE if may(house.member(who), vacancy)} == {"alice", "aline"}
    assert not may(None, vacancy)


def test_a_unit_is_given_back_by_its_landlord_and_declined_by_its_own_holder(house: World) -> None:
    """Who has a unit declines it; no other holder may, nor another landlord."""
    routing = send(house, "city")
    reasons = {who: return_reasons(house.member(who), routing) for who in PEOPLE}
    assert reasons == dict.fromkeys(PEOPLE, ()) | {
        "alice": LANDLORD_REASONS,
        "aline": LANDLORD_REASONS,
        "chloe": (Reason.DECLINED,),
    }
    assert return_reasons(None, routing) == ()


def test_an_officer_of_the_epci_gives_nothing_back_in_the_place_of_its_holders_side(house: World) -> None:
    """She reads for the EPCI, and proposes nobody."""
    assert return_reasons(house.member("emma"), send(house, "epci")) == ()


def test_what_was_owed_before_is_answered_by_its_own_holder(house: World) -> None:
    for holder, answering in (("city", {"chloe"}), ("epci", set()), ("landlord", set())):
        owed = OpeningBalance(holder=house.holders[holder])
        assert {who for who in PEOPLE if permissions.can_answer_opening(house.member(who), owed)} == answering
        assert not permissions.can_answer_opening(None, owed)


def test_a_unit_of_the_landlord_itself_is_taken_out_for_works_alone(house: World) -> None:
    reasons = {who: return_reasons(house.member(who), send(house, "landlord")) for who in ("aline", "chloe", "zoe")}
    assert reasons == {"aline": (Reason.WORKS,), "chloe": (), "zoe": ()}


def test_a_holder_alone_says_what_it_needs(house: World) -> None:
    found = {who for who in PEOPLE if permissions.can_declare_needs(house.member(who), house.holders["city"])}
    assert found == {"chloe"}
    assert not permissions.can_declare_needs(house.member("alice"), house.holders["landlord"])


def test_why_not_is_read_by_the_holder_the_landlord_and_who_oversees_not_by_another_holder(house: World) -> None:
    city = house.holders["city"]
    reads = {who for who in PEOPLE if permissions.can_read_why_not(house.member(who), city)}
    assert "chloe" in reads
    assert {"alice", "aline", "adam"} <= reads
    assert "driss" not in reads


def test_what_an_alert_found_is_mended_by_the_managers_of_its_landlord_alone(house: World) -> None:
    alert = AuditAlert(landlord=house.landlord)
    assert {who for who in PEOPLE if permissions.can_mend_alert(house.member(who), alert)} == {"alice"}
    assert not permissions.can_mend_alert(house.member("alice"), AuditAlert())
