"""Where conventions stand on a day, and the ranks proposed."""

from __future__ import annotations

from datetime import date

import pytest
from django.db.models import Q

from reservations.models import Convention, Organisation
from reservations.operations.party import register_organisation
from reservations.queries.conventions import (
    ConventionState,
    Overview,
    convention_state,
    conventions_of,
    ends_soon,
    overview,
    proposed_ranks,
    stands,
)
from tests.world import World, convention, siren, unsign


@pytest.mark.parametrize(
    ("day", "expected", "soon"),
    [
        (date(2025, 12, 31), ConventionState.TO_COME, False),
        (date(2026, 1, 1), ConventionState.IN_FORCE, False),
        (date(2028, 10, 1), ConventionState.IN_FORCE, False),
        (date(2028, 10, 2), ConventionState.IN_FORCE, True),
        (date(2028, 12, 31), ConventionState.IN_FORCE, True),
        (date(2029, 1, 1), ConventionState.PAST, False),
    ],
)
def test_standing_follows_the_calendar(world: World, day: date, expected: ConventionState, soon: bool) -> None:
    row = world.conventions["city"]
    assert (convention_state(row, day), ends_soon(row, day)) == (expected, soon)
    for each in ConventionState:
        found = Convention.objects.filter(Q(pk=row.pk), stands(each, day)).exists()
        assert found == (each == expected), each


def test_draft_stands_as_a_draft_whatever_the_day(world: World) -> None:
    unsign(world.conventions["city"])
    row = Convention.objects.get(pk=world.conventions["city"].pk)
    for day in (date(2020, 1, 1), date(2026, 6, 1), date(2040, 1, 1)):
        assert convention_state(row, day) == ConventionState.DRAFT
        assert Convention.objects.filter(Q(pk=row.pk), stands(ConventionState.DRAFT, day)).exists()
        assert not Convention.objects.filter(Q(pk=row.pk), stands(ConventionState.IN_FORCE, day)).exists()


def test_ended_convention_runs_to_its_last_day(world: World) -> None:
    row = world.end(world.conventions["city"], date(2026, 12, 31))
    assert convention_state(row, date(2026, 12, 31)) == ConventionState.IN_FORCE
    assert convention_state(row, date(2027, 1, 1)) == ConventionState.PAST


def test_overview_counts_what_the_reader_may_see(world: World) -> None:
    world.end(world.conventions["als"], date(2026, 12, 31))
    convention(
        world.landlord,
        world.city,
        world.places["Narbonne"],
        (world.holders["city"], "10", 4),
        starts_on=date(2029, 1, 1),
        ends_on=date(2030, 12, 31),
        signed=False,
    )
    assert overview(conventions_of(world.member("alice")), date(2026, 11, 24)) == Overview(4, 1, 1, 0, 2026, 2030)
    assert overview(conventions_of(world.member("zoe")), date(2026, 11, 24)) == Overview(0, 0, 0, 0, None, None)
    assert overview(conventions_of(None), date(2026, 11, 24)) == Overview(0, 0, 0, 0, None, None)


def test_known_contingent_keeps_its_rank_and_a_new_one_gets_the_next(world: World) -> None:
    hospital = register_organisation(siren=siren(50), name="Hôpital", kind=Organisation.Kind.OTHER)
    newcomer = hospital.contingents.get()
    hold = world.holders
    assert proposed_ranks(world.landlord, [hold["city"], newcomer], date(2026, 6, 1)) == {
        hold["city"].pk: 4,
        newcomer.pk: 6,
    }
    assert proposed_ranks(world.other_landlord, [hold["priority"], hold["agents"]], date(2026, 6, 1)) == {
        hold["priority"].pk: 1,
        hold["agents"].pk: 2,
    }


def test_rank_of_a_past_convention_is_free_again(world: World) -> None:
    world.end(world.conventions["epci"], date(2026, 12, 31))
    assert proposed_ranks(world.landlord, [world.holders["epci"]], date(2026, 12, 31)) == {world.holders["epci"].pk: 5}
    hospital = register_organisation(siren=siren(50), name="Hôpital", kind=Organisation.Kind.OTHER)
    assert set(proposed_ranks(world.landlord, hospital.contingents.all(), date(2027, 1, 1)).values()) == {5}
