"""The page of the dated descriptions of a unit: what it says, and what its form does and refuses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
import time_machine
from django.urls import reverse

from flux.models import FlowCell, Unit
from flux.operations.description import change_unit
from tests.flux.operations.test_returning import send
from tests.flux.views.pages import messages_of, text_of
from tests.world import MORNING

if TYPE_CHECKING:
    from django.test import Client

    from tests.world import World

    SignIn = Callable[[str], Client]

TODAY = MORNING.date()
TYPED = {
    "act": "CHANGE",
    "since": TODAY.strftime("%d/%m/%Y"),
    "source": "Décret n° 2023-1314",
    "rooms": "3",
    "financing_code": "13",
    "in_qpv": "True",
    "qpv_code": "qp011009",
    "qpv_list": "",
    "construction_year": "1984",
}


@pytest.fixture(autouse=True)
def morning() -> Iterator[None]:
    with time_machine.travel(MORNING, tick=False):
        yield


def at(unit: Unit) -> str:
    return reverse("unit-description", args=[unit.pk])


def test_change_is_dated_and_moves_nothing(world: World, sign_in: SignIn) -> None:
    unit = send(world, "city").vacancy.unit
    aline, before = sign_in("aline"), list(FlowCell.objects.order_by("pk").values())
    page = aline.post(at(unit), TYPED, follow=True)
    assert messages_of(page) == [
        f"{unit} est décrit autrement à compter du 24/11/2026. Ce qui est déjà compté ne bouge pas."
    ]
    assert list(FlowCell.objects.order_by("pk").values()) == before
    words = text_of(page)
    assert "T3 PLUS, en QPV (QP011009, liste de 2015), construit en 1984, Narbonne" in words
    assert "Changement : Décret n° 2023-1314" in words
    assert "1 proposé, 0 attribué, 0 bail signé" in words
    assert "aucun acte" in words
    text = text_of(aline.get(reverse("unit-detail", args=[unit.pk])))
    assert "Compté ainsi à compter du 24/11/2026 : T3 PLUS, en QPV (QP011009, liste de 2015)" in text
    assert "Changement : Décret n° 2023-1314, écrit le 24/11/2026 par Aline." in text


def test_error_takes_the_past_along_and_stays_struck_through(world: World, sign_in: SignIn) -> None:
    unit = send(world, "city").vacancy.unit
    aline, first = sign_in("aline"), unit.descriptions.get()
    assert "Compté ainsi depuis le début" in text_of(aline.get(reverse("unit-detail", args=[unit.pk])))
    opened = aline.get(at(unit), {"corrige": first.pk})
    assert opened.context["form"]["act"].value() == "ERROR"
    assert opened.context["form"]["construction_year"].value() == 1984
    page = aline.post(at(unit), TYPED | {"act": "ERROR", "since": "", "corrige": first.pk}, follow=True)
    assert "suivent. Les bilans scellés restent tels quels." in messages_of(page)[0]
    assert list(FlowCell.objects.exclude(offered=0).values_list("in_qpv", flat=True)) == [True]
    assert "Erreur remplacée le 24 novembre 2026 par celle qui suit" in text_of(page)
    assert "<s>T3 PLUS, hors QPV, construit en 1984, Narbonne</s>" in page.content.decode()
    assert "Erreur corrigée : Décret n° 2023-1314, écrit le 24/11/2026 par Aline" in text_of(page)


def test_each_description_opens_its_own_facts(world: World, sign_in: SignIn) -> None:
    unit = world.unit(construction_year=None, financing_code="")
    change_unit(
        unit=unit, since=TODAY - timedelta(9), changes={"in_qpv": True}, source="liste", by=world.people["aline"]
    )
    first = unit.descriptions.order_by("since")[0]
    aline = sign_in("aline")
    assert aline.get(at(unit), {"corrige": first.pk}).context["form"]["in_qpv"].value() == "False"
    page = aline.get(at(unit))
    assert page.context["form"]["in_qpv"].value() == "True"
    assert "T3 de financement non renseigné, hors QPV, année non renseignée, Narbonne" in text_of(page)
    assert aline.get(at(unit), {"corrige": "0"}).context["description"] != first


REFUSED = [
    ({"act": ""}, "Dites si le logement a changé, ou si la description était fausse."),
    ({"since": ""}, "Écrivez le jour du changement"),
    ({"since": "25/11/2026"}, "Choisissez un jour jusqu’à aujourd’hui"),
    ({"source": ""}, "Dites d’où vient ce fait"),
    ({"rooms": ""}, "Écrivez le nombre de pièces principales."),
    ({"qpv_code": "QPV-1"}, "Le code d’un quartier a huit signes"),
    ({"qpv_list": "1996"}, "La première liste de quartiers est celle de 2015"),
    ({"in_qpv": "False", "qpv_code": ""}, "Cette description dit déjà cela"),
]


@pytest.mark.parametrize(("wrong", "sentence"), REFUSED)
def test_what_cannot_be_comes_back_with_its_sentence(
    world: World, sign_in: SignIn, wrong: dict[str, str], sentence: str
) -> None:
    unit = world.unit()
    page = sign_in("aline").post(at(unit), TYPED | wrong)
    assert page.status_code == 422
    assert sentence in text_of(page)
    assert unit.descriptions.count() == 1


def test_page_costs_the_same_whatever_the_descriptions(
    world: World, sign_in: SignIn, django_assert_max_num_queries
) -> None:
    unit, aline = world.unit(), sign_in("aline")
    for number in range(12):
        values = {"rooms": 1 + number % 2}
        change_unit(unit=unit, since=date(2026, 1, 1 + number), changes=values, source="plan", by=world.people["aline"])
    with django_assert_max_num_queries(10):
        assert aline.get(at(unit)).status_code == 200
