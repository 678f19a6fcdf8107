"""« Mise en service »: what is ready is read, one unit is tried on accounts that are thrown away, and nothing is routed
before the day chosen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from flux.models import FlowEntry, GoLive, Ledger, Recommendation, Rehearsal, Vacancy
from flux.operations.decision import RoutingRefused
from flux.operations.departures import decide_now
from flux.operations.routing import sweep_waiting_vacancies
from flux.operations.starting import rehearse, set_decision_window, set_go_live
from flux.operations.stock import keep_in_stock
from reservations.refusals import Refusal
from tests.flux.views.pages import text_of
from tests.flux.views.test_opening import proposed
from tests.world import MORNING, convention, promise_behind_the_acts

if TYPE_CHECKING:
    from django.test import Client

    from tests.world import World

    SignIn = Callable[[str], Client]

TODAY = MORNING.date()
URL = reverse("starting")


@pytest.fixture(autouse=True)
def today(time_machine: object) -> None:
    time_machine.move_to(MORNING)


def test_checklist_reads_what_there_is_and_says_what_is_left(world: World, sign_in: SignIn) -> None:
    zoe = sign_in("zoe")
    words = text_of(zoe.get(URL))
    assert "Rien n’est encore décidé ici. 4 étapes restent à faire." in words
    assert "Parc à faire 0 logement Importer le parc" in words
    assert "Références des logements au choix 0 de votre logiciel, sur 0 Voir le parc" in words
    assert "Conventions signées par tous à faire 0 convention en vigueur" in words
    assert "Date de mise en service au choix aucune : ce qui est enregistré est orienté aussitôt" in words
    unit = world.unit(landlord=world.other_landlord, commune="Béziers")
    assert "rien en vigueur, en tout ou en partie : Hérault" in text_of(zoe.get(URL))
    convention(world.other_landlord, world.als, world.places["Hérault"], (world.holders["als"], "20", 1), signed=False)
    assert "0 convention en vigueur, 1 à faire signer" in text_of(zoe.get(URL))
    keep_in_stock(unit=unit, holder=world.holders["agents"], ground="DEFENCE", starts_on=TODAY, by=world.people["zoe"])
    assert "Droits en stock vérifiés fait 1 titre" in text_of(zoe.get(URL))
    world.vacancy()
    proposed(world)
    sweep_waiting_vacancies(now=MORNING)
    words = text_of(sign_in("aline").get(URL))
    assert "Soldes d’ouverture acceptés à faire 0 accepté sur 1" in words
    assert "L’orientation a commencé : 1 logement est décidé." in words
    assert "Seul le responsable chez le bailleur choisit cette date." in words


def test_a_trial_says_what_the_rule_would_and_leaves_nothing(world: World, sign_in: SignIn) -> None:
    unit, alice = world.unit(), sign_in("alice")
    text = text_of(alice.post(URL, {"reference": unit.reference}, follow=True))
    tried = Rehearsal.objects.get()
    assert f"Essai : {tried.holder}. {tried.sentence} Rien n’est écrit." in text
    assert f"Essai d’un logement fait le 24 nov., {unit}" in text
    for table in (Vacancy, Ledger, Recommendation, FlowEntry):
        assert not table.objects.exists(), table
    real = world.vacancy(unit)
    sweep_waiting_vacancies(now=MORNING)
    assert real.recommendations.get().sentence == tried.sentence
    unknown = alice.post(URL, {"reference": "Z-99"})
    assert unknown.status_code == 422
    assert "Aucun logement de votre parc n’a cette référence" in text_of(unknown)
    assert alice.post(URL, {"reference": ""}).status_code == 422
    again = alice.post(URL, {"reference": unit.reference})
    assert "est déjà déclaré libéré" in text_of(again)

    nowhere = rehearse(unit=world.unit(commune="Béziers"), by=world.people["alice"], now=MORNING)
    assert (nowhere.holder, nowhere.sentence[:43]) == (None, "Aucune convention de réservation n’est en v")
    assert "sans destination" in text_of(alice.get(URL))
    kept = world.unit()
    keep_in_stock(unit=kept, holder=world.holders["city"], ground="LAND", starts_on=TODAY, by=world.people["alice"])
    assert rehearse(unit=kept, by=world.people["alice"], now=MORNING).holder == world.holders["city"]
    promise_behind_the_acts(world.conventions["city"], 900_000)
    assert "corrigez une convention" in rehearse(unit=world.unit(), by=world.people["alice"], now=MORNING).sentence


def test_nothing_is_decided_before_the_day_chosen_then_all_in_order(world: World, sign_in: SignIn) -> None:
    alice, monday = sign_in("alice"), MORNING + timedelta(6)
    assert alice.post(URL, {"on": "01/01/2020"}).status_code == 422
    words = text_of(alice.post(URL, {"on": f"{monday:%d/%m/%Y}"}, follow=True))
    assert "L’orientation commence le 30 novembre 2026" in words
    vacancies = [world.vacancy() for _ in range(2)]
    assert sweep_waiting_vacancies(now=MORNING) == 0
    assert "L’orientation commence le 30 novembre 2026 : 2 logements enregistrés attendent ce jour" in text_of(
        alice.get(URL)
    )
    sheet = reverse("vacancy-detail", args=[vacancies[0].pk])
    assert "Il attend la mise en service" in text_of(alice.get(sheet))
    assert "Voir la mise en service" in text_of(alice.get(sheet))
    assert "Voir la mise en service" not in text_of(sign_in("bob").get(sheet))
    home = text_of(alice.get(reverse("home")))
    assert "Mise en service" in home
    assert "L’orientation commence le 30 nov." in home
    assert "Avant la mise en service" in text_of(alice.get(reverse("vacancy-list")))
    set_decision_window(
        landlord=world.landlord, length=3, days=10, starts_on=TODAY, by=world.people["alice"], today=TODAY
    )
    with pytest.raises(RoutingRefused, match="rien n’est décidé d’ici là"):
        decide_now(vacancy=vacancies[0], by=world.people["alice"], now=MORNING)
    set_decision_window(
        landlord=world.landlord, length=1, days=0, starts_on=TODAY, by=world.people["alice"], today=TODAY
    )
    set_go_live(landlord=world.landlord, on=TODAY, by=world.people["alice"], now=MORNING)
    assert sweep_waiting_vacancies(now=MORNING) == 2
    assert [each.recommendations.get().sequence for each in vacancies] == [1, 2]
    with pytest.raises(Refusal, match="elle ne s’arrête pas"):
        set_go_live(landlord=world.landlord, on=TODAY + timedelta(3), by=world.people["alice"], now=MORNING)
    for table, given in ((GoLive, {"on": TODAY}), (Rehearsal, {"sentence": "x"})):
        if table is Rehearsal:
            rehearse(unit=world.unit(), by=world.people["alice"], now=MORNING)
        with pytest.raises(DatabaseError, match="append_only"), transaction.atomic():
            table.objects.update(**given)
