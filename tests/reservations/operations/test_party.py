"""Registering organisations."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from reservations.models import Landlord, Organisation, ReservationHolder
from reservations.operations.party import (
    CONTINGENTS,
    TerritoryOutOfPlace,
    register_landlord,
    register_organisation,
)
from tests.world import World, siren

Kind = Organisation.Kind


def test_every_kind_of_organisation_says_its_contingents() -> None:
    assert set(CONTINGENTS) == set(Kind)


@pytest.mark.parametrize(
    ("kind", "place", "contingents"),
    [
        (Kind.STATE, "Hérault", [2, 1]),
        (Kind.ACTION_LOGEMENT, None, [3]),
        (Kind.COMMUNE, "Béziers", [4]),
        (Kind.EPCI, "Béziers Méditerranée", [4]),
        (Kind.DEPARTEMENT, "Hérault", [4]),
        (Kind.REGION, "Occitanie", [4]),
        (Kind.OTHER, None, [6]),
        (Kind.OPERATOR, None, []),
    ],
)
def test_organisation_receives_the_contingents_of_its_kind(
    world: World, kind: str, place: str | None, contingents: list[int]
) -> None:
    organisation = register_organisation(
        siren=siren(60), name="Une organisation", kind=kind, territory=world.places[place] if place else None
    )
    assert list(organisation.contingents.values_list("contingent", flat=True)) == contingents


def test_landlord_receives_the_row_that_nobody_reserves(world: World) -> None:
    landlord = register_landlord(siren=siren(60), name="Habitat du Lauragais", acronym="hl")
    assert landlord.acronym == "HL"
    assert [holder.is_not_reserved for holder in landlord.organisation.contingents.all()] == [True]


@pytest.mark.parametrize("wrong", ["", "99900000", "999000004", "99900000A"])
def test_wrong_siren_is_refused_and_nothing_is_written(world: World, wrong: str) -> None:
    before = Organisation.objects.count(), ReservationHolder.objects.count()
    with pytest.raises(ValidationError) as refused:
        register_organisation(siren=wrong, name="Une organisation", kind=Kind.OTHER)
    assert set(refused.value.error_dict) == {"siren"}
    assert (Organisation.objects.count(), ReservationHolder.objects.count()) == before


def test_known_acronym_is_refused_and_the_organisation_is_not_left_behind(world: World) -> None:
    before = Organisation.objects.count(), Landlord.objects.count()
    with pytest.raises(ValidationError) as refused:
        register_landlord(siren=siren(60), name="Romorantin Habitat", acronym="rh")
    assert set(refused.value.error_dict) == {"acronym"}
    assert (Organisation.objects.count(), Landlord.objects.count()) == before


@pytest.mark.parametrize("kind", [Kind.COMMUNE, Kind.EPCI])
def test_authority_without_its_territory_is_refused(world: World, kind: str) -> None:
    with pytest.raises(TerritoryOutOfPlace, match=r"^Donnez le territoire de cette") as refused:
        register_organisation(siren=siren(60), name="Sans lieu", kind=kind)
    assert refused.value.field == "territory"


@pytest.mark.parametrize(
    ("kind", "place"),
    [
        (Kind.COMMUNE, "Le Grand Narbonne"),
        (Kind.EPCI, "Narbonne"),
        (Kind.DEPARTEMENT, "Occitanie"),
        (Kind.REGION, "Aude"),
        (Kind.STATE, "Narbonne"),
    ],
)
def test_authority_on_a_territory_of_another_scale_is_refused(world: World, kind: str, place: str) -> None:
    with pytest.raises(TerritoryOutOfPlace, match=r"n’est pas le territoire d’une organisation de nature"):
        register_organisation(siren=siren(60), name="Ailleurs", kind=kind, territory=world.places[place])
    assert not Organisation.objects.filter(siren=siren(60)).exists()
