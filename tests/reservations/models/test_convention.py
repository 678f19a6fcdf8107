"""Who sees which conventions."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction

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


#: Another value of a column, by its type.
ANOTHER = {
    "boolean": "NOT coalesce({0}, false)",
    "integer": "coalesce({0}, 0) + 1",
    "bigint": "coalesce({0}, 0) + 1",
    "smallint": "coalesce({0}, 0) + 1",
    "date": "coalesce({0}, DATE '2020-01-01') + 1",
    "character varying": "left({0}, 2) || 'z'",
    "text": "{0} || 'z'",
    "ARRAY": "{0} || '{{z}}'",
    "jsonb": '{0} || \'{{"z": "z"}}\'',
}
#: What its life still changes: its state, its end, the days of its steps, who takes over.
STEPS = {"status", "proposed_on", "signed_on", "ends_on", "formal_notice_on", "successor_id"}


@pytest.mark.parametrize("name", ["draft", "city"])
def test_no_column_of_a_convention_out_of_its_draft_changes_but_those_of_its_steps(drafts: World, name: str) -> None:
    """A proposal, and a signed one: what was agreed is what is executed (CCH, R441-5, R441-5-3; Code civil, art. 1193),
    whatever the column, and one to come like the others."""
    row = drafts.conventions[name].pk
    Convention.objects.filter(pk=row, status="DRAFT").update(status="PROPOSED")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = 'reservations_convention'"
        )
        refused = set(columns := dict(cursor.fetchall()))
        for column, kind in columns.items():
            value = ANOTHER[kind].format(column)
            try:
                with transaction.atomic():
                    cursor.execute(f"UPDATE reservations_convention SET {column} = {value} WHERE id = %s", [row])  # noqa: S608
                    transaction.set_rollback(True)
            except DatabaseError as error:
                if "rule terms_kept" in str(error):
                    continue
            refused.remove(column)
    assert set(columns) - refused == STEPS
