"""Each column of the figures of a balance has its own value."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from types import SimpleNamespace

from attributions.bilan.exports.figure_tables import CHARTED, MIX, PROJECTION, SCALE, STATE
from attributions.bilan.queries.scales import HolderKind
from flux.mix import Verdict
from flux.queries.accounts import AccountFigures
from flux.queries.cells import Measures
from reservations.models import Landlord, Organisation, ReservationHolder
from tests.reservations.exports.listed import listed

ROBINE = Landlord(organisation=Organisation(name="Robine Habitat"), acronym="RH")
CITY = ReservationHolder(
    organisation=Organisation(name="Ville de Narbonne", article="la"), contingent=ReservationHolder.Contingent.AUTHORITY
)


def test_each_column_of_the_projection() -> None:
    figures = AccountFigures(due=2_500_000, routed=9, awaiting=1, received=4)
    found = SimpleNamespace(due=(7_000_000, 8_250_000, 9_500_000), received=(11, 12, 13), missing=(14, 15, 16))
    projected = SimpleNamespace(line=SimpleNamespace(holder=CITY, figures=figures), found=found, a_month=Decimal("1.5"))
    assert listed(PROJECTION, projected) == {
        "Réservataire": "Ville de Narbonne",
        "Dû à ce jour": Decimal("2.5"),
        "Reçus à ce jour": 4,
        "En cours": 6,
        "Dû au 31 décembre": Decimal("8.25"),
        "Dû au 31 décembre, au moins": Decimal(7),
        "Dû au 31 décembre, au plus": Decimal("9.5"),
        "Reçus au 31 décembre": 12,
        "Reçus au 31 décembre, au moins": 11,
        "Reçus au 31 décembre, au plus": 13,
        "À recevoir": 15,
        "À recevoir, au moins": 14,
        "À recevoir, au plus": 16,
        "Par mois": Decimal("1.5"),
    }


def test_each_column_of_the_mix() -> None:
    reading = SimpleNamespace(category="T3", offered=9, expected=Decimal("6.5"), low=4, high=8, verdict=Verdict.MORE)
    line = (
        SimpleNamespace(holder=CITY),
        SimpleNamespace(dimension="typology"),
        SimpleNamespace(wanted=True, reading=reading),
    )
    assert listed(MIX, line) == {
        "Réservataire": "Ville de Narbonne",
        "Dimension": "Typologie",
        "Catégorie": "T3",
        "Proposés": 9,
        "Attendus d’un tirage": Decimal("6.5"),
        "Expliqué par le hasard, de": 4,
        "à": 8,
        "Lecture": "Plus que le flux, comme demandé",
    }


def test_each_column_of_the_contingents_of_the_state() -> None:
    figures = SimpleNamespace(
        due=7_250_000, offered=11, received=4, in_course=5, allocated=6, leased=3, returned=2, lapsed=1, gap=3_250_000
    )
    assert listed(STATE, SimpleNamespace(landlord=ROBINE, holder=CITY, figures=figures)) == {
        "Bailleur": "Robine Habitat",
        "Contingent": "Ville de Narbonne",
        "Dû": Decimal("7.25"),
        "Proposés": 11,
        "Reçus": 4,
        "En cours": 5,
        "Attribués": 6,
        "Loués": 3,
        "Rendus": 2,
        "Délais écoulés sans candidat": 1,
        "Écart": Decimal("3.25"),
    }


def test_each_column_of_the_types_of_holders() -> None:
    kind = next(iter(HolderKind))
    read = Measures(offered=11, returned=2, lapsed=1, allocated=6, leased=3, first_lettings=8)
    row = listed(SCALE, (kind, read))
    row.pop("Réservataires")
    assert row == {
        "Proposés": 11,
        "Rendus": 2,
        "Délais écoulés sans candidat": 1,
        "Attribués": 6,
        "Loués": 3,
        "Premières mises en location": 8,
    }


def test_each_column_of_what_the_charts_draw() -> None:
    month = date(2026, 5, 1)
    assert listed(CHARTED["comptes"], (SimpleNamespace(holder=CITY), month, 7_250_000, 4, 3_250_000)) == {
        "Réservataire": "Ville de Narbonne",
        "Mois": month,
        "Dû": Decimal("7.25"),
        "Reçu": 4,
        "Écart": Decimal("3.25"),
    }
    assert listed(
        CHARTED["flux"], SimpleNamespace(first=month, in_flow=9, excluded=3, stock=2, others=1, vacated=15)
    ) == {
        "Mois": month,
        "Dans le flux": 9,
        "Soustraits": 3,
        "En stock": 2,
        "Autres": 1,
        "Ensemble": 15,
    }
    assert listed(CHARTED["communes"], SimpleNamespace(name="Narbonne", offered=8, allocated=5)) == {
        "Commune": "Narbonne",
        "Proposés": 8,
        "Attribués": 5,
    }
