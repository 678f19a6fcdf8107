"""The pages of the February forecast in the states that a year seldom shows: each sentence of theirs is drawn."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from flux.models import Forecast
from flux.operations.forecast import write_forecast
from reservations.operations.derogation import record_derogation
from tests.flux.views.pages import text_of
from tests.flux.views.test_forecast import at, write
from tests.world import MORNING, World, promise_behind_the_acts

SignIn = Callable[[str], Client]


@pytest.fixture(autouse=True)
def morning(time_machine: time_machine.TimeMachineFixture) -> None:
    time_machine.move_to(MORNING, tick=False)


def elsewhere(world: World, name: str) -> str:
    """A page of the other landlord, in the Hérault, where nobody has signed."""
    return reverse(name, args=[world.other_landlord.pk, "34", 2027])


def write_elsewhere(world: World, expected: int) -> Forecast:
    return write_forecast(
        landlord=world.other_landlord,
        departement=world.places["Hérault"],
        exercise=2027,
        expected=expected,
        subtracted={},
        by=world.people["zoe"],
        today=MORNING.date(),
    )


def test_a_draft_past_its_day_is_late_until_its_year_closes(world: World, sign_in: SignIn) -> None:
    world.unit()
    write(world, 2026)
    client = sign_in("alice")
    assert "il était attendu avant le 28 février 2026, envoyez-le sans attendre." in text_of(
        client.get(at(world, "forecast", 2026))
    )
    assert "brouillon, en retard attendu avant le 28 février 2026 Envoyer" in text_of(
        client.get(reverse("forecast-list"))
    )
    with time_machine.travel(datetime(2028, 3, 1, 9, tzinfo=UTC), tick=False):
        assert "année close" in text_of(sign_in("alice").get(reverse("forecast-list")))


def test_promises_over_the_whole_flow_leave_no_target(world: World, sign_in: SignIn) -> None:
    """25 + 5 + 20 + 90 + 6 % of 480 units, all of them in Narbonne: 146 %."""
    world.vacancy()
    promise_behind_the_acts(world.conventions["city"], 900_000)
    write(world)
    words = text_of(sign_in("alice").get(at(world, "forecast")))
    assert (
        "Aucun objectif : les conventions de 2027 promettent 220,80 logements de plus que le flux net. Rien n’est "
        "réduit d’office"
    ) in words


def test_no_flow_leaves_no_target_and_nobody_to_send_it_to(world: World, sign_in: SignIn) -> None:
    world.unit(landlord=world.other_landlord, commune="Béziers")
    write_elsewhere(world, 0)
    client = sign_in("zoe")
    assert "Le flux net attendu est de 0 logement : il n’y a pas d’objectif à partager." in text_of(
        client.get(elsewhere(world, "forecast"))
    )
    page = client.get(elsewhere(world, "forecast-send"))
    assert "Personne à qui l’envoyer pour l’instant" in text_of(page)
    assert "btn go" not in page.content.decode().split("<main", 1)[1]


def test_order_that_lifts_a_cap_is_cited_beside_it(world: World, sign_in: SignIn) -> None:
    record_derogation(
        landlord=world.landlord,
        departement=world.places["Aude"],
        code="STATE_SHARE_MAX",
        value=Decimal(35),
        starts_on=date(2027, 1, 1),
        ends_on=date(2027, 12, 31),
        order="arrêté n° 2026-7",
        by=world.people["bob"],
    )
    world.unit()
    write(world)
    words = text_of(sign_in("alice").get(at(world, "forecast")))
    assert "(CCH, R441-5-2 ; dérogation : arrêté n° 2026-7) ; objectif" in words


def test_form_names_the_years_that_it_proposes_from_or_that_none_is_known(world: World, sign_in: SignIn) -> None:
    for year, count in ((2024, 1), (2025, 2)):
        for _ in range(count):
            world.vacancy(now=datetime(year, 1, 4, 9, tzinfo=UTC))
    words = text_of(sign_in("alice").get(at(world, "forecast-edit")))
    assert "2 logements libérés proposés, d’après la moyenne des années connues (2024, 2025). L’écran" in words
    words = text_of(sign_in("zoe").get(elsewhere(world, "forecast-edit")))
    assert "0 logement libéré connu avant 2027 : rien n’est proposé, écrivez ce que vous prévoyez." in words
    assert "Aucun logement libéré enregistré les trois années d’avant." in words
