"""What accounts and their list ask, answer and explain: in each state, to each reader."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.utils.html import strip_tags

from flux.models import Ledger
from flux.pages.account_words import (
    account_answer,
    account_note,
    account_question,
    entered,
    list_answer,
    list_question,
)
from flux.queries.accounts import Account, AccountFigures, AccountLine
from reservations.models import Organisation, ReservationHolder
from reservations.models.convention import UNIT

ON = date(2026, 11, 24)
CITY = ReservationHolder(pk=2, organisation=Organisation(name="Ville de Narbonne", article="la"), contingent=4)


def account(entered: int, *figures: AccountFigures) -> Account:
    return Account(Ledger(), ON, entered, tuple(AccountLine(CITY, (), each) for each in figures))


def test_a_list_asks_what_its_reader_does() -> None:
    asked = [
        list_question(first=True, own=False, by_landlord=True),
        list_question(first=False, own=True, by_landlord=False),
        list_question(first=False, own=False, by_landlord=True),
        list_question(first=False, own=False, by_landlord=False),
    ]
    assert len(set(asked)) == 4
    assert account_question(first=True) != account_question(first=False)


def test_a_holder_reads_where_it_stands_and_the_others_how_many_there_are() -> None:
    own = AccountFigures(due=3 * UNIT, received=1, routed=1, awaiting=1)
    text = strip_tags(list_answer(2, own, 2026, first=False))
    assert text.startswith("En 2026, il vous reste 2,00 logements à recevoir : 3,00 dus, 1 reçu")
    assert text.endswith(", dont 1 que le bailleur doit encore confirmer.")
    assert list_answer(2, None, 2026, first=False).startswith("2 comptes, un par bailleur")
    assert list_answer(1, None, 2026, first=True).startswith("1 compte de programmes neufs")


@pytest.mark.parametrize(
    ("read", "first", "expected"),
    [
        (account(0), False, "0 logement est entré dans le flux : personne n’a encore rien à recevoir."),
        (account(2), False, "2 logements sont entrés dans le flux ; aucun réservataire n’a de part"),
        (account(1, AccountFigures(due=UNIT)), False, "est de 1,00 logement (Ville de Narbonne, à recevoir)."),
        (account(1, AccountFigures(received=1, routed=1)), False, "(Ville de Narbonne, d’avance)."),
        (account(1, AccountFigures()), False, "(Ville de Narbonne, à jour)."),
        (account(1), True, "1 logement neuf est loué selon leur répartition"),
    ],
)
def test_an_account_answers_with_the_widest_gap(read: Account, first: bool, expected: str) -> None:
    assert expected in strip_tags(account_answer(read, ON, first=first))


@pytest.mark.parametrize(
    ("figures", "kind", "expected"),
    [
        ({}, "ORDINARY", "La somme des écarts est nulle : chaque logement entré dans le flux est dû en entier"),
        ({}, "ORDINARY", "Et si les parts avaient été différentes ?"),
        ({}, "FIRST_LETTING", "chaque logement loué est dû en entier, au prorata"),
        ({"due": 2 * UNIT}, "ORDINARY", "La somme des écarts, en cours compris, vaut 2 : à cette date, 2 logements"),
        ({"due": 4 * UNIT // 10, "carried": -6 * UNIT // 10}, "ORDINARY", "Ensemble, 1,00 dû pour 1 logement entré"),
        ({"returned": 1}, "ORDINARY", "Un logement rendu ne crédite personne une seconde fois"),
        ({}, "TURN", "pour 1 logement passé pour un tour. Chacun a été rendu par un réservataire"),
    ],
)
def test_a_note_says_how_the_figures_hold(figures: dict[str, Any], kind: str, expected: str) -> None:
    read, book = account(1, AccountFigures(**figures)), Ledger(pk=1, kind=kind)
    assert expected in strip_tags(account_note(read, book, first=kind == "FIRST_LETTING"))


def test_an_account_of_before_says_that_a_unit_given_back_counts_again() -> None:
    read, book = account(1, AccountFigures(returned=1)), Ledger(pk=1, kind="ORDINARY", accounting=1)
    assert "Un logement rendu qui compte quand même est dû" in strip_tags(account_note(read, book, first=False))


def test_units_that_entered_are_let_or_in_the_flow() -> None:
    assert entered(2, first=True) == "2 logements loués"
    assert entered(1, first=False) == "1 logement entré dans le flux"
