"""A convention of a day or of forty years, and a share of 0,25 %, are asked once: on the form, and line by line."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from reservations.models import Convention
from tests.flux.views.pages import text_of
from tests.flux.views.test_convention import NEW, TERMS
from tests.reservations.imports.test_party_files import csv_of, faults, given, written
from tests.world import World

SignIn = Callable[[str], Client]


@pytest.mark.parametrize(
    ("typed", "question"),
    [
        ({"ends_on": "01/01/2027"}, "Une convention de 1 jour, c’est rare."),
        ({"ends_on": "31/12/2066"}, "Une convention de 40 ans, c’est rare."),
        ({"percent": "0,25"}, "Une part de 0,25 %, c’est moins d’un logement sur cent."),
    ],
)
def test_a_draft_is_asked_once(world: World, sign_in: SignIn, typed: dict[str, str], question: str) -> None:
    pk, client, there = world.holders["city"].pk, sign_in("alice"), f"{NEW}?organisation={world.city.pk}"
    good = {"starts_on": "01/01/2027", "ends_on": "31/12/2029", "percent": "12,5"} | typed
    body = TERMS | good | {f"percent_{pk}": good.pop("percent"), f"rank_{pk}": "4"}
    asked = client.post(there, body)
    assert asked.status_code == 422
    assert f"{question} Vérifiez, puis confirmez." in text_of(asked)
    assert '<input type="checkbox" name="confirmed"' in asked.content.decode()
    assert client.post(there, body | {"confirmed": asked.context["form"].answer}).status_code == 302
    draft = Convention.objects.latest("pk")
    edited = client.post(reverse("convention-edit", args=[draft.pk]), body)
    assert edited.status_code == 302, "what the draft says already is not asked again"


def test_a_file_of_conventions_asks_line_by_line(world: World) -> None:
    head = "réservataire;contingent;périmètre;taux;rang;début;fin;valeurs confirmées"
    short = f"{world.city.siren};;;12,5;9;01/01/2029;01/01/2029;"
    small = f"{world.epci.siren};;;0,25 %;8;01/01/2029;31/12/2031;"
    order = given(world, "conventions", csv_of(head, short, small))
    assert [(line, column) for line, column, _ in faults(order)] == [(2, "fin"), (3, "taux")]
    written(world, "conventions", csv_of(head, f"{short}oui", f"{small}oui"))
    assert counts_kept(world) == 2
    again = given(world, "conventions", csv_of(head, short, small))
    assert (again.same, again.refused) == (2, 0)


def counts_kept(world: World) -> int:
    return Convention.objects.filter(starts_on="2029-01-01", landlord=world.landlord).count()
