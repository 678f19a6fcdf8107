"""What is stated of a unit: everything to those who may open its file, what counts are made of to the others."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.utils.html import strip_tags

from flux.models import Programme, Unit, Vacancy
from flux.pages.units import address, dwelling, rent, sized, storey, unit_facts, vacancy_facts
from reservations.models import Territory

TODAY = date(2026, 11, 24)


def unit(**given: Any) -> Unit:
    programme = Programme(pk=3, name="Voltaire", attractiveness=given.pop("attractiveness", ""))
    return Unit(
        pk=4,
        **{
            "reference": "RH-01",
            "rooms": 3,
            "street_number": "3",
            "street_type": "rue",
            "street_name": "Voltaire",
            "programme": programme,
        }
        | {"commune": Territory(name="Narbonne"), "in_qpv": None, "financing_code": ""}
        | given,
    )


def vacancy(**given: Any) -> Vacancy:
    days = {"notice_on": date(2026, 9, 1), "available_on": date(2026, 12, 1), "registered_on": date(2026, 10, 1)}
    return Vacancy(**days | {"unit": unit()} | given)


@pytest.mark.parametrize(
    ("say", "given", "expected"),
    [
        (sized, {"surface": Decimal("62.0")}, "T3 de 62 m²"),
        (sized, {"surface": None}, "T3"),
        (dwelling, {"is_house": True}, "T3, maison"),
        (dwelling, {"is_house": False}, "T3, appartement"),
        (dwelling, {"is_house": None}, "T3"),
        (address, {"postal_code": "11100"}, "3 rue Voltaire, 11100 Narbonne"),
        (address, {"postal_code": ""}, "3 rue Voltaire, Narbonne"),
        (storey, {"floor": 0, "has_lift": True}, "rez-de-chaussée, ascenseur oui"),
        (storey, {"floor": None, "has_lift": None}, "non renseigné, ascenseur non renseigné"),
        (storey, {"floor": 1, "has_lift": False}, "1er étage, ascenseur non"),
        (rent, {"rent": None, "charges": None}, "non renseigné"),
        (rent, {"rent": Decimal(400), "charges": None}, "400 € hors charges, charges non renseignées par mois"),
        (rent, {"rent": None, "charges": Decimal(60)}, "non renseigné, charges 60 € par mois"),
    ],
)
def test_each_fact_says_what_is_known(say: Any, given: dict[str, Any], expected: str) -> None:
    assert strip_tags(say(unit(**given))).replace("\u202f", " ").replace("\xa0", " ") == expected


def test_what_is_not_so_is_left_out() -> None:
    plain = dict(unit_facts(unit(), by_landlord=False))
    assert not {"Sorti du parc", "Contingent selon le RPLS", "PLAI adapté", "Situation"} & set(plain)
    assert plain["Programme"] == "Voltaire, non classé"
    assert plain["Construction"] == "non renseignée"
    result = unit(
        left_on=TODAY, left_why="SOLD", told_contingent=3, is_adapted_plai=True, attractiveness="A", energy_class="D"
    )
    full = dict(unit_facts(result, by_landlord=True))
    assert full["Sorti du parc"].endswith(", su le 24 novembre 2026")
    assert full["Contingent selon le RPLS"].endswith(", à vérifier dans vos titres")
    assert full["PLAI adapté"].startswith("oui")
    assert full["Programme"] == '<a href="/programmes/3/">Voltaire</a>, classe A'
    assert full["Construction"] == "non renseignée, étiquette énergie D"


def test_who_may_not_open_the_file_reads_no_address() -> None:
    shut = vacancy_facts(vacancy(), None, opens=False, by_landlord=False, today=TODAY)
    assert [label for label, _ in shut] == [
        *("Logement", "Commune", "Financement", "Quartier", "Construction", "Congé reçu", "Fiche")
    ]
    assert "Voltaire" not in str(shut)
    opened = dict(vacancy_facts(vacancy(), None, opens=True, by_landlord=True, today=TODAY))
    assert opened["Adresse"] == "3 rue Voltaire, Narbonne<br>Voltaire"
    assert opened["Attractivité"] == "non classé"
    assert "RH-01" in opened["Référence"]


def test_a_notice_of_another_year_says_where_it_counts() -> None:
    late = vacancy(notice_on=date(2025, 12, 20), works_end_on=TODAY, unit=unit(in_qpv=True, attractiveness="B"))
    values = dict(vacancy_facts(late, None, opens=True, by_landlord=True, today=TODAY))
    assert values["Congé reçu"].endswith("<br>Compté en 2026, l’exercice du jour où il est enregistré")
    assert values["Travaux"] == "jusqu’au 24 novembre 2026"
    assert values["Quartier"].startswith("en <details")
    assert values["Attractivité"] == "B, selon la grille du bailleur"
