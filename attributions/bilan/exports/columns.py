"""Columns that the tables of a balance share: whose line it is, and the measures of the decree."""

from __future__ import annotations

from flux.queries.cells import Measures
from reservations.exports.sheet import Column, Kind
from reservations.models import ReservationHolder

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

HOLDER = (
    Column("Réservataire", key="holder"),
    Column("SIREN réservataire", key="siren"),
    Column("Contingent", Kind.INTEGER, number_format="0", key="contingent"),
)
CELL = tuple(Column(title, Kind.INTEGER, key=key) for key, title in MEASURES.items())


def holder_of(holder: ReservationHolder) -> tuple[str, str, int]:
    """Its name, the SIREN of its organisation, its contingent."""
    return str(holder), holder.organisation.siren, holder.contingent


def cell(measures: Measures) -> tuple[int, ...]:
    """The measures, in the order of the columns."""
    return tuple(getattr(measures, name) for name in MEASURES)
