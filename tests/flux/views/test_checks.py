"""The pages of the checks and the compliance board."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from flux.operations.routing import sweep_waiting_vacancies
from flux.operations.stock import keep_in_stock
from flux.pages.checks import verdict_name
from flux.queries.state_cap import Verdict
from reservations.models import LegalParameter, Organisation, User
from reservations.operations.legal_parameter import record_legal_parameter
from reservations.operations.party import register_landlord, register_organisation
from reservations.operations.person import grant_membership
from tests.flux.operations.test_carry_over import YEAR_2
from tests.flux.operations.test_returning import send
from tests.flux.views.pages import text_of
from tests.world import MORNING, Role, World, convention, promise_behind_the_acts, siren

SignIn = Callable[[str], Client]
LIST, BOARD = reverse("check-list"), reverse("compliance")


def page_of(world: World) -> str:
    return reverse("check-detail", args=[world.landlord.pk])


def listed(answer: HttpResponse | Any) -> list[str]:
    """The heading of each row of the table."""
    return [line.cells[0].content.text for line in answer.context["table"].lines]


@pytest.mark.parametrize("name", ["alice", "aline"])
def test_landlord_is_led_to_its_own_checks(world: World, sign_in: SignIn, name: str) -> None:
    answer = sign_in(name).get(LIST)
    assert (answer.status_code, answer["Location"]) == (302, page_of(world))


def test_nothing_found_is_stated(world: World, sign_in: SignIn) -> None:
    words = text_of(sign_in("alice").get(page_of(world)))
    assert "Vos conventions respectent‑elles le droit ? Oui : 0 point contraire au droit" in words
    assert "Aucun logement n’est encore entré dans le flux : rien à comparer au plafond." in words


def test_finding_says_what_where_by_which_article_and_what_to_do(world: World, sign_in: SignIn) -> None:
    LegalParameter.objects.filter(code="STATE_SHARE_MAX").update(value=28)
    words = text_of(sign_in("alice").get(page_of(world))).replace("\u00a0", " ")
    assert "Non : 1 point contraire au droit, et 1 à surveiller." in words
    assert (
        "Contraire au droit Plafond de la part de l’État · Narbonne et 2 autres communes À Narbonne, la part de "
        "l’État est de 30 % du flux : le plafond est de 28 %. CCH, R441-5-2 À faire : Ramenez-la sous le plafond par "
        "un avenant, ou enregistrez l’arrêté de dérogation s’il existe."
    ) in words


def test_refusals_and_warnings_are_distinguished_in_words(world: World, sign_in: SignIn) -> None:
    promise_behind_the_acts(world.conventions["city"], 900_000)
    keep_in_stock(
        unit=world.unit(),
        holder=world.holders["city"],
        ground="LAND",
        starts_on=date(2010, 1, 1),
        ends_on=date(2026, 12, 31),
        by=world.people["alice"],
    )
    reading = sign_in("alice").get(page_of(world)).context["reading"]
    assert [check.code for check in reading.refusals] == ["OVER_COMMITTED"]
    assert sorted(check.code for check in reading.warnings) == ["GUARANTEE_SHARE", "MATTERS_MISSING", "RIGHT_ENDING"]


def test_cap_of_the_state_is_shown_in_units_with_its_rounding(world: World, sign_in: SignIn) -> None:
    """Net flow of 6: the cap is 1.8 unit, and the account says what the whole units make of it."""
    for _ in range(6):
        world.vacancy()
    sweep_waiting_vacancies(now=MORNING)
    answer = sign_in("alice").get(page_of(world))
    account = answer.context["reading"].caps[0]
    words = text_of(answer)
    assert f"{account.received} logements reçus sur 6 entrés dans le flux, pour un plafond de 1,80." in words
    assert verdict_name(account.verdict) in words
    assert answer.context["reading"].refusals == ()


def test_cap_passed_by_rounding_is_to_watch_and_never_green(world: World, sign_in: SignIn) -> None:
    """One unit of two for the State, 50 % against 30 %: a sign and words, and no « ✓ », on both pages."""
    for _ in range(2):
        world.vacancy()
    sweep_waiting_vacancies(now=MORNING)
    client = sign_in("alice")
    answer = client.get(page_of(world))
    (account,) = [each for each in answer.context["reading"].caps if each.capped.code == "STATE_SHARE"]
    assert account.verdict == Verdict.ROUNDING
    html = answer.content.decode()
    assert f'<span class="st todo">{verdict_name(account.verdict)}</span>' in html
    assert not re.search(rf'class="st ok">[^<]*{verdict_name(account.verdict)}', html)
    words = text_of(answer)
    assert "les plafonds, les territoires et les périodes sont respectés" not in words
    assert "L’avance de 0,40 vient de l’arrondi, à moins d’un logement par contingent" in words
    assert "le plafond est de 30 %, et il est passé de 0,40 logement, par arrondi" in words
    bob = sign_in("bob")
    watched = bob.get(page_of(world)).context["reading"].warnings
    assert "STATE_RECEIVED" in {check.code for check in watched}
    (line,) = bob.get(LIST).context["table"].lines
    assert line.cells[2].content.text == str(len(watched)), "the list counts it among what is to watch"


@time_machine.travel(MORNING, tick=False)
def test_cap_passed_beyond_rounding_is_contrary_to_the_law_on_both_pages(world: World, sign_in: SignIn) -> None:
    """Both units of two for one contingent: 2 − 0.6 is more than a whole unit ahead."""
    for _ in range(2):
        send(world, "priority")
    answer = sign_in("alice").get(page_of(world))
    (account,) = [each for each in answer.context["reading"].caps if each.capped.code == "STATE_SHARE"]
    assert account.verdict == Verdict.BREACH
    assert "L’avance de 1,40 dépasse ce qu’un arrondi explique." in text_of(answer)
    assert '<span class="st late">1</span>' in sign_in("bob").get(LIST).content.decode()


def test_cap_passed_this_year_after_years_under_it_is_made_up(world: World, sign_in: SignIn) -> None:
    for _ in range(4):
        send(world, "city")
    with time_machine.travel(YEAR_2, tick=False):
        send(world, "priority", world.vacancy(now=YEAR_2), now=YEAR_2)
        answer = sign_in("alice").get(page_of(world))
    (account,) = [each for each in answer.context["reading"].caps if each.capped.code == "STATE_SHARE"]
    assert account.verdict == Verdict.MADE_UP
    assert "En 2027 seul, le plafond est passé de 0,70 : les années précédentes le laissaient à recevoir." in text_of(
        answer
    )


def test_a_finding_about_one_convention_opens_it(world: World, sign_in: SignIn) -> None:
    """A convention whose last day comes in two months."""
    ending = world.conventions["city"]
    with time_machine.travel(datetime(2028, 11, 2, 9, tzinfo=UTC), tick=False):
        html = sign_in("alice").get(page_of(world)).content.decode()
    assert f'<a href="{reverse("convention-detail", args=[ending.pk])}">Ouvrir la convention</a>' in html


def test_overseer_without_any_landlord_is_notified(world: World, sign_in: SignIn) -> None:
    """The préfecture of the Hérault: nobody has signed there."""
    away = register_organisation(
        siren=siren(91), name="Préfecture de l’Hérault", article="la", kind="STATE", territory=world.places["Hérault"]
    )
    hugo = world.people["hugo"] = User.objects.create(email="hugo@exemple.test", full_name="Hugo")
    grant_membership(user=hugo, organisation=away, role=Role.STATE_OFFICER)
    words = text_of(sign_in("hugo").get(LIST))
    assert "Aucun bailleur n’a encore de convention signée ni de droit en stock sur votre territoire." in words


def test_overseer_reads_the_landlords_of_its_territory(world: World, sign_in: SignIn) -> None:
    away = register_landlord(siren=siren(90), name="Bailleur de Béziers", acronym="BB")
    convention(away, world.als, world.places["Hérault"], (world.holders["als"], "20", 1))
    for name in ("bob", "emma"):
        client = sign_in(name)
        assert listed(client.get(LIST)) == ["Robine Habitat"]
        assert client.get(reverse("check-detail", args=[away.pk])).status_code == 404
    assert listed(sign_in("adam").get(LIST)) == ["Bailleur de Béziers", "Robine Habitat"]


@pytest.mark.parametrize("count", [1, 12])
def test_list_has_as_many_queries_for_several_landlords(
    world: World, sign_in: SignIn, django_assert_num_queries: Callable, count: int
) -> None:
    for number in range(1, count):
        landlord = register_landlord(siren=siren(100 + number), name=f"Bailleur {number}", acronym=f"B{number}")
        convention(landlord, world.state, world.places["Aude"], (world.holders["priority"], "25", 1))
    client = sign_in("bob")
    with django_assert_num_queries(7):
        client.get(LIST)


def test_board_counts_those_with_a_convention(world: World, sign_in: SignIn) -> None:
    hospital = register_organisation(
        siren=siren(50), name="Hôpital de Narbonne", article="l’", kind=Organisation.Kind.OTHER
    )
    keep_in_stock(
        unit=world.unit(),
        holder=hospital.contingents.get(),
        ground="UNCONVERTED",
        starts_on=date(2010, 1, 1),
        by=world.people["alice"],
    )
    words = text_of(sign_in("alice").get(BOARD))
    assert (
        "4 réservataires sur 5 ont une convention en flux. 1 revient au préfet faute de convention. 1 garde des droits "
        "en stock à convertir."
    ) in words
    assert "Exigée de tous depuis le 24 novembre 2023." in words
    assert (
        "Hôpital de Narbonne logement par logement encore en stock 1 Convertir les droits en stock, puis signer une "
        "convention en flux. Sa part du flux est gérée par le préfet : l’échéance du 24/11/2023 est passée."
    ) in words


def test_board_is_filtered_by_its_address(world: World, sign_in: SignIn) -> None:
    client = sign_in("adam")
    assert len(listed(client.get(BOARD, {"etat": "signee"}))) == 4
    answer = client.get(BOARD, {"etat": "brouillon"})
    assert listed(answer) == []
    assert "Aucun réservataire ne répond à ces filtres." in text_of(answer)
    assert len(listed(client.get(BOARD, {"etat": "n’importe", "bailleur": "999"}))) == 4


def test_board_of_one_landlord_leads_an_overseer_to_its_checks(world: World, sign_in: SignIn) -> None:
    """A holder with rights in stock only has no convention to open."""
    hospital = register_organisation(
        siren=siren(50), name="Hôpital de Narbonne", article="l’", kind=Organisation.Kind.OTHER
    )
    keep_in_stock(
        unit=world.unit(),
        holder=hospital.contingents.get(),
        ground="UNCONVERTED",
        starts_on=date(2010, 1, 1),
        by=world.people["alice"],
    )
    html = sign_in("bob").get(BOARD, {"bailleur": world.landlord.pk}).content.decode()
    assert f'<option value="{world.landlord.pk}" selected>Robine Habitat</option>' in html
    assert html.count(f'<a class="btn sm" href="{page_of(world)}">Contrôles<span') == 1


@time_machine.travel(MORNING, tick=False)
def test_board_states_when_a_convention_is_asked_of_everybody(world: World, sign_in: SignIn) -> None:
    """« FLOW_REQUIRED » is a dated parameter: lifted today, asked again in July."""
    client, adam, today = sign_in("alice"), world.people["adam"], MORNING.date()
    given = {"code": "FLOW_REQUIRED", "source": "loi à venir", "by": adam, "today": today}
    record_legal_parameter(value=Decimal(0), starts_on=today, **given)
    assert "Aucune échéance n’est enregistrée" in text_of(client.get(BOARD))
    record_legal_parameter(value=Decimal(1), starts_on=date(2027, 7, 1), **given)
    assert "Exigée de tous à partir du 1er juillet 2027." in text_of(client.get(BOARD))


def test_board_of_a_landlord_without_anything_says_so(world: World, sign_in: SignIn) -> None:
    words = text_of(sign_in("zoe").get(BOARD))
    assert "0 réservataire : aucune convention, aucun droit en stock pour l’instant." in words


@pytest.mark.parametrize("count", [1, 12])
def test_board_has_as_many_queries_for_many_holders(
    world: World, sign_in: SignIn, django_assert_num_queries: Callable, count: int
) -> None:
    for number in range(count):
        holder = register_organisation(
            siren=siren(200 + number), name=f"Réservataire {number}", kind=Organisation.Kind.OTHER
        )
        convention(world.landlord, holder, world.places["Aude"], (holder.contingents.get(), "0.1", 10 + number))
    client = sign_in("bob")
    with django_assert_num_queries(3):
        client.get(BOARD)
