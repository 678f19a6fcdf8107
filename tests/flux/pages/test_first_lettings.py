"""A first letting and the agreement of its programme, in each of their states."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.utils.html import strip_tags

from flux.forms.programmes import AgreeForm, ReopenForm
from flux.models import Ledger, Programme, Unit, Vacancy
from flux.pages.programmes import agreement_facts, none_shared, programme_acts, warnings, way_back
from flux.pages.sheet_words import in_the_year, not_yet, why_there
from flux.queries.first_letting import FirstLetting, YearlyEntry
from flux.queries.programmes import ProgrammeSheet, Stage
from reservations.models import Organisation, ReservationHolder, Territory
from reservations.models.convention import UNIT

CITY = ReservationHolder(pk=2, organisation=Organisation(name="Ville de Narbonne", article="la"), contingent=4)
OWN = ReservationHolder(pk=1, organisation=Organisation(name="Robine Habitat"), contingent=7)


def programme(**given: Any) -> Programme:
    return Programme(pk=3, name="Voltaire", commune=Territory(name="Narbonne"), **given)


def vacancy(allotment: int | None) -> Vacancy:
    return Vacancy(unit=Unit(programme=programme(allotment_agreed_on=date(2026, 3, 1))), allotment_id=allotment)


def test_it_says_which_part_of_the_allotment_sent_it_there() -> None:
    assert why_there(vacancy(1), named=True).startswith("Logement désigné pour ce réservataire dans la répartition du")
    assert why_there(vacancy(1), named=False).startswith("Part de ce réservataire, alors le plus en retard")
    assert why_there(vacancy(None), named=False).endswith("convenue le 1er mars 2026, laisse au bailleur.")
    assert not_yet(by_landlord=True) != not_yet(by_landlord=False)


@pytest.mark.parametrize(
    ("allotment", "receiver", "expected"),
    [
        (1, CITY, "Il y est compté comme reçu."),
        (None, OWN, "Il y est compté au bailleur."),
        (1, OWN, "première location hors part pour la Ville de Narbonne, dont la convention ne la compte pas."),
    ],
)
def test_it_says_how_it_counts_in_the_year(allotment: int | None, receiver: ReservationHolder, expected: str) -> None:
    entry = YearlyEntry(Ledger(), [(CITY, UNIT // 4)], receiver)
    first = FirstLetting(named=False, yearly=entry, ledger_seen=True, programme_seen=True)
    text = in_the_year(vacancy(allotment), CITY, first)
    assert "le compte de la Ville de Narbonne reçoit 25" in text
    assert text.endswith(expected)
    assert in_the_year(vacancy(allotment), CITY, replace(first, yearly=None)).startswith("Il ne compte dans aucun")


def sheet(stage: Stage, **given: Any) -> ProgrammeSheet:
    nothing: dict[str, Any] = {"shares": [], "homes": [], "waiting": 0, "warning": None, "history": [], "gone": None}
    return ProgrammeSheet(**{"programme": programme(), "stage": stage} | nothing | given)


@pytest.mark.parametrize(
    ("stage", "names"),
    [
        (Stage.STOCK, ["Prévoir la livraison"]),
        (Stage.PLANNED, ["Répartir le programme", "Prévoir la livraison"]),
        (Stage.DRAFT, ["Convenir de la répartition…", "Modifier la répartition", "Prévoir la livraison"]),
        (Stage.AGREED, ["Prévoir la livraison", "Rouvrir la répartition…"]),
        (Stage.LET, []),
    ],
)
def test_each_stage_has_its_acts(stage: Stage, names: list[str]) -> None:
    acts = programme_acts(sheet(stage), AgreeForm(), ReopenForm(), refused=True)
    assert [act.name for act in acts] == names
    assert {act.folds for act in acts} <= {"act noprint"}
    assert all(act.opens for act in acts if act.button)


def test_what_is_not_stated_yet_is_asked_for() -> None:
    rows = [strip_tags(words) for _, words in agreement_facts(programme())]
    assert rows == ["Narbonne", "à dire", "à dire", "pas encore"]
    known = programme(expected_units=24, delivered_on=date(2027, 1, 1), allotment_agreed_on=date(2026, 3, 1))
    assert [words for _, words in agreement_facts(known)] == ["Narbonne", "24", "1er janvier 2027", "1er mars 2026"]
    [result] = warnings(sheet(Stage.DRAFT, waiting=2))
    assert result.startswith("2 premières mises en location attendent la répartition : elles seront orientées")
    assert warnings(sheet(Stage.DRAFT)) == []
    assert none_shared(may_manage=True).startswith(none_shared(may_manage=False))
    assert strip_tags(way_back(Stage.STOCK, by_landlord=True)) == "Programmes"
    assert strip_tags(way_back(Stage.DRAFT, by_landlord=True)) == "Programmes neufs"
