"""Cancelling a vacancy, or declaring it again: what is stated before it is done."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.utils.html import strip_tags

from attributions.households.pages.candidacies import answer, besides, prevented, taken_words, ways
from flux.forms.vacancies import CancellationForm
from flux.models import Ledger, Routing, StockAssignment, Unit, Vacancy
from flux.queries.first_letting import TakenBack
from reservations.models import Organisation, ReservationHolder, Territory
from reservations.models.convention import UNIT

CITY = ReservationHolder(pk=2, organisation=Organisation(name="Ville de Narbonne", article="la"), contingent=4)
ROUTED = Routing(holder=CITY)


def vacancy(**given: Any) -> Vacancy:
    unit = Unit(pk=4, rooms=3, in_qpv=None, financing_code="", commune=Territory(name="Narbonne"))
    return Vacancy(pk=9, **{"unit": unit, "registered_on": date(2026, 11, 20), "kind": "IN_FLOW"} | given)


@pytest.mark.parametrize(
    ("routing", "accounts", "expected"),
    [
        (None, 0, "enregistré le 20 novembre 2026, dans le flux : 0 compte à corriger."),
        (ROUTED, 1, "dans le flux, orienté vers la Ville de Narbonne : 1 compte corrigé."),
        (ROUTED, 2, "vers la Ville de Narbonne : 2 comptes corrigés."),
    ],
)
def test_it_says_how_many_accounts_change(routing: Routing | None, accounts: int, expected: str) -> None:
    assert strip_tags(answer(vacancy(), routing, accounts)).endswith(expected)


def test_what_is_to_be_undone_first_is_stated() -> None:
    assert prevented(vacancy(), allocated=False, followed_here=False) == ""
    assert "annulez d’abord l’attribution" in prevented(vacancy(), allocated=True, followed_here=False)
    assert "son désistement, sur la page" in prevented(vacancy(), allocated=True, followed_here=True)


def test_declaring_again_says_in_which_year_it_would_count() -> None:
    form = CancellationForm(None, vacancy=vacancy(), classed="")
    same, moved = ways(form, vacancy(), None), ways(form, vacancy(), 2027)
    assert same.hints["RECLASSIFIED"].endswith("elle prend sa place dans l’ordre d’aujourd’hui.")
    assert moved.hints["RECLASSIFIED"].endswith(", et passe de l’exercice 2026 à l’exercice 2027.")
    assert 'name="exclusion"' in same.as_field_group()


def test_each_account_says_what_it_loses() -> None:
    ledger = Ledger(kind="YEARLY", exercise=2026)
    both, due, received = taken_words(
        [TakenBack(ledger, CITY, -UNIT // 4, -1), TakenBack(ledger, CITY, UNIT, 0), TakenBack(ledger, CITY, 0, 1)]
    )
    assert strip_tags(both).startswith(f"{CITY} : dû −0,25, reçu ")
    assert "reçu" not in due
    assert "dû" not in received


def test_what_else_is_freed_is_stated() -> None:
    stock = StockAssignment(right_id=3)
    freed = list(besides(vacancy(kind="STOCK", stock_right_id=3, allotment_id=5), ROUTED, stock))
    assert [strip_tags(each).split(" ")[1] for each in freed] == ["droit", "part", "porte", "vers"]
    assert list(besides(vacancy(), None, stock)) == []
