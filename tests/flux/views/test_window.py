"""How many known departures are planned together: what it costs and brings, last year, then the choice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.urls import reverse

from config.local.state import ROOT
from flux.models import DecisionWindow, Recommendation
from flux.operations.routing import route_waiting_vacancies
from tests.flux.known import departures
from tests.flux.views.test_account import cells, page
from tests.world import ALONE_SINCE, MORNING, World, promise_behind_the_acts
from tests.world_again import kept

SignIn = Callable[[str], Client]
URL = reverse("decision-window")
NEXT_YEAR = MORNING + timedelta(days=365)
CHOICE = {"length": "8", "days": "3", "starts_on": "2027-12-01"}


def choices(*, world: World) -> list[DecisionWindow]:
    """What was chosen since the landlords are there."""
    return list(DecisionWindow.objects.filter(landlord=world.landlord).exclude(starts_on=ALONE_SINCE))


@pytest.fixture
@kept
def lived(world: World) -> World:
    """A year of the landlord, decided one by one."""
    with time_machine.travel(MORNING, tick=False):
        fallen = departures(world, 12)
        route_waiting_vacancies(ledger_id=fallen[0].ledger_id, now=MORNING)
    return world


def test_the_page_says_in_words_what_is_in_force_what_it_costs_and_brings(world: World, sign_in: SignIn) -> None:
    for person in ("alice", "aline"):
        text = page(sign_in(person), URL)
        assert "Chaque départ est décidé seul, dès son enregistrement : version 1 de la règle." in text
        assert "Ce que cela apporte." in text
        assert "Ce que cela coûte." in text
        assert "1er janvier 2000" in text
    assert "Seul le responsable chez le bailleur change ce réglage." in page(sign_in("aline"), URL)


def test_eight_are_planned_together_unless_a_landlord_chooses_otherwise(world: World, sign_in: SignIn) -> None:
    """Routing specification, version 2, section 9: L = 8, H = 3. A choice of one day is still one of that day only."""
    DecisionWindow.objects.all().delete()
    window = DecisionWindow.objects.of(world.landlord, MORNING.date())
    assert (window.pk, window.length, window.days, window.plans) == (None, 8, 3, True)
    fallen = departures(world, 3)
    route_waiting_vacancies(ledger_id=fallen[0].ledger_id, now=MORNING)
    assert not Recommendation.objects.exists(), "each waits for others, three working days"
    text = page(sign_in("alice"), URL)
    assert "8 départs connus au plus sont planifiés ensemble, chacun en attend d’autres 3 jours ouvrés au plus" in text
    assert "Aucun choix enregistré" in text
    with time_machine.travel(MORNING, tick=False):
        result = sign_in("alice").post(URL, CHOICE | {"starts_on": f"{MORNING:%Y-%m-%d}"}, follow=True)
    assert "8 départs connus au plus" in result.content.decode(), "to choose what is in force already is a choice"
    assert len(choices(world=world)) == 1


def test_going_live_leads_to_the_choice(world: World, sign_in: SignIn) -> None:
    DecisionWindow.objects.all().delete()
    text = page(sign_in("alice"), reverse("starting"))
    assert "8 planifiés ensemble, tant que rien n’est choisi" in text
    assert f'href="{URL}"' in text
    DecisionWindow.objects.create(landlord=world.landlord, length=1, days=0, starts_on=ALONE_SINCE)
    assert "chacun décidé seul" in page(sign_in("alice"), reverse("starting"))


def test_landlords_that_are_there_keep_what_they_had(world: World) -> None:
    """What the migration runs: each departure alone until the first choice of a landlord, if it made one."""
    DecisionWindow.objects.all().delete()
    DecisionWindow.objects.create(landlord=world.other_landlord, length=8, days=3, starts_on=date(2030, 1, 1))
    departures(world, 1)
    text = (ROOT / "flux/sql/replaced/0232_window_kept.sql").read_text(encoding="utf-8")
    for _ in range(2):  # nothing is written twice
        with connection.cursor() as cursor:
            cursor.execute(text)
    kept = [DecisionWindow.objects.get(landlord=world.landlord)]
    assert [(each.length, each.days, each.starts_on) for each in kept] == [(1, 0, date(2026, 1, 1))]
    assert DecisionWindow.objects.of(world.other_landlord, date(2029, 12, 31)).length == 1
    assert DecisionWindow.objects.of(world.other_landlord, date(2030, 1, 1)).length == 8
    assert DecisionWindow.objects.filter(landlord=world.other_landlord).count() == 2


def test_last_year_is_looked_at_before_the_choice_is_made(lived: World, sign_in: SignIn) -> None:
    with time_machine.travel(NEXT_YEAR, tick=False):
        alice = sign_in("alice")
        text = alice.get(URL, CHOICE).content.decode()
        assert "2026, rejouée ainsi" in text
        assert "Le plus grand écart d’un réservataire serait passé de" in text
        assert "Un départ sur deux aurait attendu" in text
        rows = [row for row in cells(text) if len(row) == 7 and row[0] != "Réservataire"]
        assert sum(int(row[2]) for row in rows) == sum(int(row[3]) for row in rows) == 12
        assert "Choisir à partir du 1er décembre 2027" in text
        assert not choices(world=lived)
        sentence = alice.post(URL, CHOICE, follow=True).content.decode()
        assert "À partir du 1er décembre 2027 : 8 départs connus au plus sont planifiés ensemble" in sentence
    [window] = choices(world=lived)
    assert (window.length, window.days) == (8, 3)


def test_holders_are_notified_of_the_choice_as_soon_as_it_is_made(
    world: World, sign_in: SignIn, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    with time_machine.travel(MORNING, tick=False):
        alice = sign_in("alice")
        with django_capture_on_commit_callbacks() as woken:
            alice.post(URL, CHOICE)
    assert "attributions.announce_decision_windows" in [getattr(call, "task", "") for call in woken]


def test_version_one_is_looked_at_without_any_wait(lived: World, sign_in: SignIn) -> None:
    with time_machine.travel(NEXT_YEAR, tick=False):
        text = sign_in("alice").get(URL, CHOICE | {"length": "1", "days": "0"}).content.decode()
    assert "rejouée ainsi" in text
    assert "Un départ sur deux" not in text


def test_a_year_without_a_unit_says_so(world: World, sign_in: SignIn) -> None:
    text = sign_in("alice").get(URL, CHOICE).content.decode()
    assert "il n’y a pas d’année à rejouer" in text
    assert "<table" not in text.split("rejouée ainsi")[1]


def test_accounts_promised_over_the_whole_are_left_out_and_named(lived: World, sign_in: SignIn) -> None:
    promise_behind_the_acts(lived.conventions["city"], 990_000)
    with time_machine.travel(NEXT_YEAR, tick=False):
        text = sign_in("alice").get(URL, CHOICE).content.decode()
    assert "Compte laissé de côté, où les conventions promettaient plus de 100 % : Aude." in text
    assert "<table" not in text.split("rejouée ainsi")[1]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"length": "17"}, "Planifiez ensemble de 1 à 16 départs"),
        ({"days": "21"}, "Écrivez un nombre de jours ouvrés de 0 à 20"),
        ({"length": ""}, "Écrivez combien de départs la règle regarde ensemble"),
        ({"starts_on": "2020-01-01"}, "le passé ne change pas"),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_do(
    world: World, sign_in: SignIn, given: dict[str, str], expected: str
) -> None:
    answer = sign_in("alice").post(URL, CHOICE | given)
    assert answer.status_code == 422
    assert expected in answer.content.decode()
    assert not choices(world=world)


def test_only_the_manager_chooses(world: World, sign_in: SignIn) -> None:
    assert sign_in("aline").post(URL, CHOICE).status_code == 403
    assert sign_in("chloe").get(URL).status_code == 403
