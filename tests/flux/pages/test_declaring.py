"""Declaring a unit that falls vacant: what each classification means is stated before."""

from __future__ import annotations

import pytest
from django.utils.html import strip_tags

from flux.forms.vacancies import VacancyForm
from flux.models import OutsideFlow, StockAssignment, Unit
from flux.pages.declarations import answer, classed, kinds
from reservations.models import Organisation, ReservationHolder, StockRight, Territory

CITY = ReservationHolder(pk=2, organisation=Organisation(name="Ville de Narbonne", article="la"), contingent=4)


def test_it_says_in_which_account_it_takes_its_place() -> None:
    unit = Unit(rooms=3, in_qpv=None, financing_code="", commune=Territory(name="Narbonne"))
    assert answer(unit, None).endswith(", Narbonne.")
    assert answer(unit, 2026).endswith("sa place dans l’ordre d’enregistrement du compte 2026.")


def test_what_is_classed_already_says_where_it_goes() -> None:
    stock = StockAssignment(right=StockRight(holder=CITY, ground="UNCONVERTED"))
    outside = OutsideFlow(reason="STUDENT", source="bail")
    assert classed(None, None) == ""
    assert "Libéré, il va directement à la Ville de Narbonne, hors du flux" in strip_tags(classed(stock, None))
    assert strip_tags(classed(None, outside)).endswith("(bail). Libéré, il n’entre dans aucun compte.")


@pytest.mark.parametrize(
    ("covered", "expected"), [(True, "chaque réservataire est crédité"), (False, "il attend sans")]
)
def test_each_kind_says_what_it_is(*, covered: bool, expected: str) -> None:
    asked = kinds(VacancyForm(None, classed=False), covered=covered)
    assert expected in asked.hints["IN_FLOW"]
    assert set(asked.then) == {"EXCLUDED"}
    assert all(hint for _, hint, _ in asked.each)
