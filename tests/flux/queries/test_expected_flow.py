"""How many units a year a perimeter is expected to see in the flow."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from flux.queries.flow import expected_flows, year_until, yearly_dues
from tests.flux.forecasts import forecast
from tests.world import MORNING, World

TODAY = MORNING.date()


def expected(world: World, place: str, year: int = 2026) -> int | None:
    pk = world.places[place].pk
    return expected_flows(world.landlord, [pk], year=year, until=TODAY).get(pk)


def test_nothing_is_known_before_anything_happens(world: World) -> None:
    assert expected(world, "Narbonne") is None


def test_twelve_months_of_the_flow_state(world: World) -> None:
    world.vacancy(commune="Narbonne")
    world.vacancy(commune="Coursan")
    world.vacancy(commune="Béziers")
    world.vacancy(commune="Narbonne", kind="EXCLUDED", exclusion="URBAN_RENEWAL")
    world.vacancy(commune="Narbonne", now=MORNING - timedelta(days=366))
    world.vacancy(unit=world.unit(landlord=world.other_landlord, commune="Narbonne"), kind="TECHNICAL")
    places = ("Narbonne", "Le Grand Narbonne", "Aude", "Occitanie", "Sigean")
    assert [expected(world, place) for place in places] == [1, 2, 2, 3, None]


def test_forecast_sent_is_shared_as_the_flow_was(world: World) -> None:
    """480 units expected in the Aude: a third of them in Narbonne."""
    world.unit(commune="Sigean")
    forecast(world, 2026, sent=True)
    forecast(world, 2027)
    assert expected(world, "Aude") == 480
    assert expected(world, "Narbonne") is None
    for commune in ("Narbonne", "Coursan", "Coursan"):
        world.vacancy(commune=commune)
    assert [expected(world, place) for place in ("Narbonne", "Le Grand Narbonne", "Aude")] == [160, 480, 480]
    assert expected(world, "Aude", 2027) == 3


def test_dues_of_several_shares_add_up(world: World) -> None:
    for commune in ("Narbonne", "Coursan"):
        world.vacancy(commune=commune)
    shares = [(world.places["Narbonne"].pk, 120_000), (world.places["Aude"].pk, 50_000)]
    assert yearly_dues(world.landlord, shares, year=2026, until=TODAY) == 120_000 + 2 * 50_000


@pytest.mark.parametrize(
    ("on", "since"),
    [
        (date(2026, 11, 24), date(2025, 11, 24)),
        (date(2028, 2, 29), date(2027, 2, 28)),
        (date(2028, 3, 31), date(2027, 3, 31)),
        (date.min, date.min),
    ],
)
def test_twelve_months_end_on_the_day(on: date, since: date) -> None:
    assert year_until(on) == since


@pytest.mark.parametrize("count", [1, 3])
def test_costs_two_queries(world: World, count: int, django_assert_num_queries) -> None:
    for commune in ("Narbonne", "Coursan", "Béziers")[:count]:
        world.vacancy(commune=commune)
    with django_assert_num_queries(2):
        expected_flows(world.landlord, [place.pk for place in world.places.values()], year=2026, until=TODAY)
