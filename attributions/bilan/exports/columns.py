"""Columns that the tables of a balance share: whose line it is, and the measures of the decree."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Protocol

from attributions.bilan.queries.whole import Month
from flux.queries.cells import Measures
from reservations.exports.listing import ListColumn
from reservations.exports.page import MONTH
from reservations.exports.sheet import Kind
from reservations.models import ReservationHolder
from reservations.models.convention import UNIT

#: Whose row is that of all holders.
TOGETHER = "Ensemble"
#: The measures of a cell, in the order of the files: the field of `Measures`, and what it is called.
MEASURES = {
    "offered": "Proposés",
    "designated": "Candidats désignés",
    "allocated": "Attribués",
    "leased": "Loués",
    "returned": "Rendus",
    "lapsed": "Délais écoulés sans candidat",
    "refused": "Candidatures non abouties",
    "first_lettings": "Premières locations proposées",
    "first_allocated": "Premières locations attribuées",
    "first_leased": "Premières locations louées",
}
#: Which reading the tables are of, but those of the cohort; months are those of the accounts of the exercise.
DONE = (
    "Proposés, attribués, loués, rendus… : du 1er janvier au 31 décembre, quelle que soit l’année d’enregistrement du "
    "logement."
)
UNITS = (
    f"En logements ; candidatures non abouties : en candidats. {DONE} « non renseigné » : à compléter par le bailleur."
)


class Held(Protocol):
    """A row of a holder, or of all of them."""

    @property
    def holder(self) -> ReservationHolder | None: ...


class Measured(Protocol):
    """A row with the measures of the decree."""

    @property
    def measures(self) -> Measures: ...


HOLDER: tuple[ListColumn[Held], ...] = (
    ListColumn("Réservataire", key="holder", read=lambda row: str(row.holder or TOGETHER)),
    ListColumn("SIREN réservataire", key="siren", read=lambda row: row.holder.organisation.siren if row.holder else ""),
    ListColumn(
        "Contingent",
        Kind.INTEGER,
        number_format="0",
        key="contingent",
        read=lambda row: row.holder.contingent if row.holder else None,
    ),
)


def _measure(row: Measured, *, name: str) -> int:
    figure: int = getattr(row.measures, name)
    return figure


CELL: tuple[ListColumn[Measured], ...] = tuple(
    ListColumn(title, Kind.INTEGER, key=name, read=partial(_measure, name=name)) for name, title in MEASURES.items()
)


@dataclass(frozen=True, slots=True)
class DoneLine:
    """What one holder, or all of them, did; `category`: among which units, or in whose words."""

    holder: ReservationHolder | None
    measures: Measures
    category: str = ""


def in_units(millionths: int) -> Decimal:
    """A due, exact, from millionths of a unit."""
    return Decimal(millionths) / UNIT


#: What a month of an account adds up besides its due, in the order of the files.
MONTHLY = {
    "routed": "Orientés",
    "awaiting": "À confirmer",
    "received": "Reçus",
    "offered": "Proposés",
    "designated": "Candidats désignés",
    "allocated": "Attribués",
    "leased": "Baux signés",
    "returned": "Rendus",
    "lapsed": "Délais écoulés sans candidat",
    "refused_applicant": "Refus du demandeur",
    "refused_holder": "Retraits du réservataire",
    "refused_landlord": "Du fait du bailleur",
    "refused_committee": "Refus de la CALEOL",
    "refused_unit": "Du fait du logement",
}


def _monthly(month: Month, *, name: str) -> int:
    figure: int = getattr(month, name)
    return figure


#: What each account wrote in a month.
MONTHS: tuple[ListColumn[Month], ...] = (
    ListColumn("Mois", Kind.DATE, MONTH, key="month", read=lambda month: month.first),
    ListColumn("Dû", Kind.DECIMAL, key="due", read=lambda month: in_units(month.due)),
    ListColumn("dont report", Kind.DECIMAL, key="carried", read=lambda month: in_units(month.carried)),
    *(
        ListColumn[Month](title, Kind.INTEGER, key=name, read=partial(_monthly, name=name))
        for name, title in MONTHLY.items()
    ),
)
