"""New programmes for tests, built through the acts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from flux.models import Allotment, Programme, Unit, Vacancy
from flux.operations.allotment import Share, agree_allotment, register_programme, set_allotment
from reservations.models import Convention
from tests.guards import unguarded
from tests.world import MORNING

if TYPE_CHECKING:
    from tests.world import World

DELIVERY = MORNING.date() + timedelta(days=60)

#: (holder's name in the world, how many units, those named)
Shared = tuple[str, int, Sequence[Unit]]


def planned(
    world: World,
    *,
    units: int,
    name: str = "Les Quais",
    commune: str = "Narbonne",
    delivered_on: date = DELIVERY,
) -> Programme:
    """A programme without units yet, delivered in two months."""
    return register_programme(
        landlord=world.landlord,
        name=name,
        commune=world.places[commune],
        delivered_on=delivered_on,
        expected_units=units,
        by=world.people["alice"],
    )


def unit_of(world: World, programme: Programme, **given: object) -> Unit:
    """One more unit of that programme."""
    number = Unit.objects.filter(landlord=world.landlord).count() + 1
    defaults = {
        "reference": f"NEUF-{number:03d}",
        "street_number": "4",
        "street_type": "QUAI",
        "street_name": "VICTOR HUGO",
        "ordinal": number,
        "rooms": 3,
        "financing_code": "13",
        "in_qpv": False,
        "construction_year": 2026,
    }
    return Unit.objects.create(
        landlord=programme.landlord, programme=programme, commune=programme.commune, **(defaults | given)
    )


def drafted(world: World, programme: Programme, *shares: Shared) -> list[Allotment]:
    """Draft an allotment in the place of the one before."""
    return set_allotment(
        programme=programme,
        shares=[Share(world.holders[holder], count, tuple(named)) for holder, count, named in shares],
        by=world.people["alice"],
    )


def agreed(world: World, *shares: Shared, units: int, **given: object) -> Programme:
    """A programme whose allotment, without named units, is agreed today."""
    programme = planned(world, units=units, **given)
    drafted(world, programme, *shares)
    return agree_allotment(
        programme=programme,
        agreed_on=MORNING.date(),
        by=world.people["alice"],
        why="Concertation du 12.",
        now=MORNING,
    )


def count_first_lettings(*conventions: Convention) -> None:
    """Let these signed conventions of the small world count first lettings in their shares."""
    with unguarded("reservations_convention.terms_kept"):
        for convention in conventions:
            Convention.objects.filter(pk=convention.pk).update(first_letting_counts=True)


def let(world: World, programme: Programme, unit: Unit | None = None, **given: object) -> Vacancy:
    """Declare the first letting of a unit of that programme, through the act."""
    return world.vacancy(unit or unit_of(world, programme), kind=Vacancy.Kind.FIRST_LETTING, **given)
