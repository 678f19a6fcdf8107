"""Which place a few words designate."""

from __future__ import annotations

import pytest

from reservations.models import Territory
from reservations.queries.derogations import FEW, named
from tests.world import World, territory

Kind = Territory.Kind


@pytest.fixture
def paris(world: World) -> World:
    """Codes and names that several scales share."""
    aquitaine = territory(Kind.REGION, "75", "Nouvelle-Aquitaine")
    departement = territory(Kind.DEPARTEMENT, "75", "Paris")
    commune = territory(Kind.COMMUNE, "75056", "Paris", departement=departement)
    world.places |= {"Nouvelle-Aquitaine": aquitaine, "Paris (75)": departement, "Paris": commune}
    return world


@pytest.mark.parametrize(
    ("words", "kinds", "expected"),
    [
        ("Narbonne", [Kind.COMMUNE], ["Narbonne"]),
        ("narbonne", list(Kind), ["Narbonne"]),
        ("11262", list(Kind), ["Narbonne"]),
        ("  GRAND narbonne ", list(Kind), ["Le Grand Narbonne"]),
        ("241100593", [Kind.EPCI, Kind.EPT], ["Le Grand Narbonne"]),
        ("béziers", [Kind.COMMUNE], ["Béziers"]),
        ("beziers mediterranee", list(Kind), ["Béziers Méditerranée"]),
        ("Paris", [Kind.DEPARTEMENT, Kind.REGION], ["Paris (75)"]),
        ("Paris", list(Kind), ["Paris (75)", "Paris"]),
        ("75", list(Kind), ["Paris (75)", "Nouvelle-Aquitaine"]),
        ("Paris (département, 75)", list(Kind), ["Paris (75)"]),
        ("Paris (Commune, 75056)", list(Kind), ["Paris"]),
        ("Paris (commune, 75056)", [Kind.DEPARTEMENT], []),
        ("Atlantide", list(Kind), []),
        ("", list(Kind), []),
        ("' ; --", list(Kind), []),
    ],
)
def test_words_designate_places(paris: World, words: str, kinds: list[str], expected: list[str]) -> None:
    assert {place.pk for place in named(words, kinds=kinds)} == {paris.places[name].pk for name in expected}


def test_many_answers_are_cut_with_the_shortest_names_first(world: World) -> None:
    for number in range(10):
        territory(Kind.COMMUNE, f"9900{number}", f"Saint-Martin{'-du-Bois' * (number > 2)} {number}")
    found = named("saint martin")
    assert len(found) == FEW
    assert [place.code for place in found[:3]] == ["99000", "99001", "99002"]
