"""Each column of the figures of a page has its own value."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace

from flux.exports.account_lists import GOOD_UNITS, NEEDS, WHAT_IF
from reservations.models import Organisation, ReservationHolder
from tests.reservations.exports.listed import listed

CITY = ReservationHolder(
    organisation=Organisation(name="Ville de Narbonne", article="la"), contingent=ReservationHolder.Contingent.AUTHORITY
)


def test_each_column_of_the_good_units() -> None:
    share = SimpleNamespace(attractiveness="", received=3, due=4_500_000, lack=1_250_000)
    assert listed(GOOD_UNITS, (SimpleNamespace(holder=CITY), share)) == {
        "Réservataire": "Ville de Narbonne",
        "Classe d’attractivité": "Non classé",
        "Reçus ou en cours": 3,
        "Dus": Decimal("4.5"),
        "Manque": Decimal("1.25"),
    }


def test_each_column_of_the_needs() -> None:
    row = SimpleNamespace(category="T3", flow=40, declared=55, target=48)
    assert listed(NEEDS, (SimpleNamespace(dimension="typology"), row)) == {
        "Dimension": "Typologie",
        "Catégorie": "T3",
        "Dans le flux (%)": 40,
        "Besoin (%)": 55,
        "Cible (%)": 48,
    }


def test_each_column_of_a_year_supposed_otherwise() -> None:
    line = SimpleNamespace(holder=CITY, due_then=2_500_000, due=3_750_000, received_then=2, received=7, difference=5)
    assert listed(WHAT_IF, line) == {
        "Réservataire": "Ville de Narbonne",
        "Dû, arrivé": Decimal("2.5"),
        "Dû, hypothèse": Decimal("3.75"),
        "Reçus ou en cours, arrivé": 2,
        "Reçus, hypothèse": 7,
        "Différence": 5,
    }
