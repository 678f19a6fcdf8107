"""Rights in stock about to end, and rights against loan guarantees over their cap."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from flux.models import Programme
from flux.operations.stock import keep_in_stock
from flux.pages.checks import stock_checks
from reservations.models import LegalParameter
from reservations.operations.party import register_landlord
from reservations.pages.checks.check import Check
from tests.world import World, siren

TODAY = date(2026, 11, 24)


def reserve(
    world: World, holder: str, ground: str, ends_on: date | None = None, *, commune: str = "Narbonne", **given: str
) -> None:
    keep_in_stock(
        unit=world.unit(commune=commune),
        holder=world.holders[holder],
        ground=ground,
        starts_on=date(2010, 1, 1),
        ends_on=ends_on,
        by=world.people["alice"],
        **given,
    )


def found(world: World, **given: object) -> list[Check]:
    return stock_checks([world.landlord], on=TODAY, **given)[world.landlord.pk]


def test_rights_about_to_end_are_one_finding_a_holder(world: World) -> None:
    reserve(world, "city", "LAND", date(2026, 12, 31), reference="T-1")
    reserve(world, "city", "LAND", date(2027, 5, 23), reference="T-2")
    reserve(world, "city", "LAND", date(2027, 5, 24), reference="T-3")
    reserve(world, "als", "FUNDING", date(2026, 11, 24), reference="T-4")
    reserve(world, "epci", "LAND", None)
    assert sorted((check.code.value, check.level.value, check.what) for check in found(world)) == [
        (
            "RIGHT_ENDING",
            "WARNING",
            "Action Logement Services : 1 droit en stock (T-4) finit d’ici 180 jours, le 24/11/2026",
        ),
        (
            "RIGHT_ENDING",
            "WARNING",
            "Ville de Narbonne : 2 droits en stock finissent d’ici 180 jours, le premier le 31/12/2026",
        ),
    ]


def test_territory_keeps_the_rights_that_its_units_bear(world: World) -> None:
    reserve(world, "city", "LAND", date(2026, 12, 31))
    reserve(world, "epci", "LAND", date(2026, 12, 31), commune="Coursan")
    for place, holders in (("Narbonne", ["Ville de Narbonne"]), ("Coursan", ["Le Grand Narbonne"]), ("Hérault", [])):
        kept = found(world, territory=world.places[place])
        assert [check.what.split(" :")[0] for check in kept] == holders


def test_guarantees_over_a_fifth_of_a_programme_are_a_warning(world: World) -> None:
    for _ in range(8):
        world.unit()
    for _ in range(2):
        reserve(world, "city", "LOAN_GUARANTEE", date(2040, 1, 1))
    assert found(world) == []  # 2 of 10: exactly the cap
    reserve(world, "city", "LOAN_GUARANTEE", date(2040, 1, 1))
    (check,) = found(world)
    assert (check.code, check.level, check.where) == ("GUARANTEE_SHARE", "WARNING", "Résidence de Narbonne, Narbonne")
    assert check.what.replace("\u00a0", " ") == (
        "3 logements sur 11 sont réservés contre une garantie d’emprunt : le plafond est de 20 % du programme"
    )
    LegalParameter.objects.filter(code="GUARANTEE_SHARE_MAX").delete()
    assert found(world) == []
    assert Programme.objects.count() == 1


@pytest.mark.parametrize("count", [1, 12])
def test_queries_are_as_many_for_several_landlords(
    world: World, django_assert_num_queries: Callable, count: int
) -> None:
    reserve(world, "city", "LOAN_GUARANTEE", date(2026, 12, 31))
    landlords = [world.landlord] + [
        register_landlord(siren=siren(100 + number), name=f"Bailleur {number}", acronym=f"B{number}")
        for number in range(1, count)
    ]
    with django_assert_num_queries(3):
        stock_checks(landlords, on=TODAY)
