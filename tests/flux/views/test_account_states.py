"""The pages of the accounts in the states that a year seldom shows: each sentence that they may say is drawn."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from flux.models import FlowEntry, Ledger
from flux.operations.cancellation import cancel_vacancy
from flux.operations.returning import return_vacancy
from flux.operations.routing import route_waiting_vacancies
from flux.queries.accounts import account
from flux.queries.accounts import entered as credited
from tests.flux.before_the_rule import decided_without_convention
from tests.flux.books import count_as_before
from tests.flux.operations.test_carry_over import YEAR_1, YEAR_2, live, settle
from tests.flux.operations.test_returning import send
from tests.flux.programmes import agreed, let
from tests.flux.views.pages import text_of
from tests.world import MORNING, World, convention

SignIn = Callable[[str], Client]


@pytest.fixture(autouse=True)
def morning(time_machine: time_machine.TimeMachineFixture) -> None:
    time_machine.move_to(MORNING, tick=False)


def read(client: Client, ledger: Ledger, **asked: object) -> str:
    return text_of(client.get(reverse("account", args=[ledger.pk]), asked))


def entered(world: World, count: int, **given: object) -> Ledger:
    """So many units of the other landlord fall vacant in the Hérault, and are routed."""
    for _ in range(count):
        vacancy = world.vacancy(landlord=world.other_landlord, commune="Béziers", **given)
    route_waiting_vacancies(ledger_id=vacancy.ledger_id, now=MORNING)
    return vacancy.ledger


def test_before_the_first_unit_nobody_has_anything_to_receive(world: World, sign_in: SignIn) -> None:
    words = read(sign_in("zoe"), entered(world, 1), on="2026-01-02")
    assert "Au 2 janvier 2026, 0 logement est entré dans le flux : personne n’a encore rien à recevoir." in words


def test_without_a_holder_everything_is_the_landlords(world: World, sign_in: SignIn) -> None:
    for _ in range(2):
        vacancy = world.vacancy(landlord=world.other_landlord, commune="Béziers")
        decided_without_convention(vacancy)
    words = read(sign_in("zoe"), vacancy.ledger)
    assert "2 logements sont entrés dans le flux ; aucun réservataire n’a de part, tout est au bailleur." in words


def test_a_holder_at_its_due_is_up_to_date(world: World, sign_in: SignIn) -> None:
    """One half of two units: one due, one received."""
    als = world.holders["als"]
    convention(world.other_landlord, world.als, world.places["Hérault"], (als, "50", 1))
    words = read(sign_in("zoe"), entered(world, 2))
    assert f"le plus grand écart d’un réservataire est de 0,00 logement ({als}, à jour)." in words


def test_what_comes_from_the_year_before_is_stated_in_the_caption(world: World, sign_in: SignIn) -> None:
    settle(world, "city", "FULL")
    live(world, YEAR_1, 6)
    ledger = live(world, YEAR_2, 1)
    with time_machine.travel(YEAR_2, tick=False):
        assert "Dû : report compris." in read(sign_in("aline"), ledger)


def test_unit_given_back_that_counts_is_due_once_and_handed_on_beside(world: World, sign_in: SignIn) -> None:
    """The two invariants are on the account, and what was received for one turn beside it, with a page of its own."""
    routing = send(world, "city")
    return_vacancy(routing=routing, reason="DECLINED", text="Trop haut.", by=world.people["aline"], now=MORNING)
    ledger, beside = routing.vacancy.ledger, Ledger.objects.get(kind=Ledger.Kind.ONE_TURN)
    words = read(sign_in("aline"), ledger)
    assert "Ensemble, 1,00 dû pour 1 logement entré dans le flux." in words
    assert "il reste reçu par qui l’a rendu et passe à un autre pour un tour, hors de ce compte." in words
    taker = routing.vacancy.recommendations.latest("attempt").holder
    for person in ("alice", "bob", "chloe", "emma", "adam"):
        assert f"Reçus en plus, pour un tour, hors de ce compte : {taker}, 1." in read(sign_in(person), ledger)
        words = read(sign_in(person), beside)
        assert "Qui a reçu des logements en plus, pour un tour ?" in words
        assert "1 logement est passé à un autre, pour un tour" in words
        assert "Ensemble, 1,00 dû pour 1 logement passé pour un tour." in words
    assert "Reçus en plus" not in read(sign_in("zoe"), entered(world, 2))
    own = [text_of(sign_in("alice").get(reverse("statement", args=[each.pk, taker.pk]))) for each in (ledger, beside)]
    assert ["Pourquoi pas" in words for words in own] == [True, False]
    assert ["Besoins de ce réservataire" in words for words in own] == [not taker.is_not_reserved, False]


def test_unit_given_back_that_counts_is_due_once_more_in_an_account_of_before(world: World, sign_in: SignIn) -> None:
    routing = send(world, "city")
    count_as_before()
    aline = world.people["aline"]
    return_vacancy(routing=routing, reason="DECLINED", text="Trop haut.", by=aline, now=MORNING)
    words = read(sign_in("aline"), routing.vacancy.ledger)
    assert "Un logement rendu qui compte quand même est dû, et compté, une fois de plus." in words


def test_list_keeps_the_landlord_and_the_year_that_were_chosen(world: World, sign_in: SignIn) -> None:
    live(world, MORNING - timedelta(days=400), 1)
    live(world, MORNING, 1)
    entered(world, 1)
    address = reverse("account-list")
    page = sign_in("adam").get(address, {"exercise": 2026, "landlord": world.landlord.pk})
    html = page.content.decode()
    assert '<option value="2026" selected>2026</option>' in html
    assert f'<option value="{world.landlord.pk}" selected>Robine Habitat</option>' in html
    assert [(row["ledger"].exercise, row["entered"]) for row in page.context["rows"]] == [(2026, 1)]
    assert f'<a class="small" href="{address}">Tout afficher</a>' in html
    assert "Un compte s’ouvre avec la première mise en location" in text_of(
        sign_in("adam").get(address, {"nature": "premieres"})
    )
    let(world, agreed(world, ("city", 1, []), units=2))
    chosen = sign_in("adam").get(address, {"nature": "premieres", "exercise": 2026}).content.decode()
    assert f'<a class="small" href="{address}?nature=premieres">Tout afficher</a>' in chosen


@pytest.mark.parametrize("name", ["exercise", "landlord", "nature"])
def test_list_says_which_value_does_not_exist(world: World, sign_in: SignIn, name: str) -> None:
    """As the list of units freed does: « zz » was ignored in silence."""
    live(world, MORNING, 1)
    page = sign_in("adam").get(reverse("account-list"), {name: "zz"})
    label = {"exercise": "Exercice", "landlord": "Bailleur", "nature": "Nature"}[name]
    assert f"« {label} » : cette valeur n’existe pas ici, le filtre est ignoré." in text_of(page)
    assert len(page.context["rows"]) == 1


def test_list_says_as_many_entered_as_each_account(world: World, sign_in: SignIn) -> None:
    """What is given back enters once, what is cancelled not at all, a first letting in its own account."""
    live(world, MORNING - timedelta(days=400), 1)
    routing = send(world, "city")
    aline = world.people["aline"]
    return_vacancy(routing=routing, reason="WORKS", text="Plomb.", by=aline, now=MORNING)
    wrong = live(world, MORNING, 2).vacancies.latest("pk")
    cancel_vacancy(vacancy=wrong, reason="DECLARED_BY_MISTAKE", text="Erreur.", by=aline, now=MORNING)
    let(world, agreed(world, ("city", 1, []), units=2))
    client = sign_in("adam")
    pages = [client.get(reverse("account-list"), {"nature": nature}) for nature in ("", "premieres")]
    rows = [row for page in pages for row in page.context["rows"]]
    assert len(rows) == 3
    by_entries = [credited(FlowEntry.objects.filter(ledger=row["ledger"])) for row in rows]
    assert [row["entered"] for row in rows] == by_entries
    assert [account(row["ledger"], MORNING.date()).entered for row in rows] == by_entries
