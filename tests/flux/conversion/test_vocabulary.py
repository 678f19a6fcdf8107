"""The conversion knows nothing of the database, and speaks its words: one vocabulary, written twice, compared here."""

from __future__ import annotations

from flux.conversion import facts
from flux.conversion.worksheet import UNIT
from flux.models import Vacancy
from reservations.models import LegalParameter, ReservationHolder, StockRight, Territory, convention


def test_shares_are_counted_in_the_unit_of_the_quotas() -> None:
    assert convention.UNIT == UNIT


def test_grounds_and_uses_are_those_of_the_rights_in_stock() -> None:
    choices = dict(StockRight.Ground.choices)
    assert {code: label for code, label in choices.items() if code not in facts.KEPT} == facts.GROUNDS
    assert set(facts.KEPT) == set(StockRight.KEPT) <= set(facts.OUT)
    assert dict(StockRight.Use.choices) == facts.USES


def test_exclusions_are_those_of_the_vacancies() -> None:
    assert set(Vacancy.Exclusion.values) == set(facts.EXCLUSIONS)


def test_territories_and_contingents_have_the_same_names() -> None:
    contingents = {contingent.name: contingent.label for contingent in ReservationHolder.Contingent}
    assert contingents.pop("NOT_RESERVED") == facts.NOT_RESERVED
    assert contingents == facts.CONTINGENTS
    assert {contingent.name for contingent in ReservationHolder.STATE} == set(facts.STATE)
    assert dict(Territory.Kind.choices) == facts.TERRITORIES


def test_figures_of_the_law_have_the_names_of_the_legal_parameters() -> None:
    choices = dict(LegalParameter.Code.choices)
    assert {code: choices[code] for code in facts.PARAMETERS} == facts.PARAMETERS
