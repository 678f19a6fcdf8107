"""Each column of a list has its own value: of a row whose values all differ, none may take the place of another."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace

from attributions.bilan.exports.lists import (
    BALANCES,
    DEFECTS,
    DOWNLOADS,
    LEASES,
    PURPOSES,
    RECONCILIATIONS,
    TOLERANCES,
    UNITS,
    step_times_list,
)
from attributions.bilan.models import (
    BalanceDownload,
    BalanceTolerance,
    BalanceVersion,
    Reconciliation,
    StatedPurpose,
)
from attributions.bilan.moved import Seal, SealKey
from attributions.bilan.queries.empty_units import EmptyUnits
from attributions.bilan.queries.overview import Overview
from attributions.bilan.queries.steps import LongStep, StepKind, StepTimesRow
from attributions.households.models import Lease
from flux.queries.accounts import AccountFigures
from reservations.models import Organisation, Territory, User
from tests.flux.exports.test_lists import CITY, ROBINE, T3, vacancy
from tests.reservations.exports.listed import listed

LATE = datetime(2026, 11, 4, 23, 41, tzinfo=UTC)  # the 5th in Paris
STATE, BOB = Organisation(name="Préfecture de l’Aude", article="la"), User(full_name="Bob")
AUDE = Territory(kind=Territory.Kind.DEPARTEMENT, code="11", name="Aude")


def test_each_column_of_the_delays() -> None:
    """The mean stood under the median: nothing saw it."""
    longest = LongStep(StepKind.ROUTED, StepKind.SENT, Decimal("12.5"))
    empty = EmptyUnits(units=5, rented=3, a_day=Fraction(121, 4), lost=Fraction(2719, 2))
    row = StepTimesRow("Ville de Narbonne", 12, Decimal("8.4"), Decimal("7.5"), 50, 11, longest, empty)
    assert listed(step_times_list("réservataire", "l’orientation", "bail"), row) == {
        "Réservataire": "Ville de Narbonne",
        "Parcours mesurés": 12,
        "Médiane, jours ouvrés": Decimal("7.5"),
        "Moyenne, jours ouvrés": Decimal("8.4"),
        "Candidats transmis": 50,
        "Leurs baux": 11,
        "Candidats par bail": Decimal("4.5"),
        "Concrétisation": Decimal("0.22"),
        "Étape la plus longue": "logement orienté → candidats transmis, 12,5 j",
        "Sans locataire, aujourd’hui": 5,
        "Dont loyer connu": 3,
        "Loyer d’un jour, €": Decimal("30.25"),
        "Loyers perdus, €": Decimal("1359.50"),
    }


def test_each_column_of_the_balances() -> None:
    flow = SimpleNamespace(vacated=20, excluded=3, stock=2, others=1, net=14)
    widest = SimpleNamespace(gap=-1_250_000, holder=CITY)
    seal = Seal(SealKey(1, 11, 2026), "Aude", None, 2, 1, date(2027, 2, 24), "3d30", 1)
    row = Overview(ROBINE, 2026, flow, AccountFigures(routed=9, awaiting=4), widest, (seal,))
    assert listed(BALANCES, row) == {
        "Bailleur": "Robine Habitat",
        "Année": 2026,
        "Scellement": "scellé le 24 février 2027 (Aude)",
        "Libérés": 20,
        "Soustraits": 3,
        "En stock": 2,
        "Autres hors flux": 1,
        "Flux net": 14,
        "Orientés": 9,
        "À confirmer": 4,
        "Plus grand écart": Decimal("-1.25"),
        "De qui": "Ville de Narbonne",
    }


def test_each_column_of_the_units_behind_a_figure() -> None:
    assert listed(UNITS, (vacancy(), 2)) == {
        "Logement": "RH-01-007",
        "Adresse": "12 rue Voltaire",
        "Commune": "Narbonne",
        "Typologie": "T3",
        "Financement": "PLUS",
        "Quartier": "en QPV",
        "Enregistré le": date(2026, 11, 1),
        "Compte pour": 2,
    }


def test_each_column_of_the_leases_of_an_objective() -> None:
    lease = Lease(
        vacancy=vacancy(),
        holder=CITY,
        signed_on=date(2026, 12, 9),
        in_qpv=False,
        income_quartile=1,
        urban_renewal=True,
        state_agent=False,
        has_priority=None,
    )
    vars(lease)["stands"] = "counted"
    assert listed(LEASES, lease) == {
        "Logement": "RH-01-007",
        "Commune": "Narbonne",
        "Réservataire": "Ville de Narbonne",
        "Signé le": date(2026, 12, 9),
        "Quartier": "hors QPV",
        "Quartile": 1,
        "Renouvellement urbain": "oui",
        "Prioritaire": "non renseigné",
        "Dans l’objectif": "compté",
    }


def test_each_column_of_the_data_to_complete_and_none_of_another_s_address() -> None:
    row = {"unit": T3, "own": True, "lacked": ["surface", "étage"], "offers": 4}
    values = {
        "Logement": "RH-01-007",
        "Adresse": "12 rue Voltaire",
        "Commune": "Narbonne",
        "Description": "T3 PLUS, en QPV",
        "Il manque": "surface, étage",
        "Proposé, fois": 4,
    }
    assert listed(DEFECTS, row) == values
    assert listed(DEFECTS, row | {"own": False}) == values | {"Logement": "", "Adresse": ""}


def test_each_column_of_who_read_a_balance() -> None:
    read = BalanceDownload(
        at=LATE, user=BOB, organisation=STATE, form="XLSX", territory=AUDE, version=BalanceVersion(number=3)
    )
    assert listed(DOWNLOADS, read) == {
        "Le": date(2026, 11, 5),
        "Heure": "0 h 41",
        "Qui": "Bob",
        "Agit pour": "Préfecture de l’Aude",
        "Fichier": "Classeur XLSX",
        "Territoire": "Aude",
        "Version": "version 3",
    }
    of_today = BalanceDownload(at=LATE, user=BOB, organisation=STATE, form="PDF")
    assert [*listed(DOWNLOADS, of_today).values()][4:] == [
        "Document PDF",
        "tout ce que la personne lit",
        "projet du jour",
    ]
    vars(of_today)["sealed_then"] = [{"departement": "Aude", "number": 2}, {"departement": "Hérault", "number": 1}]
    assert [*listed(DOWNLOADS, of_today).values()][6:] == ["version 2 scellée (Aude), version 1 scellée (Hérault)"]


def test_each_column_of_the_purposes() -> None:
    stated = StatedPurpose(
        at=LATE,
        user=BOB,
        organisation=STATE,
        exercise=2025,
        territory=AUDE,
        why=StatedPurpose.Why.OTHER,
        text="étude du PLH",
    )
    assert listed(PURPOSES, stated) == {
        "Le": date(2026, 11, 5),
        "Heure": "0 h 41",
        "Qui": "Bob",
        "Agit pour": "Préfecture de l’Aude",
        "Exercice": 2025,
        "Territoire": "Aude",
        "Pourquoi": stated.words[:1].upper() + stated.words[1:],
    }


def test_each_column_of_the_tolerated_dates() -> None:
    each = BalanceTolerance(region=AUDE, exercise=2025, until=date(2026, 4, 30), source="lettre du préfet")
    assert listed(TOLERANCES, (each, date(2026, 2, 28))) == {
        "Région": "Aude",
        "Exercice": 2025,
        "Échéance légale, exclue": date(2026, 2, 28),
        "Toléré jusqu’au": date(2026, 4, 30),
        "Source": "lettre du préfet",
    }


def test_each_column_of_the_reconciliations() -> None:
    each = Reconciliation(
        landlord=ROBINE,
        exercise=2025,
        source="SYPLO",
        file_name="extrait.csv",
        at=LATE,
        by=BOB,
        rows=30,
        counts={"MATCHED": 25},
    )
    vars(each)["to_settle"] = 4
    assert listed(RECONCILIATIONS, each) == {
        "Source": "Extrait de SYPLO",
        "Fichier": "extrait.csv",
        "Exercice": 2025,
        "Bailleur": "Robine Habitat",
        "Le": date(2026, 11, 5),
        "Par": "Bob",
        "Lignes": 30,
        "Concordants": 25,
        "À régler": 4,
    }
