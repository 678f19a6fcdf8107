"""What is seldom true of a unit or of its notice is asked once (« c’est bien cela »), by the forms, the files line by
line, and the API; never refused for ever, and not asked again of what is kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from flux.models import Unit
from flux.models.unit import unusual_unit
from flux.operations.vacancy_dates import DatesToConfirm
from reservations.imports import door
from tests.flux.api.software import Software
from tests.flux.views.pages import text_of
from tests.leases import let
from tests.reservations.imports.leaving import file_of
from tests.reservations.imports.test_party_files import counts, csv_of, faults, given, written
from tests.world import MORNING, World

SignIn = Callable[[str], Client]


@pytest.fixture(autouse=True)
def morning(time_machine: object) -> None:
    time_machine.move_to(MORNING)


def test_what_is_seldom_true_of_a_unit_is_declared_in_one_place() -> None:
    today = MORNING.date()
    values = {
        "rooms": 3,
        "surface": Decimal(1500),
        "construction_year": 2099,
        "rent": Decimal(4950),
        "leased_since": date(2031, 1, 1),
    }
    assert unusual_unit(values, today=today) == {
        "surface": "1 500 m² pour un T3, c’est rare.",
        "construction_year": "Achevé en 2099, c’est dans longtemps.",
        "rent": "4 950 € de loyer par mois, c’est rare dans le parc social.",
        "leased_since": "Un bail en cours depuis le 01/01/2031 n’a pas commencé.",
    }
    usual = {"rooms": 6, "surface": Decimal(140), "construction_year": 2029, "rent": Decimal(1200), "charges": None}
    assert unusual_unit(usual, today=today) == {}


def test_a_form_asks_once_for_the_very_values_that_are_typed(world: World, sign_in: SignIn) -> None:
    unit, client = world.unit(), sign_in("aline")
    there = reverse("unit-edit", args=[unit.pk])
    typed = {"floor": "2", "has_lift": "", "is_accessible": "", "rent": "4950", "charges": ""}
    assert "Valeurs inhabituelles" not in text_of(client.get(there)), "nothing is drawn until something is asked"
    asked = client.post(there, typed)
    assert asked.status_code == 422
    assert "4 950 € de loyer par mois, c’est rare dans le parc social. Vérifiez, puis confirmez." in text_of(asked)
    answer = asked.context["form"].answer
    box = re.search(r'<input type="checkbox" name="confirmed"[^>]*value="([^"]+)"', asked.content.decode())
    assert box, "rare and true, it is confirmed by a box, and never refused for ever"
    assert box[1] == escape(answer)
    assert "C’est bien cela" in text_of(asked)
    other = client.post(there, typed | {"rent": "4050", "confirmed": answer})
    assert other.status_code == 422, "another rent is asked anew"
    assert client.post(there, typed | {"confirmed": answer}).status_code == 302
    unit.refresh_from_db()
    assert unit.rent == 4950
    assert client.post(there, typed | {"floor": "3"}).status_code == 302, "what is kept is not asked again"
    wrong = client.post(there, typed | {"rent": "4951", "floor": "99", "confirmed": "rent=4951"})
    assert "C’est bien cela" not in text_of(wrong), "what cannot be comes first"


def test_a_reference_that_differs_by_its_capitals_is_asked(world: World, sign_in: SignIn) -> None:
    other, unit = world.unit(reference="RH-ESI-4021"), world.unit()
    client, there = sign_in("alice"), reverse("unit-identity", args=[unit.pk])
    asked = client.post(there, {"reference": "rh-esi-4021"})
    assert "Le logement RH-ESI-4021 a déjà cette référence, aux majuscules près" in text_of(asked)
    typed = {"reference": "rh-esi-4021", "confirmed": asked.context["form"].answer}
    assert client.post(there, typed).status_code == 302
    assert set(Unit.objects.filter(pk__in=[unit.pk, other.pk]).values_list("reference", flat=True)) == {
        "RH-ESI-4021",
        "rh-esi-4021",
    }


def test_new_units_and_descriptions_are_asked_too(world: World, sign_in: SignIn) -> None:
    unit, client = world.unit(), sign_in("alice")
    there = reverse("programme-units", args=[unit.programme_id])
    typed = {"count": "2", "rooms": "3", "financing_code": "13", "street": "rue Voltaire", "surface": "1500"}
    asked = client.post(there, typed)
    assert "1 500 m² pour un T3, c’est rare." in text_of(asked)
    assert client.post(there, typed | {"confirmed": asked.context["form"].answer}).status_code == 302
    there = reverse("unit-description", args=[unit.pk])
    values = {"act": "ERROR", "since": "", "source": "acte", "rooms": "3", "construction_year": "2099"}
    asked = client.post(there, values)
    assert "Achevé en 2099, c’est dans longtemps." in text_of(asked)
    assert client.post(there, values | {"confirmed": asked.context["form"].answer}).status_code == 302


def test_a_file_asks_line_by_line_and_what_is_kept_no_more(world: World) -> None:
    head = "référence;commune;voie;pièces;surface;financement;construction;loyer;bail;valeurs confirmées"
    plain = "A-1;11262;rue Voltaire;3;65;13;1984;412;09/2019;"
    odd = "A-2;11262;rue Voltaire;3;1500;13;2099;4950;01/2031;"
    twin = "a-1;11262;rue Voltaire;2;45;13;1984;350;;"
    written(world, "logements", csv_of(head, plain))
    order = given(world, "logements", csv_of(head, plain, odd, twin))
    assert counts(order) == (0, 0, 1, 2)
    assert [(line, column) for line, column, _ in faults(order)] == [
        (3, "surface"),
        (3, "construction"),
        (3, "loyer"),
        (3, "bail"),
        (4, "référence"),
    ]
    assert "écrivez oui dans la colonne « valeurs confirmées » de cette ligne" in faults(order)[0][2]
    written(world, "logements", csv_of(head, plain, f"{odd}oui", f"{twin}oui"))
    assert counts(given(world, "logements", csv_of(head, plain, odd, twin))) == (0, 0, 3, 0), "kept: not asked again"


@pytest.mark.parametrize("batch", [1, 2_000])
def test_two_lines_of_a_file_that_differ_by_their_capitals_are_asked(
    world: World, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    """Both were new, and became two units without a word: neither was there when the file was read."""
    monkeypatch.setattr(door, "BATCH", batch)
    head = "référence;commune;voie;pièces;surface;financement;construction;valeurs confirmées"
    line, twin = "ZZ-3;11262;rue Voltaire;3;65;13;1984;", "zz-3;11262;rue Voltaire;3;65;13;1984;"
    order = given(world, "logements", csv_of(head, line, twin))
    assert [(at, column) for at, column, _ in faults(order)] == [(3, "référence")]
    assert "Le logement ZZ-3 a déjà cette référence, aux majuscules près" in faults(order)[0][2]
    assert counts(given(world, "logements", csv_of(head, line, f"{twin}oui"))) == (2, 0, 0, 0)


def test_what_goes_out_comes_back_without_a_question(world: World) -> None:
    world.unit(rent=4950, construction_year=2099)
    content = file_of(world, "logements")
    written(world, "logements", content, person="zoe")
    assert Unit.objects.filter(landlord=world.other_landlord, rent=4950).count() == 1


def test_the_api_answers_what_confirms(world: World) -> None:
    unit, software = world.unit(), Software(world)
    at = f"/units/{unit.pk}/"
    tag = software.get(at)["ETag"]
    doubt = software.ask("PATCH", at, {"rent": "4950.00"}, 409, If_Match=tag).json()
    assert (doubt["code"], doubt["errors"][0]["field"]) == ("valeurs-a-confirmer", "rent")
    body = {"rent": "4950.00", "confirmed": doubt["confirmation"]}
    assert software.ask("PATCH", at, body, If_Match=tag).json()["rent"] == "4950.00"
    values = {"programme": unit.programme_id, "rooms": 3, "financing_code": "13", "street": "rue Voltaire"}
    odd = {**values, "construction_year": 2099}
    doubt = software.post("/units/", odd, 409).json()
    assert software.post("/units/", {**odd, "confirmed": doubt["confirmation"]}).json()["construction_year"] == 2099


def test_the_api_asks_of_units_alike_too(world: World) -> None:
    """« POST …/units/ » of a programme made two units of 2099 and 1 500 m² without a word."""
    programme, software = world.unit().programme_id, Software(world)
    alike = {"count": 2, "rooms": 3, "financing_code": "13", "street": "rue Voltaire", "surface": "1500"}
    alike |= {"construction_year": 2099}
    doubt = software.post(f"/programmes/{programme}/units/", alike, 409).json()
    assert {each["field"] for each in doubt["errors"]} == {"surface", "construction_year"}
    body = alike | {"confirmed": doubt["confirmation"]}
    made = software.post(f"/programmes/{programme}/units/", body).json()["references"]
    assert set(Unit.objects.filter(reference__in=made).values_list("construction_year", "surface")) == {(2099, 1500)}


def test_one_unit_freed_twice_in_fourteen_days_is_asked(world: World) -> None:
    vacancy = world.vacancy()
    let(world, vacancy)
    soon = MORNING + (vacancy.available_on - MORNING.date()) + timedelta(days=10)
    with pytest.raises(DatesToConfirm, match="deux congés en moins de 15 jours"):
        world.vacancy(vacancy.unit, now=soon)
    assert world.vacancy(vacancy.unit, now=soon, confirmed=True).unit == vacancy.unit
