"""How a unit is known elsewhere: by an act, unique at its landlord, with what it was kept, searched and shown."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from flux.models import Unit, Vacancy
from flux.operations.stock_rights import assign_unit
from flux.operations.units import IdentityRefused, identify_unit
from flux.operations.vacancy import VacancyRefused
from reservations.models import HistoryEntry
from reservations.operations.stock_right import StockRightRefused
from reservations.refusals import Refusal
from reservations.words import day
from tests.flux.operations.test_stock_places import title
from tests.world import MORNING, World

SignIn = Callable[[str], Client]


def test_an_invented_reference_becomes_the_landlord_s_and_its_story_is_kept(sign_in: SignIn, world: World) -> None:
    """Issue « Unit identity »: references were invented (ALT-01-001) and could never be changed."""
    unit, other = world.unit(), world.unit(rpls_id="1100000009")
    client, url = sign_in("alice"), reverse("unit-identity", args=[unit.pk])
    assert "donnée par Équiflux en attendant la vôtre" in client.get(url).text
    before = unit.reference
    values = {"reference": " 0123-B-045 ", "rpls_id": "1100 123456", "software": "Ikos", "why": "Reprise"}
    assert client.post(url, values).status_code == 302
    unit.refresh_from_db()
    assert (unit.reference, unit.rpls_id, unit.software, unit.is_own_reference) == (
        "0123-B-045",
        "1100123456",
        "Ikos",
        True,
    )
    entry = HistoryEntry.objects.about(unit).get()
    assert (entry.by, entry.why, entry.details["reference"]) == (
        world.people["alice"],
        "Reprise",
        [before, "0123-B-045"],
    )
    assert "votre référence" in client.get(url).text
    assert f"référence {before}, devenue 0123-B-045" in client.get(reverse("unit-edit", args=[unit.pk])).text
    assert "1100123456" in client.get(reverse("unit-detail", args=[unit.pk])).text
    for words in ("1100123456", "0123-B-045"):
        found = client.get(reverse("unit-list"), {"q": words}).text
        assert ("0123-B-045" in found, other.reference in found) == (True, False)

    taken = client.post(url, {"reference": other.reference})
    assert (taken.status_code, "a déjà un logement de cette référence" in taken.text) == (422, True)
    with pytest.raises(Refusal, match="déjà un logement de cet identifiant RPLS"):
        identify_unit(unit=unit, reference="X", rpls_id="1100000009", by=None)
    with pytest.raises(IdentityRefused, match="40 caractères au plus"):
        identify_unit(unit=unit, reference="X" * 41, by=None)
    with pytest.raises(IdentityRefused, match="des chiffres et des lettres, rien d’autre"):
        identify_unit(unit=unit, reference="X", rpls_id="'\"<B>½0000", by=None)
    with pytest.raises(IdentityRefused, match="Écrivez la référence"):
        identify_unit(unit=unit, reference=" ", by=None)
    identify_unit(unit=unit, reference="0123-B-045", rpls_id="1100123456", software="Ikos", by=None)
    assert HistoryEntry.objects.about(unit).count() == 1
    identify_unit(unit=unit, reference="0123-B-046", rpls_id="1100123456", software="Ikos", by=None)
    assert "une commande du serveur" in client.get(reverse("unit-edit", args=[unit.pk])).text


def test_a_unit_that_left_the_stock_says_so_and_falls_vacant_no_more(sign_in: SignIn, world: World) -> None:
    gone = world.unit(left_on=MORNING.date(), left_why=Unit.Left.DEMOLISHED, building="B", staircase="2", door="21")
    client = sign_in("alice")
    assert "Sorti du parc" in client.get(reverse("unit-list")).text
    page = client.get(reverse("unit-detail", args=[gone.pk])).text
    assert f"démoli, su le {day(MORNING.date())}" in page
    assert "bâtiment B, escalier 2, porte 21" in page
    with pytest.raises(VacancyRefused, match="sorti du parc"):
        world.vacancy(gone)


def test_a_unit_sold_while_it_is_declared_falls_vacant_no_more(world: World) -> None:
    """What is read before the lock is what it was: a file of departures, or a transfer, may have come between."""
    unit = world.unit()
    assert unit.left_on is None
    Unit.objects.filter(pk=unit.pk).update(left_on=MORNING.date(), left_why=Unit.Left.OCCUPANT)
    with pytest.raises(VacancyRefused, match="sorti du parc"):
        world.vacancy(unit)
    assert not Vacancy.declared.exists()


def test_a_unit_sold_while_a_title_is_put_on_it_bears_none(world: World) -> None:
    unit, right = world.unit(), title(world)
    Unit.objects.filter(pk=unit.pk).update(left_on=MORNING.date(), left_why=Unit.Left.OCCUPANT)
    with pytest.raises(StockRightRefused, match="sorti du parc"):
        assign_unit(right=right, unit=unit, by=world.people["alice"])
