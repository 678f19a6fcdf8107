"""Who sees which conventions."""

from __future__ import annotations

from datetime import date

import pytest

from reservations.models import Convention, Membership, Quota
from reservations.models.convention import percent_of
from reservations.operations.person import grant_membership
from tests.world import World, convention


@pytest.fixture
def drafts(world: World) -> World:
    """One draft with the city, and one convention signed by each of two strangers to Narbonne."""
    world.conventions["draft"] = convention(
        world.landlord,
        world.city,
        world.places["Narbonne"],
        (world.holders["city"], "10", 4),
        starts_on=date(2029, 1, 1),
        ends_on=date(2029, 12, 31),
        signed=False,
    )
    world.conventions["orb"] = convention(
        world.other_landlord, world.als, world.places["Hérault"], (world.holders["als"], "20", 1)
    )
    return world


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("alice", {"state", "als", "city", "epci", "draft"}),
        ("aline", {"state", "als", "city", "epci", "draft"}),
        ("bob", {"state", "als", "city", "epci"}),
        ("chloe", {"city"}),
        ("emma", {"state", "als", "city", "epci"}),
        ("adam", {"state", "als", "city", "epci", "draft", "orb"}),
        ("zoe", {"orb"}),
    ],
)
def test_conventions_are_seen_by_their_parties_and_those_who_oversee(drafts: World, name: str, seen: set[str]) -> None:
    visible = Convention.objects.visible_to(drafts.member(name))
    assert {known for known, row in drafts.conventions.items() if row in visible} == seen
    assert visible.count() == len(seen)


def test_overseer_of_a_region_sees_the_conventions_of_its_departements(drafts: World) -> None:
    drafts.state.territory = drafts.places["Occitanie"]
    drafts.state.save()
    assert Convention.objects.visible_to(drafts.member("bob")).count() == 5


def test_overseer_without_a_territory_sees_its_own_only(drafts: World) -> None:
    drafts.state.territory = None
    drafts.state.save()
    assert list(Convention.objects.visible_to(drafts.member("bob"))) == [drafts.conventions["state"]]


def test_holder_of_an_overseeing_organisation_sees_its_own_only(drafts: World) -> None:
    member = grant_membership(user=drafts.people["driss"], organisation=drafts.epci, role=Membership.Role.HOLDER_STAFF)
    assert list(Convention.objects.visible_to(member)) == [drafts.conventions["epci"]]


def test_convention_is_in_force_on_its_first_and_its_last_day(drafts: World) -> None:
    assert [
        Convention.objects.filter(pk=drafts.conventions["city"].pk).in_force(day).exists()
        for day in (date(2025, 12, 31), date(2026, 1, 1), date(2028, 12, 31), date(2029, 1, 1))
    ] == [False, True, True, False]
    assert not Convention.objects.filter(pk=drafts.conventions["draft"].pk).in_force(date(2029, 6, 1)).exists()


def test_quota_reads_as_its_percentage(world: World) -> None:
    quota = Quota.objects.select_related("holder__organisation").get(holder=world.holders["city"])
    assert str(quota) == "Ville de Narbonne : 12 %"
    assert f"{percent_of(123_456).normalize():f}" == "12.3456"
