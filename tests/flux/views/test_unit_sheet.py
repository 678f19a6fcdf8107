"""What the landlord says of a unit, and what whoever proposes candidates reads of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
import time_machine
from django.urls import reverse

from benchmarks.words import LONGEST
from flux.models import IncomeCeiling
from flux.operations.units import UnitFacts, UnitRefused, describe_unit
from reservations.models import HistoryEntry
from tests.flux.operations.test_returning import send
from tests.flux.views.pages import messages_of, text_of
from tests.house.budgets import words_shown
from tests.world import MORNING

if TYPE_CHECKING:
    from django.test import Client

    from tests.world import World

    SignIn = Callable[[str], Client]

TYPED = {
    "floor": "2",
    "has_lift": "False",
    "is_accessible": "",
    "rent": "517,20",
    "charges": "84",
}


@pytest.fixture(autouse=True)
def morning() -> Iterator[None]:
    with time_machine.travel(MORNING, tick=False):
        yield


def test_what_is_not_known_is_stated(world: World, sign_in: SignIn) -> None:
    routing = send(world, "city")
    for name, url in (
        ("aline", reverse("unit-detail", args=[routing.vacancy.unit_id])),
        ("chloe", reverse("vacancy-detail", args=[routing.vacancy_id])),
    ):
        words = text_of(sign_in(name).get(url))
        assert "Étage non renseigné, ascenseur non renseigné" in words
        assert "Accessible en fauteuil non renseigné" in words
        assert "Loyer non renseigné" in words
        assert "non renseigné par mois" not in words
        assert "Plafonds de ressources PLUS autres régions, en vigueur depuis le 1er janvier 2026." in words


def test_landlord_types_the_sheet_and_the_holder_reads_it(world: World, sign_in: SignIn) -> None:
    routing = send(world, "city")
    unit = routing.vacancy.unit
    aline = sign_in("aline")
    page = aline.post(reverse("unit-edit", args=[unit.pk]), TYPED, follow=True)
    assert messages_of(page) == [f"La fiche de {unit} est enregistrée."]
    unit.refresh_from_db()
    assert (unit.floor, unit.has_lift, unit.is_accessible) == (2, False, None)
    assert (unit.rent, unit.charges, unit.is_adapted_plai) == (Decimal("517.20"), Decimal(84), False)
    words = text_of(sign_in("chloe").get(reverse("vacancy-detail", args=[routing.vacancy_id])))
    assert "Étage 2e étage, ascenseur non" in words
    assert "Loyer 517,20 € hors charges, charges 84 € par mois" in words
    home = text_of(sign_in("chloe").get(reverse("home")))
    assert "2e étage" in home
    assert "loyer 517,20 € hors charges" in home
    entry = HistoryEntry.objects.about(unit).get()
    assert (entry.by, entry.details["rent"]) == (world.people["aline"], [None, "517.20"])
    form = aline.get(reverse("unit-edit", args=[unit.pk]))
    assert "Modification" in text_of(form)
    assert form.context["form"]["rent"].value() == "517,2"


def test_house_on_each_floor_says_its_facts_in_words(world: World, sign_in: SignIn) -> None:
    """A PLAI adapté, whose charges nobody gave, on the sheet of the unit and on that of its vacancy."""
    unit = world.unit(financing_code="10", is_house=True, is_adapted_plai=True, rent=Decimal("310.50"))
    pages = [reverse("unit-detail", args=[unit.pk]), reverse("vacancy-detail", args=[world.vacancy(unit).pk])]
    aline = sign_in("aline")
    for floor, each in ((0, "rez-de-chaussée"), (-1, "sous-sol"), (1, "1er étage")):
        describe_unit(
            unit=unit,
            facts=UnitFacts(floor=floor, rent=Decimal("310.50"), is_adapted_plai=True),
            by=world.people["aline"],
        )
        for page in pages:
            words = text_of(aline.get(page))
            assert "Logement T3, maison Adresse" in words
            assert f"Étage {each}, ascenseur non renseigné" in words
            assert "Loyer 310,50 € hors charges, charges non renseignées par mois" in words
            assert "PLAI adapté oui : moins de trois candidats peuvent être examinés (CCH, R441-3)" in words


def test_sheet_that_changes_nothing_writes_nothing(world: World) -> None:
    unit = world.unit(financing_code="10")
    describe_unit(unit=unit, facts=UnitFacts(), by=world.people["aline"])
    assert not HistoryEntry.objects.about(unit).exists()
    describe_unit(unit=unit, facts=UnitFacts(is_adapted_plai=True), by=world.people["aline"])
    assert HistoryEntry.objects.about(unit).get().details == {"is_adapted_plai": [False, True]}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"floor": 61}, "floor"),
        ({"floor": -4}, "floor"),
        ({"rent": Decimal(5001)}, "rent"),
        ({"charges": Decimal(-1)}, "charges"),
        ({"rent": Decimal("1.234")}, "rent"),
        ({"is_adapted_plai": True}, "is_adapted_plai"),
    ],
)
def test_fact_that_cannot_be_is_refused(world: World, wrong: dict[str, object], field: str) -> None:
    with pytest.raises(UnitRefused) as refused:
        describe_unit(unit=world.unit(), facts=UnitFacts(**wrong), by=world.people["aline"])
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"floor": "haut"}, "Écrivez un nombre entier en chiffres : 2 par exemple."),
        ({"rent": "beaucoup"}, "Écrivez un nombre en chiffres : 517,20 par exemple."),
        ({"is_adapted_plai": "on"}, "Un PLAI adapté est d’abord un PLAI"),
    ],
)
def test_refused_sheet_comes_back_with_its_sentence(
    world: World, sign_in: SignIn, wrong: dict[str, str], sentence: str
) -> None:
    page = sign_in("aline").post(reverse("unit-edit", args=[world.unit().pk]), TYPED | wrong)
    assert page.status_code == 422
    assert sentence in text_of(page)


def test_administrator_reads_the_ceilings_and_adds_one(world: World, sign_in: SignIn) -> None:
    adam = sign_in("adam")
    answer = adam.get(reverse("income-ceiling-list"))
    assert "à confirmer pour 2026" in text_of(answer)
    assert words_shown(answer.content.decode()) < LONGEST
    pages = answer.context["page"].paginator.page_range
    words = " ".join(text_of(adam.get(reverse("income-ceiling-list"), {"page": each})) for each in pages)
    assert "PLUS, autres régions 1 23 403 €" in words
    typed = {
        "financing": "PLAI",
        "zone": "ELSEWHERE",
        "household": "1",
        "amount": "12870",
        "extra": "",
        "starts_on": "01/01/2027",
        "source": "arrêté du 20 décembre 2026",
    }
    page = adam.post(reverse("income-ceiling-new"), typed, follow=True)
    assert "Le nouveau plafond compte à partir du 1er janvier 2027" in messages_of(page)[0]
    assert IncomeCeiling.objects.get(starts_on__year=2027).amount == 12_870
    refused = adam.post(reverse("income-ceiling-new"), typed | {"extra": "3"})
    assert refused.status_code == 422
    assert "ne va qu’avec la catégorie 6" in text_of(refused)
    guessed = adam.post(reverse("income-ceiling-new"), typed | {"amount": "12.870", "starts_on": "01/01/2028"})
    assert guessed.status_code == 422
    assert "Écrivez un nombre entier d’euros en chiffres" in text_of(guessed)
