"""Letting a unit again on screen and by software: what it does is stated first, and its story is one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse
from django.utils import timezone

from flux.models import ExpectedHolder, FormerForecast, Vacancy
from flux.operations.cancellation import cancel_vacancy
from flux.operations.outcomes import resume_vacancy
from flux.operations.stock import keep_in_stock
from tests.flux.api.software import Software
from tests.flux.known import departures, plan_together
from tests.flux.operations.test_known_departures import route
from tests.flux.operations.test_returning import give_back, send
from tests.flux.views.pages import messages_of, text_of
from tests.world import MORNING
from tests.world_again import kept

if TYPE_CHECKING:
    from django.test import Client

    from tests.world import World

    SignIn = Callable[[str], Client]


def page(vacancy: Vacancy) -> str:
    return reverse("vacancy-resume", args=[vacancy.pk])


def sheet(vacancy: Vacancy) -> str:
    return reverse("vacancy-detail", args=[vacancy.pk])


@pytest.fixture
@kept
def works(world: World) -> Vacancy:
    """A unit that works took out of the flow."""
    routing = send(world, "city")
    give_back(world, routing, "WORKS", text="Toiture à refaire.")
    return routing.vacancy


def test_sheet_leads_the_landlord_to_it_and_nobody_else(world: World, works: Vacancy, sign_in: SignIn) -> None:
    for person, leads in (("aline", True), ("chloe", False), ("bob", False)):
        answer = sign_in(person).get(sheet(works))
        assert "Sorti du flux" in text_of(answer)
        assert (page(works) in answer.content.decode()) is leads, person
    assert sign_in("chloe").get(page(works)).status_code == 403
    assert sign_in("zoe").get(page(works)).status_code == 404


def test_page_says_what_it_does_then_does_it(world: World, works: Vacancy, sign_in: SignIn) -> None:
    client = sign_in("aline")
    words = text_of(client.get(page(works)))
    assert "sorti pour travaux depuis le 24 novembre 2026" in words
    assert "Il garde son congé, du 24 novembre 2026, et son histoire" in words
    assert "Il rentre dans son compte, celui de 2026" in words
    assert "qui l’avait avant les travaux aussi" in words
    done = client.post(page(works), follow=True)
    assert done.redirect_chain == [(sheet(works), 302)]
    [result] = messages_of(done)
    assert result.startswith(f"{works.unit} est remis en location, et recommandé pour ")
    words = text_of(client.get(sheet(works)))
    assert "Remis en location, au même congé : chaque réservataire est crédité de sa part" in words
    assert "travaux découverts. « Toiture à refaire. »" in words


def test_a_second_look_says_that_nothing_is_out(world: World, works: Vacancy, sign_in: SignIn) -> None:
    client = sign_in("aline")
    client.post(page(works))
    answer = client.get(page(works), follow=True)
    assert answer.redirect_chain == [(sheet(works), 302)]
    assert messages_of(answer)[-1] == f"{works.unit} n’est pas sorti de la location : il n’y a rien à reprendre."
    again = client.post(page(works))
    assert again.status_code == 422
    assert "n’est pas sorti de la location" in text_of(again)


def test_technical_vacancy_and_what_follows_are_one_story(world: World, sign_in: SignIn) -> None:
    technical, client = world.vacancy(kind="TECHNICAL"), sign_in("aline")
    assert page(technical) in client.get(sheet(technical)).content.decode()
    words = text_of(client.get(page(technical)))
    assert "vacance technique depuis le 24 novembre 2026" in words
    done = client.post(page(technical), follow=True)
    again = technical.replaced_by
    assert done.redirect_chain == [(sheet(again), 302)]
    assert messages_of(done) == [f"{technical.unit} est remis en location, dans le flux : sa destination se calcule."]
    assert "Remis en location par Aline" in text_of(client.get(sheet(again)))
    assert "Lire la déclaration qui le remplace" in text_of(client.get(sheet(technical)))


def test_a_technical_vacancy_of_last_year_says_what_follows_it(world: World, sign_in: SignIn) -> None:
    technical = world.vacancy(kind="TECHNICAL", now=MORNING - timedelta(days=400))
    again = resume_vacancy(vacancy=technical, by=world.people["aline"], now=MORNING)
    words = text_of(sign_in("aline").get(sheet(technical)))
    assert "Clos le 24 novembre 2026." in words
    assert "Lire la déclaration qui le remplace" in words
    assert again.ledger.exercise == 2026


def test_a_unit_in_stock_is_let_again_for_its_holder(world: World, sign_in: SignIn) -> None:
    technical = world.vacancy(kind="TECHNICAL")
    holder = world.holders["agents"]
    keep_in_stock(
        unit=technical.unit, holder=holder, ground="DEFENCE", starts_on=MORNING.date(), by=world.people["alice"]
    )
    done = sign_in("aline").post(page(technical), follow=True)
    [result] = messages_of(done)
    assert result.startswith(f"{technical.unit} est remis en location, et orienté vers ") or "gardé en stock" in result


def test_declaring_again_leads_to_what_is_open(world: World, works: Vacancy, sign_in: SignIn) -> None:
    """« un logement ne se libère qu’une fois » : the refusal of the screen has the way to the open one."""
    today = timezone.localdate()
    answer = sign_in("aline").post(
        f"{reverse('vacancy-declare')}?unit={works.unit_id}",
        {"kind": "IN_FLOW", "notice_on": today.isoformat(), "available_on": (today + timedelta(90)).isoformat()},
    )
    assert answer.status_code == 422
    assert "un logement ne se libère qu’une fois" in text_of(answer)
    assert sheet(works) in answer.content.decode()
    assert Vacancy.objects.count() == 1


def test_software_is_refused_too_and_lets_it_again(world: World, works: Vacancy) -> None:
    software = Software(world)
    body = {
        "unit": works.unit.reference,
        "notice_on": timezone.localdate().isoformat(),
        "available_on": (timezone.localdate() + timedelta(90)).isoformat(),
    }
    refused = software.post("/vacancies/", body, 422).json()
    assert "un logement ne se libère qu’une fois" in str(refused)
    path = f"/vacancies/{works.pk}/"
    state = {"If_Match": software.get(path)["ETag"]}
    Software(world, "zoe").post(f"{path}resume/", {}, 404, **state)
    answer = software.post(f"{path}resume/", {}, 200, **state).json()
    assert (answer["id"], Vacancy.objects.get().pk) == (works.pk, works.pk)
    assert software.post(f"{path}resume/", {}, 409, If_Match=software.get(path)["ETag"]).json()["code"] == (
        "etat-incompatible"
    )


def test_every_forecast_stays_on_its_page_with_what_changed_it(world: World, sign_in: SignIn) -> None:
    """A plan that changes its mind says so: the forecasts of before, until when, and why."""
    plan_together(world, length=4)
    fallen = departures(world, 3)
    route(fallen[0].ledger)
    for each in ExpectedHolder.objects.all():  # as if another plan had stated otherwise
        ExpectedHolder.objects.filter(pk=each.pk).update(holder=world.holders["landlord"])
    departures(world, 1)
    route(fallen[0].ledger)
    former = list(FormerForecast.objects.filter(vacancy__in=fallen))
    assert former
    assert {each.cause for each in former} <= {"KNOWN", "OVER"}
    words = text_of(sign_in("aline").get(sheet(former[0].vacancy)))
    assert "Prévu pour Robine Habitat" in words or "Prévu pour la part non réservée" in words or "Prévu pour" in words
    assert former[0].get_cause_display() in words


def test_a_cancelled_departure_keeps_its_forecast(world: World, sign_in: SignIn) -> None:
    plan_together(world, length=4)
    [first, *_] = departures(world, 2)
    route(first.ledger)
    cancel_vacancy(vacancy=first, reason="NOTICE_WITHDRAWN", text="Il reste.", by=world.people["aline"])
    assert FormerForecast.objects.get(vacancy=first).cause == "CANCELLED"
    assert not ExpectedHolder.objects.filter(vacancy=first).exists()
    assert "la déclaration est annulée" in text_of(sign_in("aline").get(sheet(first)))
