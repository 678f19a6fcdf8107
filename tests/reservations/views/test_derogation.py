"""The screens of the préfet's orders."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from reservations.models import Derogation
from reservations.operations.derogation import record_derogation
from tests.world import World

SignIn = Callable[[str], Client]
LIST, NEW = reverse("derogation-list"), reverse("derogation-new")


def order(world: World, number: int = 7, **given: object) -> Derogation:
    terms = {
        "landlord": world.landlord,
        "departement": world.places["Aude"],
        "code": "STATE_SHARE_MAX",
        "value": Decimal(35),
        "starts_on": date(2026, 7, 1),
        "ends_on": date(2027, 6, 30),
        "order": f"arrêté n° 2026-{number}",
        "by": world.people["bob"],
    }
    return record_derogation(**(terms | given))


def posted(world: World, **given: str) -> dict[str, str]:
    return {
        "landlord": str(world.landlord.pk),
        "departement": str(world.places["Aude"].pk),
        "code": "STATE_SHARE_MAX",
        "value": "35",
        "starts_on": "01/07/2026",
        "ends_on": "30/06/2027",
        "order": "arrêté n° 2026-7",
    } | given


@pytest.mark.parametrize("name", ["alice", "bob"])
def test_order_is_recorded_by_either_party(world: World, sign_in: SignIn, name: str) -> None:
    answer = sign_in(name).post(NEW, posted(world))
    recorded = Derogation.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, reverse("derogation-detail", args=[recorded.pk]))
    assert [str(message) for message in get_messages(answer.wsgi_request)] == [
        "La dérogation est enregistrée : dans Aude, Robine Habitat compte sous ce plafond du 1er juillet 2026 au 30 "
        "juin 2027."
    ]
    page = sign_in("emma").get(answer["Location"]).content.decode()
    assert "Jusqu’à 35 logements sur 100 qui entrent dans le flux (Aude)" in page
    assert name.title() in page


@pytest.mark.parametrize(
    ("given", "field", "sentence"),
    [
        ({"landlord": ""}, "landlord", "Choisissez le bailleur."),
        ({"departement": "0"}, "departement", "Choisissez-le dans la liste."),
        ({"code": "FLOW_REQUIRED"}, "code", "Choisissez-le dans la liste."),
        ({"value": "beaucoup"}, "value", "Écrivez un nombre en chiffres : 35 par exemple."),
        (
            {"value": "30"},
            "value",
            "Le plafond de la loi est déjà de 30 % : une dérogation le dépasse, sinon elle ne sert à rien.",
        ),
        ({"starts_on": "31/02/2026"}, "starts_on", "Écrivez une date qui existe"),
        ({"ends_on": "01/07/2027"}, "ends_on", "Une dérogation dure 12 mois au plus (CCH, R441-5-2)"),
        ({"order": " "}, "order", "Citez l’arrêté préfectoral : son numéro et sa date."),
    ],
)
def test_mistake_comes_back_with_what_was_typed_and_nothing_is_written(
    world: World, sign_in: SignIn, given: dict[str, str], field: str, sentence: str
) -> None:
    answer = sign_in("bob").post(NEW, posted(world, **given))
    assert answer.status_code == 422
    form = answer.context["form"]
    assert [list(form.errors), form.errors[field][0].replace("\u00a0", " ").startswith(sentence)] == [[field], True]
    assert Derogation.objects.count() == 0


def test_state_records_in_its_own_departements_and_a_landlord_for_itself(world: World, sign_in: SignIn) -> None:
    away = posted(world, departement=str(world.places["Hérault"].pk))
    assert sign_in("bob").post(NEW, away).status_code == 422
    other = posted(world, landlord=str(world.other_landlord.pk))
    assert sign_in("alice").post(NEW, other).status_code == 422
    assert Derogation.objects.count() == 0


def test_orders_are_read_by_whom_they_concern(world: World, sign_in: SignIn) -> None:
    order(world)
    order(world, 8, landlord=world.other_landlord, departement=world.places["Hérault"])
    seen = {
        name: [line.derogation.order[-1] for line in sign_in(name).get(LIST).context["lines"]]
        for name in ("alice", "bob", "emma", "zoe", "adam")
    }
    assert seen == {"alice": ["7"], "bob": ["7"], "emma": ["7"], "zoe": ["8"], "adam": ["7", "8"]}


def test_end_is_brought_forward_on_the_page(world: World, sign_in: SignIn) -> None:
    page = reverse("derogation-detail", args=[order(world).pk])
    client = sign_in("bob")
    assert client.post(page, {"ends_on": "31/12/2026", "why": ""}).status_code == 422
    assert client.post(page, {"ends_on": "30/06/2027", "why": "abrogé"}).status_code == 422
    assert Derogation.objects.get().ends_on == date(2027, 6, 30)
    assert client.post(page, {"ends_on": "31/12/2026", "why": "arrêté abrogé"}).status_code == 302
    assert Derogation.objects.get().ends_on == date(2026, 12, 31)
    assert "arrêté abrogé" in client.get(page).content.decode()


@pytest.mark.parametrize("count", [1, 12])
def test_list_has_as_many_queries_for_many_orders(
    world: World, sign_in: SignIn, django_assert_num_queries: Callable, count: int
) -> None:
    for number in range(count):
        day = date(2020 + number, 3, 1)
        order(world, number, starts_on=day, ends_on=day)
    client = sign_in("bob")
    with django_assert_num_queries(4):
        client.get(LIST)
