"""What the arrêté of 10 March 2011 asks of a convention with the State: its stock, its rotation, what is offered; and
headings that say what a table of rates gives."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from flux.models import ConventionStock
from flux.operations.conversions import propose
from reservations.models import Convention, Rate
from tests.flux.views.pages import text_of
from tests.world import MORNING, World, convention

SignIn = Callable[[str], Client]
FIRST = date(2029, 1, 1)


@pytest.fixture(autouse=True)
def morning(time_machine: Any) -> None:
    time_machine.move_to(MORNING, tick=False)


def drafted(world: World, *quotas: tuple[Any, str, int]) -> Convention:
    hold = world.holders
    parts = quotas or ((hold["priority"], "25", 1), (hold["agents"], "5", 2))
    return convention(
        world.landlord,
        world.state,
        world.places["Aude"],
        *parts,
        starts_on=FIRST,
        ends_on=date(2031, 12, 31),
        signed=False,
    )


def paper(client: Client, row: Convention) -> str:
    return text_of(client.get(reverse("convention-document", args=[row.pk])))


def test_it_holds_the_stock_and_the_rotation_by_typology_with_their_date(world: World, sign_in: SignIn) -> None:
    """1°: the stock subject to reservation; 2°: units and rotation by typology, and what is offered."""
    alice = sign_in("alice")
    assert "Aucune année entière n’est encore enregistrée" in paper(alice, drafted(world))
    for rooms, code, in_qpv in ((2, "13", False), (2, "13", True), (3, "13", False)):
        unit = world.unit(rooms=rooms, financing_code=code, in_qpv=in_qpv, surface=50, is_accessible=rooms == 2)
        world.vacancy(unit=unit, now=datetime(2025, 1, 3, 8, tzinfo=UTC))
    for _ in range(5):
        world.unit(rooms=2, surface=40)
    row = Convention.objects.get(starts_on=FIRST)
    result = paper(alice, row)
    assert "Parc soumis au droit de réservation (CCH, L441-1) et rotation, au 24 novembre 2026" in result
    assert "T2 7 43 m² 2 2 28,6 %" in result.replace("\u202f", " ")
    assert "T3 1 50 m² 0 1 100,0 %" in result.replace("\u202f", " ")
    assert "Composition de l’offre, de 2025 : typologie et financement" in result
    assert "en QPV 1 hors QPV 2" in result
    assert "Parc soumis" not in paper(alice, world.conventions["city"])


def test_what_was_proposed_stays_as_it_was_counted_then(world: World, sign_in: SignIn, time_machine: Any) -> None:
    world.unit(rooms=2)
    row = propose(convention=drafted(world), by=world.people["alice"])
    before = paper(sign_in("alice"), row)
    assert "T2 1 –" in before
    time_machine.move_to(MORNING + timedelta(days=9), tick=False)
    world.unit(rooms=2)
    assert paper(sign_in("alice"), row) == before
    with pytest.raises(DatabaseError), transaction.atomic():
        ConventionStock.objects.filter(convention=row).delete()


def test_heading_says_what_the_table_gives(world: World, sign_in: SignIn) -> None:
    """« 25 + 5 = 30 %, 1 logement sur 4 » is not printed above a table in which 25 % applies to nothing, nor
    « uniforme » above the rate of a commune."""
    row, alice = drafted(world), sign_in("alice")
    plain = paper(alice, row)
    assert "1 logement sur 4" in plain
    assert "Ensemble 30 %" in plain.replace("\u202f", " ").replace("\xa0", " ")
    assert "de manière uniforme dans chaque commune" in plain
    assert "n’est pas inférieure à 30" in plain
    quota = row.quotas.get(holder=world.holders["priority"])
    for category, share in (("qpv:en QPV", 300_000), ("qpv:hors QPV", 200_000)):
        Rate.objects.create(quota=quota, categories=[category], share=share)
    text = paper(alice, row).replace("\u202f", " ").replace("\xa0", " ")
    assert "de 20 % à 30 % selon le logement" in text
    assert "1 logement sur 4" not in text
    assert "Ensemble 30 %" not in text
    assert "logements dont ces faits ne sont pas renseignés : 25 %" in text
    assert "par accord des parties, elle peut être inférieure à 30 % hors des quartiers prioritaires" in text
    Rate.objects.create(quota=quota, territory=world.places["Narbonne"], share=260_000)
    text = paper(alice, row)
    assert "Par accord des parties, la part de l’État n’est pas la même dans chaque commune" in text
    assert "uniforme" not in text
