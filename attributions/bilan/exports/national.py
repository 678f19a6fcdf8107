"""The balance as the table that everybody publishes alike: `docs/schemas/bilan-gestion-en-flux.json`.

Its columns are those of the schema, in its order; a test reads our file against it.
"""

from __future__ import annotations

from attributions.bilan.queries.crossed import DONE, Crossed, crossed
from attributions.bilan.queries.whole import WholeBalance
from flux.queries.cells import Axis
from reservations.exports.sheet import Column, Kind, Row, Sheet

#: Its name in the address of a CSV, and of its schema.
NATIONAL = "bilan-gestion-en-flux"
NOT_SAID = "non renseigné"
COLUMNS = (
    Column("siren_bailleur"),
    Column("bailleur"),
    Column("annee", Kind.INTEGER),
    Column("code_departement"),
    Column("siren_reservataire"),
    Column("reservataire"),
    Column("contingent", Kind.INTEGER),
    Column("compte"),
    Column("typologie"),
    Column("financement"),
    Column("qpv"),
    Column("code_commune"),
    Column("commune"),
    Column("periode_construction"),
    Column("logements_proposes", Kind.INTEGER),
    Column("logements_attribues", Kind.INTEGER),
    Column("logements_loues", Kind.INTEGER),
    Column("logements_rendus", Kind.INTEGER),
    Column("candidatures_non_abouties", Kind.INTEGER),
)
#: Those that the account of first lettings does not follow.
FLOW_ONLY = ("returned", "refused")


def national(content: WholeBalance) -> Sheet:
    """A row a holder and a whole description of units. Four queries."""
    organisation = content.landlord.organisation
    rows: list[Row] = [
        (organisation.siren, organisation.name, content.year, *_of(row)) for row in crossed(content.balance)
    ]
    return Sheet("Bilan de la gestion en flux", COLUMNS, rows)


def _of(row: Crossed) -> Row:
    said = {axis: category or NOT_SAID for axis, category in row.categories.items()}
    counted = zip(DONE, row.figures, strict=True)
    return (
        row.departement,
        row.holder.organisation.siren,
        str(row.holder),
        row.holder.contingent,
        "première mise en location" if row.first_letting else "flux",
        said[Axis.TYPOLOGY],
        said[Axis.FINANCING],
        said[Axis.QPV],
        row.commune.code,
        row.commune.name,
        said[Axis.PERIOD],
        *(None if row.first_letting and name in FLOW_ONLY else figure for name, figure in counted),
    )
