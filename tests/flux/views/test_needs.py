"""« Nos besoins »: written by a holder, read back before it commits, read by everybody else."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from flux.models import Ledger, NeedsDeclaration
from flux.operations.needs import declare_needs
from flux.operations.routing import route_waiting_vacancies
from flux.queries.needs import ENOUGH
from reservations.rounding import THIN
from tests.flux.views.pages import messages_of, text_of
from tests.flux.views.test_account import cells, page
from tests.world import MORNING, World
from tests.world_again import kept

SignIn = Callable[[str], Client]
NumQueries = Callable[[int], AbstractContextManager[object]]

#: T2 80, T3 20; nothing stated of the rest.
TYPED = {"typology-1": "80", "typology-2": "20", "note": "Jeunes couples."}


@pytest.fixture(autouse=True)
def morning(time_machine: Any) -> None:
    time_machine.move_to(MORNING, tick=False)


@pytest.fixture
@kept
def ledger(world: World) -> Ledger:
    for rooms in (2, 3, 3, 4):
        world.vacancy(rooms=rooms)
    ledger = Ledger.objects.ordinary().get()
    route_waiting_vacancies(ledger_id=ledger.pk, now=MORNING)
    return ledger


def at(world: World, ledger: Ledger, name: str = "needs", holder: str = "city") -> str:
    return reverse(name, args=[ledger.pk, world.holders[holder].pk])


def declared(world: World, ledger: Ledger, **mix: dict[str, int]) -> NeedsDeclaration:
    return declare_needs(
        ledger=ledger,
        holder=world.holders["city"],
        mix=mix or {"typology": {"T2": 1}},
        by=world.people["chloe"],
        now=MORNING,
    )


def test_page_sets_the_flow_beside_each_field(world: World, sign_in: SignIn, ledger: Ledger) -> None:
    text = page(sign_in("chloe"), at(world, ledger))
    assert "<b>Rien de déclaré</b>" in text
    assert "d’après les 4 logements du parc" in text
    assert cells(text)[1:5] == [
        ["T1", "0 %", "–", "–"],
        ["T2", "25 %", "–", "–"],
        ["T3", "50 %", "–", "–"],
        ["T4", "25 %", "–", "–"],
    ]
    assert f"Dans le flux : 50{THIN}%" in text


def test_needs_are_read_back_with_what_the_flow_allows_then_declared(
    world: World, sign_in: SignIn, ledger: Ledger
) -> None:
    client = sign_in("chloe")
    read = client.post(at(world, ledger), TYPED)
    assert read.status_code == 200
    text = read.content.decode()
    assert "Voici <b>ce que le flux permet</b>" in text
    assert "Pourquoi ces besoins : « Jeunes couples. »" in text
    t2, t3 = (next(row for row in cells(text) if row[0] == name) for name in ("T2", "T3"))
    assert (t2[1:3], t3[1:3]) == (["25 %", "80 %"], ["50 %", "20 %"])
    assert 25 < int(t2[3].removesuffix(" %")) <= 80
    assert not NeedsDeclaration.objects.exists()
    done = client.post(at(world, ledger), TYPED | {"seen": "0", "confirm": "1"}, follow=True)
    assert messages_of(done) == ["Besoins déclarés : ils comptent dès le prochain logement libéré."]
    row = NeedsDeclaration.objects.get()
    assert (row.mix, row.note, row.from_sequence) == ({"typology": {"T2": 80, "T3": 20}}, "Jeunes couples.", 5)
    assert "Typologie : T2 80 % T3 20 %" in text_of(done)
    assert "à partir du logement n° 5" in text_of(done)


def test_corrections_come_back_to_the_form_as_typed(world: World, sign_in: SignIn, ledger: Ledger) -> None:
    client = sign_in("chloe")
    back = client.post(at(world, ledger), TYPED | {"back": "1"})
    assert (back.status_code, 'value="80"' in back.content.decode()) == (200, True)
    assert not NeedsDeclaration.objects.exists()


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({}, "Déclarez au moins une typologie, un financement ou un besoin en QPV."),
        ({"typology-1": "beaucoup"}, "Écrivez un nombre entier, en chiffres : 30 par exemple, sans %."),
        ({"typology-1": "-3"}, "Un besoin n’est pas négatif"),
        ({"qpv-0": "0", "qpv-1": "0"}, "Tout est à zéro"),
        ({"financing-2": "100"}, "Il ne se libère aucun de ces logements là où vous avez des droits (PLS)"),
        ({"financing-2": "100", "confirm": "1"}, "Il ne se libère aucun de ces logements"),
    ],
)
def test_what_is_wrong_is_stated_on_the_form(
    world: World, sign_in: SignIn, ledger: Ledger, typed: dict[str, str], sentence: str
) -> None:
    response = sign_in("chloe").post(at(world, ledger), typed)
    assert (response.status_code, sentence in text_of(response)) == (422, True)
    assert not NeedsDeclaration.objects.exists()


def test_a_page_out_of_date_is_read_again(world: World, sign_in: SignIn, ledger: Ledger) -> None:
    declare_needs(
        ledger=ledger, holder=world.holders["als"], mix={"qpv": {"hors QPV": 1}}, by=world.people["bob"], now=MORNING
    )
    for seen in ("0", "abc", "9" * 40):
        response = sign_in("chloe").post(at(world, ledger), TYPED | {"seen": seen, "confirm": "1"})
        assert (response.status_code, "Entre-temps, d’autres besoins" in text_of(response)) == (422, True)
    assert not NeedsDeclaration.objects.filter(holder=world.holders["city"]).exists()


def test_the_landlord_the_overseers_and_the_others_read_and_declare_nothing(
    world: World, sign_in: SignIn, ledger: Ledger
) -> None:
    declared(world, ledger)
    for name in ("alice", "bob", "emma"):
        client = sign_in(name)
        text = page(client, at(world, ledger))
        assert "Ville de Narbonne : quels logements, pour quels besoins ?" in text
        assert "Typologie : T2 100" in text
        assert "Déclarer nos besoins" not in text
        assert client.post(at(world, ledger), TYPED).status_code == 403
        assert client.post(at(world, ledger, "needs-withdraw")).status_code == 403
    other = page(sign_in("bob"), at(world, ledger, holder="priority"))
    assert "d’autres l’ont fait, et la cible en tient compte" in other
    assert "Déclarer nos besoins" in other


def test_who_declared_is_named_to_its_own_organisation_only(world: World, sign_in: SignIn, ledger: Ledger) -> None:
    person = declared(world, ledger).declared_by
    own = page(sign_in("chloe"), at(world, ledger))
    assert f'data-l="Par">{person}<' in own
    for name in ("alice", "bob", "emma"):
        other = page(sign_in(name), at(world, ledger))
        assert str(person) not in other
        assert f'data-l="Par">{world.city}<' in other


def test_several_that_declared_are_named_one_after_the_other(world: World, sign_in: SignIn, ledger: Ledger) -> None:
    declared(world, ledger)
    declare_needs(
        ledger=ledger, holder=world.holders["als"], mix={"qpv": {"hors QPV": 1}}, by=world.people["bob"], now=MORNING
    )
    client = sign_in("chloe")
    assert "En vigueur dans ce compte : Ville de Narbonne, Action Logement Services." in text_of(
        client.get(at(world, ledger))
    )
    assert "des besoins déclarés par la Ville de Narbonne, Action Logement Services :" in text_of(
        client.get(reverse("account", args=[ledger.pk]))
    )


def test_flow_is_read_from_what_fell_vacant_once_there_is_enough(world: World, sign_in: SignIn, ledger: Ledger) -> None:
    for _ in range(ENOUGH - 4):
        world.vacancy(rooms=2)
    assert "Le flux compte 50 logements libérés et comptés depuis un an." in text_of(
        sign_in("chloe").get(at(world, ledger))
    )


def test_withdrawing_says_what_happens(world: World, sign_in: SignIn, ledger: Ledger) -> None:
    declared(world, ledger)
    client = sign_in("chloe")
    done = client.post(at(world, ledger, "needs-withdraw"), follow=True)
    assert messages_of(done) == ["Besoins retirés : vous retrouvez la répartition du flux dès le prochain logement."]
    assert "Besoins retirés" in text_of(done)
    again = client.post(at(world, ledger, "needs-withdraw"), follow=True)
    assert messages_of(again) == ["Ville de Narbonne n’a pas de besoins déclarés dans ce compte : rien à retirer."]


def test_no_needs_for_the_landlord_nor_for_who_has_nothing_there(world: World, sign_in: SignIn, ledger: Ledger) -> None:
    client = sign_in("alice")
    page(client, at(world, ledger, holder="landlord"), 404)
    world.end(world.conventions["city"], MORNING.date())
    page(client, at(world, ledger))
    first = Ledger.objects.create(
        landlord=world.landlord, departement=world.places["Aude"], exercise=2026, kind="FIRST_LETTING"
    )
    page(client, at(world, first), 404)


def test_a_year_that_is_over_is_read_only(world: World, sign_in: SignIn, ledger: Ledger, time_machine: Any) -> None:
    client = sign_in("chloe")
    time_machine.move_to(MORNING.replace(year=2027))
    client = sign_in("chloe")
    assert "Déclarer nos besoins" not in page(client, at(world, ledger))
    response = client.post(at(world, ledger), TYPED | {"confirm": "1"})
    assert (response.status_code, "L’exercice 2026 est terminé" in text_of(response)) == (422, True)


def test_account_statement_and_home_lead_to_the_needs(world: World, sign_in: SignIn, ledger: Ledger) -> None:
    client, link = sign_in("chloe"), at(world, ledger)
    sentence = "Cibles par catégorie tirées des besoins déclarés par"
    for path in (reverse("account", args=[ledger.pk]), at(world, ledger, "statement")):
        assert sentence not in page(client, path)
    declared(world, ledger)
    for path in (reverse("account", args=[ledger.pk]), at(world, ledger, "statement")):
        text = page(client, path)
        assert sentence in text
        assert link in text
    assert link in page(client, reverse("home"))


@pytest.mark.parametrize("count", [1, 12])
def test_page_costs_the_same_whatever_was_declared(
    world: World, sign_in: SignIn, ledger: Ledger, count: int, django_assert_num_queries: NumQueries
) -> None:
    for number in range(count):
        declared(world, ledger, typology={"T2": 1 + number})
    client = sign_in("chloe")
    with django_assert_num_queries(12):
        page(client, at(world, ledger))


def test_holder_whose_right_has_ended_is_led_back_to_its_statement(
    world: World, sign_in: SignIn, ledger: Ledger
) -> None:
    """Its statement and its home lead here still: no page leads to a 404."""
    world.end(world.conventions["city"], MORNING.date())
    with time_machine.travel(MORNING + timedelta(days=1), tick=False):
        answer = sign_in("alice").get(at(world, ledger))
    assert (answer.status_code, answer["Location"]) == (302, at(world, ledger, "statement"))
