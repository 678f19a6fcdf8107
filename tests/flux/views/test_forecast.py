"""The pages of the forecast, by the people who read and write them."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from flux.models import Forecast, ForecastDispatch
from flux.operations.forecast import figures_of, send_forecast, write_forecast
from reservations.models import Organisation, Territory
from reservations.models.territory import search_key
from tests.flux.views.pages import messages_of, text_of
from tests.flux.views.test_account import cells, page
from tests.world import MORNING, World, convention
from tests.world_again import kept

SignIn = Callable[[str], Client]
NumQueries = Callable[[int], AbstractContextManager[object]]
CATEGORIES = ("INTERNAL_TRANSFER", "URBAN_RENEWAL", "DEGRADED_CONDO", "UNFIT_HOUSING", "SALE_REHOUSING")
TYPED = {"expected": "576", **dict(zip(CATEGORIES, ("60", "24", "4", "3", "5"), strict=True))}


@pytest.fixture(autouse=True)
def morning(time_machine: Any) -> None:
    time_machine.move_to(MORNING, tick=False)


@pytest.fixture(autouse=True)
@kept
def fallen(world: World) -> None:
    """This year so far: three units of the flow, one internal transfer."""
    for commune in ("Narbonne", "Coursan", "Coursan"):
        world.vacancy(commune=commune)
    world.vacancy(kind="EXCLUDED", exclusion="INTERNAL_TRANSFER")


@pytest.fixture
def draft(world: World) -> Forecast:
    return write(world)


@pytest.fixture
def sent(world: World, draft: Forecast) -> Forecast:
    send_forecast(forecast=draft, by=world.people["alice"], now=MORNING)
    return Forecast.objects.get()


def write(world: World, exercise: int = 2027, departement: Territory | None = None) -> Forecast:
    return write_forecast(
        landlord=world.landlord,
        departement=departement or world.places["Aude"],
        exercise=exercise,
        expected=576,
        subtracted={name: int(TYPED[name]) for name in CATEGORIES},
        by=world.people["alice"],
        today=MORNING.date(),
    )


def at(world: World, name: str, exercise: int = 2027) -> str:
    return reverse(name, args=[world.landlord.pk, "11", exercise])


# --- the list ------------------------------------------------------------------------------------------------------


def test_landlord_reads_what_it_has_still_to_send(world: World, sign_in: SignIn) -> None:
    text = page(sign_in("alice"), reverse("forecast-list"))
    assert "<b>2 prévisionnels</b> à envoyer, dont 1 en retard" in text
    assert "la prochaine date est <b>avant le 28 février 2027</b>" in text
    assert [row[0] for row in cells(text)[1:]] == ["Aude, 2027", "Aude, 2026"]
    assert at(world, "forecast-edit") in text


def test_staff_reads_the_list_and_is_offered_nothing_to_do(world: World, sign_in: SignIn) -> None:
    text = page(sign_in("aline"), reverse("forecast-list"))
    assert at(world, "forecast-edit") not in text
    assert "Seul le responsable chez le bailleur écrit et envoie les prévisionnels." in text


@pytest.mark.parametrize("name", ["chloe", "bob", "emma"])
def test_a_recipient_reads_what_it_received_and_no_draft(
    world: World, sign_in: SignIn, draft: Forecast, name: str
) -> None:
    client = sign_in(name)
    assert "<b>0 prévisionnel</b>" in page(client, reverse("forecast-list"))
    page(client, at(world, "forecast"), 404)
    send_forecast(forecast=draft, by=world.people["alice"], now=MORNING)
    text = page(client, reverse("forecast-list"))
    assert "<b>1 prévisionnel</b>" in text
    assert cells(text)[1][:4] == ["Robine Habitat, Aude, 2027", "576", "96", "480"]
    page(client, at(world, "forecast"))


@pytest.mark.parametrize("count", [1, 12])
def test_lists_cost_the_same_whatever_the_forecasts(
    world: World, sign_in: SignIn, count: int, django_assert_num_queries: NumQueries
) -> None:
    region = world.places["Occitanie"]
    for number in range(count):
        place = Territory.objects.create(
            kind="DEPARTEMENT",
            code=f"9{number:02}",
            name=f"D{number}",
            search_name=search_key(f"D{number}"),
            region=region,
        )
        made = Forecast.objects.create(landlord=world.landlord, departement=place, exercise=2027, expected=number)
        ForecastDispatch.objects.create(forecast=made, organisation=world.city)
        Forecast.objects.filter(pk=made.pk).update(sent_at=MORNING, sent_by=world.people["alice"])
    landlord, city = sign_in("alice"), sign_in("chloe")
    with django_assert_num_queries(5):
        page(landlord, reverse("forecast-list"))
    with django_assert_num_queries(5):
        page(city, reverse("forecast-list"))


# --- one forecast --------------------------------------------------------------------------------------------------


def test_page_sets_the_year_beside_the_one_before(world: World, sign_in: SignIn, sent: Forecast) -> None:
    text = page(sign_in("chloe"), at(world, "forecast"))
    rows = cells(text)
    assert rows[0] == ["Logements", "Prévu 2026", "Constaté 2026", "Écart", "Prévu 2027"]
    assert rows[1:9] == [
        ["Logements libérés", "–", "4", "–", "576"],
        ["Mutation interne d’un locataire du bailleur", "–", "1", "–", "60"],
        ["Relogement de renouvellement urbain (ANRU)", "–", "0", "–", "24"],
        ["Relogement de copropriété dégradée", "–", "0", "–", "4"],
        ["Relogement d’habitat indigne", "–", "0", "–", "3"],
        ["Relogement lié à une vente de logements sociaux", "–", "0", "–", "5"],
        ["Soustraits, ensemble", "–", "1", "–", "96"],
        ["Flux net", "–", "3", "–", "480"],
    ]
    assert "<b>480 logements</b> : 576 libérés attendus, moins 96 soustraits. Envoyé le 24 novembre 2026" in text


def test_page_draws_the_targets_and_says_what_they_are(world: World, sign_in: SignIn, sent: Forecast) -> None:
    text = page(sign_in("bob"), at(world, "forecast"))
    drawn = {row[0]: (row[1], row[2], row[3]) for row in cells(text) if len(row) == 5 and row[0] != "Logements"}
    assert drawn["Ville de Narbonne"] == ("12 % × 480 × 1/3 = 19,20 Narbonne", "19,20", "19")
    assert drawn["Le Grand Narbonne"] == ("6 % × 480 = 28,80 CA Le Grand Narbonne", "28,80", "29")
    assert drawn["Non réservé"] == ("le reste", "192", "192")
    assert "Objectif indicatif : l’orientation en cours d’année ne le recalcule jamais" in text
    assert "Plafond, part de l’État : 30\u202f% × 480 = 144 (CCH, R441-5-2) ; objectif 144" in text
    assert "Plafond, part des agents de l’État : 5\u202f% × 480 = 24 (CCH, R441-5-2) ; objectif 24" in text


def test_a_holder_that_signs_after_the_dispatch_reads_it_too(world: World, sign_in: SignIn, time_machine: Any) -> None:
    world.end(world.conventions["city"], date(2026, 12, 31))
    send_forecast(forecast=write(world), by=world.people["alice"], now=MORNING)
    city = sign_in("chloe")
    page(city, at(world, "forecast"), 404)
    assert "signée depuis l’envoi" not in page(sign_in("alice"), at(world, "forecast"))
    quota = (world.holders["city"], "12", 4)
    convention(world.landlord, world.city, world.places["Narbonne"], quota, starts_on=date(2027, 1, 1))
    page(city, at(world, "forecast"))
    assert city.get(at(world, "forecast-csv")).status_code == 200
    assert "<b>1 prévisionnel</b>" in page(city, reverse("forecast-list"))
    assert 'Ville de Narbonne <span class="small muted">' in page(sign_in("alice"), at(world, "forecast"))


@pytest.mark.parametrize(("starts_on", "signed"), [(date(2028, 1, 1), True), (date(2027, 1, 1), False)])
def test_a_convention_later_or_unsigned_opens_no_forecast(
    world: World, sign_in: SignIn, starts_on: date, signed: bool
) -> None:
    world.end(world.conventions["city"], date(2026, 12, 31))
    send_forecast(forecast=write(world), by=world.people["alice"], now=MORNING)
    quota = (world.holders["city"], "12", 4)
    convention(world.landlord, world.city, world.places["Narbonne"], quota, starts_on=starts_on, signed=signed)
    page(sign_in("chloe"), at(world, "forecast"), 404)


def test_routing_within_the_year_does_not_move_the_targets(
    world: World, sign_in: SignIn, sent: Forecast, time_machine: Any
) -> None:
    before = cells(page(sign_in("bob"), at(world, "forecast")))
    time_machine.move_to(datetime(2027, 5, 3, 9, 0, tzinfo=UTC), tick=False)
    for _ in range(5):
        world.vacancy(commune="Narbonne", now=datetime(2027, 5, 3, 8, 0, tzinfo=UTC))
    assert cells(page(sign_in("bob"), at(world, "forecast"))) == before


def test_page_costs_the_same_whatever_the_vacancies(
    world: World, sign_in: SignIn, sent: Forecast, django_assert_num_queries: NumQueries
) -> None:
    client = sign_in("alice")
    for count in (1, 3, 30):
        for _ in range(count):
            world.vacancy(now=MORNING.replace(month=3), commune="Sigean")
        with django_assert_num_queries(8):
            page(client, at(world, "forecast"))


def test_csv_says_what_the_page_says(world: World, sign_in: SignIn, sent: Forecast) -> None:
    response = sign_in("chloe").get(at(world, "forecast-csv"))
    assert (
        response["Content-Disposition"]
        == f'attachment; filename="previsionnel-{world.landlord.organisation.siren}-11-2027.csv"'
    )
    content = response.content.decode()
    assert content.startswith("\ufeffBailleur;SIREN;Département;Exercice;Envoyé le;")
    rows = list(csv.reader(io.StringIO(content.removeprefix("\ufeff")), delimiter=";"))
    assert rows[1] == [
        "Robine Habitat", world.landlord.organisation.siren, "Aude", "2027", "24/11/2026",
        "Logements", "Logements libérés", "", "4", "", "576", "", "", "",
    ]  # fmt: skip
    city = next(row for row in rows if row[6] == "Ville de Narbonne")
    assert city[5:] == [
        "Objectifs indicatifs",
        "Ville de Narbonne",
        "",
        "",
        "",
        "",
        "12\u202f% × 480 × 1/3 = 19,20",
        "96/5",
        "19",
    ]


def test_a_draft_has_no_file(world: World, sign_in: SignIn, draft: Forecast) -> None:
    assert sign_in("alice").get(at(world, "forecast-csv")).status_code == 404


# --- writing -------------------------------------------------------------------------------------------------------


def test_form_proposes_and_the_manager_decides(world: World, sign_in: SignIn) -> None:
    client = sign_in("alice")
    response = client.get(at(world, "forecast-edit"))
    assert "4 logements libérés proposés, d’après l’année connue (2026, encore en cours)" in text_of(response)
    assert [response.context["form"][name].value() for name in ("expected", *CATEGORIES)] == [4, 1, 0, 0, 0, 0]
    posted = client.post(at(world, "forecast-edit"), TYPED)
    assert (posted.status_code, posted["Location"]) == (302, at(world, "forecast"))
    assert figures_of(Forecast.objects.get()) == (576, 60, 24, 4, 3, 5)
    again = client.get(at(world, "forecast-edit"))
    assert again.context["form"]["expected"].value() == 576


@pytest.mark.parametrize("field", ["expected", *CATEGORIES])
@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Écrivez un nombre de logements, 0 si vous n’en attendez aucun."),
        ("douze", "Écrivez un nombre entier de logements, en chiffres."),
        ("1,5", "Écrivez un nombre entier de logements, en chiffres."),
        ("-1", "Un nombre de logements n’est pas négatif."),
        ("1000000", "Ce nombre est trop grand pour un département : vérifiez-le."),
    ],
)
def test_form_says_what_to_correct_and_keeps_what_was_typed(
    world: World, sign_in: SignIn, field: str, typed: str, sentence: str
) -> None:
    response = sign_in("alice").post(at(world, "forecast-edit"), TYPED | {field: typed})
    assert response.status_code == 422
    assert response.context["form"].errors == {field: [sentence]}
    assert response.context["form"][field].value() == typed
    assert Forecast.objects.count() == 0


def test_more_subtracted_than_expected_comes_back_on_the_field(world: World, sign_in: SignIn) -> None:
    response = sign_in("alice").post(at(world, "forecast-edit"), TYPED | {"expected": "95"})
    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["expected"]
    assert Forecast.objects.count() == 0


@pytest.mark.parametrize("year", [1, 2024, 2028, 99999])
def test_a_year_out_of_reach_is_not_written(world: World, sign_in: SignIn, year: int) -> None:
    there = at(world, "forecast-edit", 2027).replace("2027", str(year))
    assert sign_in("alice").get(there).status_code == 404


def test_what_was_sent_is_read_and_no_longer_written(world: World, sign_in: SignIn, sent: Forecast) -> None:
    client = sign_in("alice")
    response = client.post(at(world, "forecast-edit"), TYPED | {"expected": "600"}, follow=True)
    assert messages_of(response) == ["Le prévisionnel 2027 (Aude) est déjà envoyé : il ne change plus."]
    assert figures_of(Forecast.objects.get())[0] == 576
    assert at(world, "forecast-send") not in response.content.decode()


# --- sending -------------------------------------------------------------------------------------------------------


def test_sending_lists_the_recipients_first_then_sends(world: World, sign_in: SignIn, draft: Forecast) -> None:
    client = sign_in("alice")
    response = client.get(at(world, "forecast-send"))
    assert "4 destinataires liront" in text_of(response)
    assert [row[0] for row in cells(response.content.decode())[1:]] == [
        "Action Logement Services",
        "Le Grand Narbonne",
        "Préfecture de l’Aude",
        "Ville de Narbonne",
    ]
    assert ForecastDispatch.objects.count() == 0
    done = client.post(at(world, "forecast-send"), {"seen": response.context["seen"]}, follow=True)
    assert messages_of(done) == ["Prévisionnel 2027 (Aude) envoyé à 4 destinataires."]
    assert ForecastDispatch.objects.count() == 4


def test_sending_what_changed_since_it_was_read_is_refused(world: World, sign_in: SignIn, draft: Forecast) -> None:
    response = sign_in("alice").post(at(world, "forecast-send"), {"seen": "575-60-24-4-3-5"})
    assert response.status_code == 422
    assert "Entre-temps, un collègue a changé ce prévisionnel." in text_of(response)
    assert ForecastDispatch.objects.count() == 0


def test_sending_late_is_stated_and_done(world: World, sign_in: SignIn, time_machine: Any, draft: Forecast) -> None:
    time_machine.move_to(datetime(2027, 2, 28, 9, 0, tzinfo=UTC), tick=False)
    client = sign_in("alice")
    assert "Il était attendu avant le 28 février 2027 : l’envoi se fera en retard." in text_of(
        client.get(at(world, "forecast-send"))
    )
    done = client.post(at(world, "forecast-send"), follow=True)
    assert "en retard : il était attendu avant le 28 février 2027" in text_of(done)


def test_a_missing_prefecture_is_stated_before_sending(world: World, sign_in: SignIn, draft: Forecast) -> None:
    Organisation.objects.filter(pk=world.state.pk).update(territory=None)
    assert "Aucune préfecture n’est enregistrée pour Aude" in text_of(sign_in("alice").get(at(world, "forecast-send")))


@pytest.mark.parametrize(("person", "status"), [("aline", 403), ("chloe", 403), ("zoe", 404)])
def test_only_the_manager_writes_and_sends(
    world: World, sign_in: SignIn, sent: Forecast, person: str, status: int
) -> None:
    client = sign_in(person)
    for name in ("forecast-edit", "forecast-send"):
        assert client.get(at(world, name)).status_code == status
        assert client.post(at(world, name), TYPED).status_code == status
