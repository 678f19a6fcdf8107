"""A convention of a day or of forty years, and a share of 0,25 %, are asked once: on the form, and line by line."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from reservations.models import Convention
from reservations.operations.party import register_landlord
from tests.flux.views.pages import text_of
from tests.flux.views.test_convention import NEW, TERMS
from tests.reservations.imports.leaving import file_of
from tests.reservations.imports.test_party_files import csv_of, faults, given, written
from tests.world import MORNING, World, siren

SignIn = Callable[[str], Client]


@pytest.fixture(autouse=True)
def morning(time_machine: Any) -> None:
    time_machine.move_to(MORNING, tick=False)


@pytest.mark.parametrize(
    ("typed", "question"),
    [
        ({"ends_on": "01/01/2027"}, "Une convention de 1 jour, c’est rare."),
        ({"ends_on": "31/12/2066"}, "Une convention de 40 ans, c’est rare."),
        ({"percent": "0,25"}, "Une part de 0,25 %, c’est moins d’un logement sur cent."),
        (
            {"rate_rows": "1", "rate_0_qpv": "qpv:en QPV", "rate_0_percent": "0,2"},
            "Une part de 0,2 %, c’est moins d’un logement sur cent.",
        ),
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


#: Written so small by a slip, or nothing on purpose.
RATES = (("0,25 %", "en QPV"), ("0 %", "hors QPV"))


def test_a_rate_of_some_units_is_asked_line_by_line_and_none_at_all_is_not(world: World) -> None:
    head = "réservataire;contingent;périmètre;taux;rang;début;fin;QPV du taux;valeurs confirmées"
    general = f"{world.city.siren};;;12,5;9;01/01/2029;31/12/2031;;"
    small, none = (f"{world.city.siren};;;{rate};;01/01/2029;31/12/2031;{qpv};" for rate, qpv in RATES)
    order = given(world, "conventions", csv_of(head, general, small, none))
    assert [(line, column) for line, column, text in faults(order) if "moins d’un logement" in text] == [(3, "taux")]
    written(world, "conventions", csv_of(head, general, f"{small}oui", none))
    assert counts_kept(world) == 1
    kept = [each for each in rows_of(world, "conventions", "alice") if each["début"] == "01/01/2029"]
    assert {each["QPV du taux"]: each["valeurs confirmées"] for each in kept} == {
        "": "",
        "en QPV": "oui",
        "hors QPV": "",
    }


@pytest.mark.parametrize("name", ["priority", "agents"])
def test_an_order_of_the_prefet_is_asked_once(world: World, sign_in: SignIn, name: str) -> None:
    """R441-5-2 IV: what stands for a convention is typed by the same hands."""
    landlord = register_landlord(siren=siren(300), name="Corbières Logis", acronym="CL")
    client, there, before = sign_in("bob"), reverse("prefect-order-new"), Convention.objects.count()
    typed = {
        "landlord": landlord.pk,
        "departement": world.places["Aude"].pk,
        "priority": "25",
        "agents": "5",
        name: "0,25",
    }
    asked = client.post(there, ORDER | typed)
    assert "Une part de 0,25 %, c’est moins d’un logement sur cent. Vérifiez, puis confirmez." in text_of(asked)
    assert '<input type="checkbox" name="confirmed"' in asked.content.decode()
    assert client.post(there, ORDER | typed | {"confirmed": asked.context["form"].answer}).status_code == 302
    assert Convention.objects.count() == before + 1


def test_a_table_of_rates_of_an_order_is_asked_once(world: World, sign_in: SignIn) -> None:
    """Loi ELAN, art. 114: the part of another holder, and the rates of some of its units."""
    landlord = register_landlord(siren=siren(300), name="Corbières Logis", acronym="CL")
    client, there = sign_in("bob"), f"{reverse('prefect-order-new')}?reservataire={world.epci.pk}"
    typed = {
        "landlord": landlord.pk,
        "departement": world.places["Aude"].pk,
        f"percent_{world.holders['epci'].pk}": "20",
    }
    typed |= {"rate_rows": "1", "rate_0_qpv": "qpv:en QPV", "rate_0_percent": "0,5"}
    asked = client.post(there, ORDER | typed)
    assert "Une part de 0,5 %, c’est moins d’un logement sur cent. Vérifiez, puis confirmez." in text_of(asked)
    assert '<input type="checkbox" name="confirmed"' in asked.content.decode()
    assert client.post(there, ORDER | typed | {"confirmed": asked.context["form"].answer}).status_code == 302


#: What is typed of any order of that day.
ORDER = {"ordered_on": "03/11/2026", "starts_on": "24/11/2026", "ends_on": "31/12/2027", "order": "n° 118"}


def test_a_file_of_orders_asks_line_by_line_and_what_goes_out_comes_back(world: World) -> None:
    landlord = register_landlord(siren=siren(300), name="Corbières Logis", acronym="CL")
    head = "bailleur;département;arrêté;pris le;début;fin;publics prioritaires;agents de l’État;valeurs confirmées"
    line = f"{landlord.organisation.siren};11;n° 118;03/11/2026;24/11/2026;31/12/2027;25 %;0,5 %;"
    order = given(world, "arretes", csv_of(head, line), person="bob")
    assert [(at, column) for at, column, _ in faults(order)] == [(2, "agents de l’État")]
    written(world, "arretes", csv_of(head, f"{line}oui"), person="bob")
    again = given(world, "arretes", csv_of(head, line), person="bob")
    assert (again.same, again.refused) == (1, 0), "kept: not asked again"
    [kept] = rows_of(world, "arretes", "bob")
    assert kept["valeurs confirmées"] == "oui"


def rows_of(world: World, kind: str, person: str) -> list[dict[str, str]]:
    """What goes out, by column."""
    content = file_of(world, kind, person).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(content), delimiter=";"))


def counts_kept(world: World) -> int:
    return Convention.objects.filter(starts_on="2029-01-01", landlord=world.landlord).count()
