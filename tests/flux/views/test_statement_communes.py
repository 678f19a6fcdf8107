"""A statement says by commune what its holder received beside what equal rates promise (CCH, R441-5-2, II)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from flux.models import FlowEntry, Ledger
from flux.operations.routing import confirm_recommendations, route_elsewhere, route_waiting_vacancies
from flux.queries.balance import by_commune
from reservations.models.convention import UNIT
from tests.flux.operations.test_returning import agree
from tests.flux.views.pages import text_of
from tests.flux.views.test_account import page
from tests.world import MORNING, World
from tests.world_again import kept

SignIn = Callable[[str], Client]


@pytest.fixture(autouse=True)
def morning(time_machine: Any) -> None:
    time_machine.move_to(MORNING, tick=False)


@pytest.fixture
@kept
def ledger(world: World) -> Ledger:
    """Fifteen units in three communes over two months, routed as the rule says."""
    for days in (50, 48, 44, 40, 35, 33, 29, 26, 20, 16, 13, 11, 8, 5, 2):
        commune = ("Narbonne", "Narbonne", "Coursan", "Narbonne", "Sigean")[days % 5]
        vacancy = world.vacancy(now=MORNING - timedelta(days=days), commune=commune)
        route_waiting_vacancies(ledger_id=vacancy.ledger_id, now=MORNING - timedelta(days=days))
        confirm_recommendations(vacancies=[vacancy.pk], by=world.people["aline"], now=MORNING - timedelta(days=days))
    return Ledger.objects.select_related("landlord__organisation", "departement").get()


def counted(ledger: Ledger, holder: int, on: date) -> dict[str, tuple[int, int, int]]:
    """By commune, entry by entry: units that credited the holder, what they credited, units received."""
    entered, due, received = Counter[str](), Counter[str](), Counter[str]()
    for entry in FlowEntry.objects.filter(ledger=ledger, holder=holder, on__lte=on).select_related("vacancy__unit"):
        commune = entry.vacancy.unit.commune.name
        if entry.stage == FlowEntry.Stage.DUE:
            entered[commune] += 1
            due[commune] += entry.quantity
        received[commune] += entry.reached
    return {commune: (entered[commune], due[commune], received[commune]) for commune in entered}


@pytest.mark.parametrize("on", [date(2026, 10, 31), date(2026, 11, 12), date(2026, 11, 24)])
def test_communes_are_those_of_the_entries_whatever_the_day(world: World, ledger: Ledger, on: date) -> None:
    for name in ("priority", "als", "city"):
        holder = world.holders[name]
        expected = counted(ledger, holder.pk, on)
        found = by_commune(ledger, holder, on=on)
        assert {row.commune.name: (row.entered, row.due, row.received) for row in found} == expected
        rate = Fraction(sum(due for _, due, _ in expected.values()), sum(each for each, _, _ in expected.values()))
        assert all(abs(row.equal - rate * row.entered) <= 1 for row in found)
        assert sum(row.equal for row in found) == sum(row.due for row in found)


def test_a_statement_says_which_commune_is_furthest_from_equal_rates(
    world: World, sign_in: SignIn, ledger: Ledger
) -> None:
    """Four units more of Coursan, all sent to the State: over a unit above what equal rates promise it there."""
    state, address = world.holders["priority"], reverse("statement", args=[ledger.pk, world.holders["priority"].pk])
    text = text_of(sign_in("alice").get(address))
    assert "Dans chaque commune, il a reçu à moins d’un logement près ce que des taux égaux promettent." in text
    assert "Sa convention ne demande pas l’uniformité d’une commune à l’autre" in text
    assert "Commune Libérés À taux égal Dû ici Reçus Écart à taux égal" in text
    for _ in range(4):
        vacancy = world.vacancy(commune="Coursan")
        route_waiting_vacancies(ledger_id=ledger.pk, now=MORNING)
        if vacancy.recommendations.get().holder != state:
            given = {"vacancy": vacancy, "holder": state, "motive": "OTHER", "motive_text": "Test."}
            route_elsewhere(**given, by=world.people["aline"], now=MORNING)
    agree(world.conventions["state"], uniform_communes=True)
    text = text_of(sign_in("alice").get(address))
    [row] = [each for each in by_commune(ledger, state, on=MORNING.date()) if each.commune.name == "Coursan"]
    assert row.gap < -UNIT
    assert f"Le plus loin des taux égaux : Coursan, {row.received} reçus pour " in text
    assert "Sa convention demande l’uniformité d’une commune à l’autre : la règle en tient compte." in text


def test_a_single_commune_has_nothing_to_compare(world: World, sign_in: SignIn, ledger: Ledger) -> None:
    """The rights of the city are its own; nobody promises the landlord a part."""
    client = sign_in("alice")
    for holder in (world.holders["city"].pk, world.landlord.organisation.contingents.get(contingent=7).pk):
        text = page(client, reverse("statement", args=[ledger.pk, holder]))
        assert "Uniforme d’une commune à l’autre ?" not in text
