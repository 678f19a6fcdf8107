"""The balance as the table that everybody publishes alike: `docs/schemas/bilan-gestion-en-flux.json`.

Its columns are those of the schema, in its order; a test reads our file against it.
"""

from __future__ import annotations

from functools import partial

from attributions.bilan.queries.crossed import DONE, Crossed, crossed
from attributions.bilan.queries.whole import WholeBalance
from flux.queries.cells import Axis
from reservations.exports.listing import ListColumn, columned
from reservations.exports.sheet import Kind, Sheet

#: Its name in the address of a CSV, and of its schema.
NATIONAL = "bilan-gestion-en-flux"
NOT_SAID = "non renseigné"
#: Those that the account of first lettings does not follow.
FLOW_ONLY = ("returned", "refused")


def national(content: WholeBalance) -> Sheet:
    """A row a holder and a whole description of units. Four queries."""
    organisation = content.landlord.organisation
    return columned(
        "Bilan de la gestion en flux",
        crossed(content.balance),
        ListColumn("siren_bailleur", read=lambda _: organisation.siren),
        ListColumn("bailleur", read=lambda _: organisation.name),
        ListColumn("annee", Kind.INTEGER, read=lambda _: content.year),
        ListColumn("code_departement", read=lambda row: row.departement),
        ListColumn("siren_reservataire", read=lambda row: row.holder.organisation.siren),
        ListColumn("reservataire", read=lambda row: str(row.holder)),
        ListColumn("contingent", Kind.INTEGER, read=lambda row: row.holder.contingent),
        ListColumn("compte", read=lambda row: "première mise en location" if row.first_letting else "flux"),
        ListColumn("typologie", read=lambda row: row.categories[Axis.TYPOLOGY] or NOT_SAID),
        ListColumn("financement", read=lambda row: row.categories[Axis.FINANCING] or NOT_SAID),
        ListColumn("qpv", read=lambda row: row.categories[Axis.QPV] or NOT_SAID),
        ListColumn("code_commune", read=lambda row: row.commune.code),
        ListColumn("commune", read=lambda row: row.commune.name),
        ListColumn("periode_construction", read=lambda row: row.categories[Axis.PERIOD] or NOT_SAID),
        ListColumn("logements_proposes", Kind.INTEGER, read=partial(_figure, name="offered")),
        ListColumn("logements_attribues", Kind.INTEGER, read=partial(_figure, name="allocated")),
        ListColumn("logements_loues", Kind.INTEGER, read=partial(_figure, name="leased")),
        ListColumn("logements_rendus", Kind.INTEGER, read=partial(_figure, name="returned")),
        ListColumn("candidatures_non_abouties", Kind.INTEGER, read=partial(_figure, name="refused")),
    )


def _figure(row: Crossed, *, name: str) -> int | None:
    return None if row.first_letting and name in FLOW_ONLY else row.figures[DONE.index(name)]
