"""Columns that the tables of a balance share: whose line it is, and the measures of the decree."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Protocol

from flux.queries.cells import Measures
from reservations.exports.listing import ListColumn
from reservations.exports.sheet import Kind
from reservations.models import ReservationHolder

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
class Line:
    """What one holder, or all of them, did; `category`: among which units, or in whose words."""

    holder: ReservationHolder | None
    measures: Measures
    category: str = ""
