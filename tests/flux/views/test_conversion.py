"""Conversions on screen: who reads which, a variant in two steps, line by line, taken into a convention."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from flux.models import Conversion
from flux.operations.conversions import take_into_convention
from reservations.models import Convention, StockRight
from reservations.operations.convention import propose_convention
from tests.flux.conversions import TODAY, title, units, variant, wish
from tests.signing import sign_converted
from tests.world import MORNING, World, territory
from tests.world_again import done_once

SignIn = Callable[[str], Client]

ABOUT = {"starts_on": "01/01/2029", "ends_on": "31/12/2031"}


@pytest.fixture(autouse=True)
def that_morning() -> Iterator[None]:
    with time_machine.travel(MORNING, tick=False):
        yield


def figures(client: Client, world: World, **about: str) -> tuple[str, dict[str, Any]]:
    """The address of the second step, and what its form would post untouched."""
    query = {"holder": world.holders["city"].pk, "perimeter": "", **ABOUT, **about}
    url = reverse("conversion-new", query=query)
    form = client.get(url).context["form"]
    return url, {name: "" if (value := form[name].value()) is None else value for name in form.fields}


@done_once
def stock(world: World) -> list[Any]:
    """Ten units in Narbonne; the city has a right on two of them, and one of the ten fell vacant last year."""
    ten = units(world, 10)
    title(world, *ten[:2])
    world.vacancy(ten[5], now=MORNING.replace(year=2025, month=1))
    return ten


# --- first step ---


def test_first_step_proposes_three_years_from_the_next(world: World, sign_in: SignIn) -> None:
    form = sign_in("alice").get(reverse("conversion-new")).context["form"]
    assert (form["starts_on"].value(), form["ends_on"].value()) == (date(2027, 1, 1), date(2029, 12, 31))


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"holder": ""}, "holder", "Choisissez le réservataire"),
        ({"holder": "999999"}, "holder", "de la liste"),
        ({"starts_on": "hier"}, "starts_on", "qui existe"),
        ({"ends_on": "01/01/2020"}, "ends_on", "finit avant de commencer"),
        ({"holder": "als"}, "perimeter", "où Action Logement Services peut signer"),
        ({"holder": "priority", "perimeter": "Hérault"}, "perimeter", "où Préfecture de l’Aude peut signer"),
        ({}, "__all__", "Aucun logement de votre parc n’est à Narbonne"),
    ],
)
def test_first_step_refuses_what_cannot_be(
    world: World, sign_in: SignIn, typed: dict[str, str], field: str, words: str
) -> None:
    typed = {"holder": "city", "perimeter": "", **ABOUT, **typed}
    typed["holder"] = str(world.holders[typed["holder"]].pk) if typed["holder"] in world.holders else typed["holder"]
    typed["perimeter"] = str(world.places[typed["perimeter"]].pk) if typed["perimeter"] else ""
    answer = sign_in("alice").get(reverse("conversion-new", query=typed))
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert words in str(answer.context["form"].errors[field])


# --- second step ---


def test_untouched_figures_make_a_variant_without_any_change(world: World, sign_in: SignIn) -> None:
    stock(world)
    alice = sign_in("alice")
    url, typed = figures(alice, world)
    answer = alice.post(url, typed | {"label": "Première lecture"})
    made = Conversion.objects.get()
    assert answer.headers["Location"] == reverse("conversion-detail", args=[made.pk])
    assert (made.label, made.share, made.created_by) == ("Première lecture", 200_000, world.people["alice"])
    assert "overrides" not in str(made.given)
    assert made.given["rights"][0]["id"] == StockRight.objects.get().pk


def test_a_changed_figure_keeps_what_it_was_and_why(world: World, sign_in: SignIn) -> None:
    stock(world)
    alice = sign_in("alice")
    url, typed = figures(alice, world)
    changes = {
        "label": "Recompté",
        "rights-0-units": "3",
        "rights-0-units-why": "un logement retrouvé",
        "out-0-territory": "11262",
        "out-0-reason": "STAFF_UNIT",
        "out-0-units": "1",
        "out-0-source": "liste des loges",
        "rate-0-type": "collectif",
        "rate-0-weight": "73",
        "rate-0-rate": "13,1",
        "rate-1-type": "individuel",
        "rate-1-weight": "27",
        "rate-1-rate": "10,2",
        "weights_in": "PERCENT",
        "rates_source": "rapport 2025",
    }
    assert alice.post(url, typed | changes).status_code == 302
    made = Conversion.objects.get()
    assert made.given["rights"][0]["overrides"] == [{"field": "units", "was": "2", "reason": "un logement retrouvé"}]
    assert (made.rate, made.worksheet["result"]["base"]) == (3 / made.rate.__class__(9), 9)
    page = alice.get(reverse("conversion-detail", args=[made.pk])).content.decode()
    for words in (
        "logements : 2 à l’origine, changé parce que : un logement retrouvé",
        "(73 × 13,1 + 27 × 10,2) ÷ 100 = 12,317",
        "12,3\u202f% par an",
        "liste des loges",
    ):
        assert words in page


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"label": ""}, "label", "Donnez un nom"),
        ({"label": "x" * 81}, "label", "80 caractères"),
        ({"base-0-units": "9"}, "base-0-units-why", "ce n’est plus 10"),
        ({"base-0-units": "-1"}, "base-0-units", "0 ou plus"),
        ({"base-0-units": "x"}, "base-0-units", "nombre entier"),
        ({"base-0-units": ""}, "base-0-units", "nombre entier"),
        ({"base-0-units": "99999999"}, "base-0-units", "trop grand"),
        ({"rotation-0-vacancies": "11", "rotation-0-vacancies-why": "x"}, "rotation-0-vacancies", "pas plus de"),
        ({"base-0-units": "0", "base-0-units-why": "x"}, "rotation-0-vacancies", "pas plus de"),
        ({"rights-0-units": "11", "rights-0-units-why": "x"}, "__all__", "Les droits : ils dépasseraient tout le flux"),
        (
            {"exclusions-0-units": "5", "exclusions-0-units-why": "x"},
            "__all__",
            "Les soustractions d’une année : les soustractions prévues (5 par an) dépassent",
        ),
        ({"out-0-territory": "11262"}, "out-0-reason", "Complétez"),
        ({"out-0-territory": "00000"}, "out-0-territory", "dans la liste"),
        (
            {"out-0-territory": "11262", "out-0-reason": "STAFF_UNIT", "out-0-units": "11", "out-0-source": "x"},
            "base-0-units",
            "il en sort 11",
        ),
        ({"rate-0-type": "tous", "rate-0-weight": "1", "rate-0-rate": "5"}, "weights_in", "Dites-le"),
        ({"rate-0-rate": "101"}, "rate-0-rate", "de 0 à 100"),
        ({"rate-0-rate": "1,1234567"}, "rate-0-rate", "six décimales"),
        ({"rate-0-rate": "cinq"}, "rate-0-rate", "en chiffres"),
    ],
)
def test_bad_figures_come_back_as_typed_and_nothing_is_kept(
    world: World, sign_in: SignIn, typed: dict[str, str], field: str, words: str
) -> None:
    stock(world)
    alice = sign_in("alice")
    url, untouched = figures(alice, world)
    answer = alice.post(url, untouched | {"label": "A", **typed})
    form = answer.context["form"]
    assert answer.status_code == 422
    assert words in str(form.errors[field])
    assert {name: form[name].value() for name in typed} == typed
    assert not Conversion.objects.exists()


def test_same_reason_in_one_commune_is_one_line(world: World, sign_in: SignIn) -> None:
    stock(world)
    alice = sign_in("alice")
    url, typed = figures(alice, world)
    line = {"territory": "11262", "reason": "STAFF_UNIT", "units": "1", "source": "x"}
    twice = {f"out-{number}-{key}": value for number in (0, 1) for key, value in line.items()}
    answer = alice.post(url, typed | {"label": "A"} | twice)
    assert list(answer.context["form"].errors) == ["out-1-reason"]


def test_a_name_already_taken_comes_back(world: World, sign_in: SignIn) -> None:
    stock(world)
    variant(world, "A")
    alice = sign_in("alice")
    url, typed = figures(alice, world)
    answer = alice.post(url, typed | {"label": "A"})
    assert (answer.status_code, Conversion.objects.count()) == (422, 1)
    assert "porte déjà ce nom" in answer.content.decode()


def test_duplicating_starts_from_the_figures_of_the_variant(world: World, sign_in: SignIn) -> None:
    stock(world)
    change = {"field": "units", "was": "2", "reason": "compté"}
    first = variant(world, "A")
    first = variant(world, "B", rights=[first.given["rights"][0] | {"units": 3, "overrides": [change]}])
    alice = sign_in("alice")
    url = reverse("conversion-duplicate", args=[first.pk])
    form = alice.get(url).context["form"]
    assert [form[key].value() for key in ("label", "rights-0-units", "rights-0-units-why")] == [
        "B (suite)",
        3,
        "compté",
    ]
    typed = {name: "" if (value := form[name].value()) is None else value for name in form.fields}
    assert alice.post(url, typed | {"rights-0-units": "2", "rights-0-units-why": ""}).status_code == 302
    made = Conversion.objects.get(label="B (suite)")
    assert (made.share, made.holder, made.perimeter) == (200_000, first.holder, first.perimeter)
    assert "overrides" not in made.given["rights"][0]


def test_a_stock_in_hundreds_of_communes_is_converted_too(world: World, sign_in: SignIn) -> None:
    aude = {"departement": world.places["Aude"], "region": world.places["Occitanie"]}
    for number in range(260):
        name = f"Commune {number}"
        world.places[name] = territory("COMMUNE", f"119{number:03}"[-5:], name, **aude)
        world.unit(commune=name)
    alice = sign_in("alice")
    als = {"holder": str(world.holders["als"].pk), "perimeter": str(world.places["Aude"].pk)}
    url, typed = figures(alice, world, **als)
    assert len(typed) > 1000
    assert alice.post(url, typed | {"label": "Aude"}).status_code == 302


# --- reading ---


def test_worksheet_answers_with_units_over_units(world: World, sign_in: SignIn) -> None:
    stock(world)
    made = variant(world)
    page = sign_in("aline").get(reverse("conversion-detail", args=[made.pk])).content.decode()
    assert "0,40 par an, sur un flux attendu de 2, soit 20\u202f% du flux" in page
    assert "2 × 1\u202f095 ÷ 1\u202f095 = 2" in page
    assert "Reprendre dans un projet de convention" not in page


def test_variants_are_read_line_by_line(world: World, sign_in: SignIn) -> None:
    stock(world)
    first, second = variant(world, "A"), variant(world, "B", rights=[])
    answer = sign_in("alice").get(reverse("conversion-compare", query={"variante": [first.pk, second.pk]}))
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "absente" in text
    assert "A, 20\u202f% ; B, 0\u202f%" in text


@pytest.mark.parametrize("chosen", [0, 1, 5])
def test_two_to_four_variants_are_compared(world: World, sign_in: SignIn, chosen: int) -> None:
    stock(world)
    made = [variant(world, f"V{number}").pk for number in range(5)]
    answer = sign_in("alice").get(reverse("conversion-compare", query={"variante": made[:chosen]}))
    assert answer.headers["Location"] == reverse("conversion-list")
    assert [str(each) for each in get_messages(answer.wsgi_request)] == [
        "Choisissez de deux à quatre variantes à comparer."
    ]


def test_a_variant_opens_to_its_holder_and_to_the_state_once_proposed(world: World, sign_in: SignIn) -> None:
    stock(world)
    made = variant(world)
    url = reverse("conversion-detail", args=[made.pk])

    def opens() -> dict[str, int]:
        return {name: sign_in(name).get(url).status_code for name in ("chloe", "bob", "emma", "adam", "zoe")}

    shut = {"chloe": 404, "bob": 404, "emma": 404, "adam": 404, "zoe": 404}
    assert opens() == shut
    draft = take_into_convention(conversion=made, by=world.people["alice"], today=TODAY)
    assert opens() == shut
    propose_convention(convention=draft, by=world.people["alice"], today=TODAY)
    values = {"chloe": 200, "bob": 200, "emma": 404, "adam": 200, "zoe": 404}
    assert opens() == values
    sign_converted(convention=draft, signed_on=TODAY, by=world.people["alice"], today=TODAY)
    assert opens() == values
    assert "Première lecture" in sign_in("chloe").get(reverse("conversion-list")).content.decode()
    assert sign_in("chloe").get(reverse("conversion-duplicate", args=[made.pk])).status_code == 403


def test_the_state_of_another_departement_reads_nothing(world: World, sign_in: SignIn) -> None:
    stock(world)
    draft = take_into_convention(conversion=variant(world), by=world.people["alice"], today=TODAY)
    propose_convention(convention=draft, by=world.people["alice"], today=TODAY)
    world.state.territory = world.places["Hérault"]
    world.state.save(update_fields=["territory"])
    assert sign_in("bob").get(reverse("conversion-list")).context["page"].paginator.count == 0


@pytest.mark.parametrize("count", [1, 12])
def test_list_takes_a_fixed_number_of_queries(
    world: World, sign_in: SignIn, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    stock(world)
    for number in range(count):
        variant(world, f"V{number}", about=wish(world))
    alice = sign_in("alice")
    with django_assert_num_queries(3):
        page = alice.get(reverse("conversion-list")).context["page"]
    assert (len(page), page.paginator.count) == (min(count, 25), count)


# --- taken ---


def test_taking_a_variant_leads_to_the_draft_and_freezes_it(world: World, sign_in: SignIn) -> None:
    stock(world)
    made = variant(world)
    alice = sign_in("alice")
    answer = alice.post(reverse("conversion-take", args=[made.pk]))
    draft = Convention.objects.get(status="DRAFT")
    assert answer.headers["Location"] == reverse("convention-detail", args=[draft.pk])
    page = alice.get(reverse("conversion-detail", args=[made.pk])).content.decode()
    assert "figée" in page
    assert "Reprendre dans un projet de convention" not in page


def test_a_frozen_variant_is_refused_in_a_sentence(world: World, sign_in: SignIn) -> None:
    stock(world)
    made = variant(world)
    alice = sign_in("alice")
    for _ in range(2):
        answer = alice.post(reverse("conversion-take", args=[made.pk]))
    assert answer.headers["Location"] == reverse("conversion-detail", args=[made.pk])
    assert "Dupliquez-la" in [str(each) for each in get_messages(answer.wsgi_request)][-1]
    assert Convention.objects.filter(status="DRAFT").count() == 1
