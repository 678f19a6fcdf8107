"""The files of figure tables that go out.

* The figures of pages of a balance that are no list, as files: projection, mix, an axis, what the charts draw.
* The balance as the table that everybody publishes alike: `docs/schemas/bilan-gestion-en-flux.json`.
* Its columns are those of the schema, in its order; a test reads our file against it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from attributions.bilan.pages.charts import reading_words
from attributions.bilan.pages.scales import KINDS, AxisRow
from attributions.bilan.queries.figures import Difference
from attributions.bilan.queries.landlord_figures import HolderLine
from attributions.bilan.queries.overview import DONE, Crossed, crossed
from attributions.bilan.queries.scales import HolderKind
from attributions.bilan.queries.transmissions import WholeBalance
from flux.pages.needs import category_name, dimension_name
from flux.queries.cells import Axis, Measures
from flux.queries.flow import HolderYear
from flux.queries.mix import EquityRow, HolderMix, Mix
from flux.queries.projection import Projected
from reservations.exports.listing import ListColumn, Listing, columned
from reservations.exports.spreadsheet import Kind, Sheet
from reservations.models.convention import UNIT
from reservations.rounding import rounded
from reservations.words import upper_first

#: One category of one holder in one dimension.
type MixLine = tuple[HolderMix, Mix, EquityRow]


def _band(
    title: str, kind: Kind, read: Callable[[Projected], tuple[int, int, int]], unit: int = 0
) -> tuple[ListColumn[Projected], ...]:
    """A figure, then its bounds; `read` gives the least, the figure, the most, in parts of a `unit`."""

    def column(words: str, place: int) -> ListColumn[Projected]:
        return ListColumn(
            words, kind, read=lambda each: Decimal(read(each)[place]) / unit if unit else read(each)[place]
        )

    return column(title, 1), column(f"{title}, au moins", 0), column(f"{title}, au plus", 2)


PROJECTION: Listing[Projected] = Listing(
    "projection",
    "Chaque réservataire au 31 décembre",
    (
        ListColumn("Réservataire", read=lambda each: str(each.line.holder)),
        ListColumn("Dû à ce jour", Kind.DECIMAL, read=lambda each: Decimal(each.line.figures.due) / UNIT),
        ListColumn("Reçus à ce jour", Kind.INTEGER, read=lambda each: each.line.figures.received),
        ListColumn("En cours", Kind.INTEGER, read=lambda each: each.line.figures.in_course),
        *_band("Dû au 31 décembre", Kind.DECIMAL, lambda each: each.found.due, UNIT),
        *_band("Reçus au 31 décembre", Kind.INTEGER, lambda each: each.found.received),
        *_band("À recevoir", Kind.INTEGER, lambda each: each.found.missing),
        ListColumn(
            "Par mois", Kind.DECIMAL, read=lambda each: None if each.a_month is None else rounded(each.a_month, 1)
        ),
    ),
)


def mix_lines(holders: Sequence[HolderMix]) -> list[MixLine]:
    """Every category of every holder that was offered something."""
    return [(each, mix, row) for each in holders for mix in each.mixes for row in mix.flow]


MIX: Listing[MixLine] = Listing(
    "equite",
    "Équité : proposés et attendus par catégorie",
    (
        ListColumn("Réservataire", read=lambda line: str(line[0].holder)),
        ListColumn("Dimension", read=lambda line: dimension_name(line[1].dimension)),
        ListColumn("Catégorie", read=lambda line: upper_first(category_name(line[2].reading.category))),
        ListColumn("Proposés", Kind.INTEGER, read=lambda line: line[2].reading.offered),
        ListColumn("Attendus d’un tirage", Kind.DECIMAL, "0.0", read=lambda line: rounded(line[2].reading.expected, 1)),
        ListColumn("Expliqué par le hasard, de", Kind.INTEGER, read=lambda line: line[2].reading.low),
        ListColumn("à", Kind.INTEGER, read=lambda line: line[2].reading.high),
        ListColumn("Lecture", read=lambda line: reading_words(line[2])),
    ),
)

#: One month of one holder: its first day, then due, received and gap when it ends.
type AccountMonthLine = tuple[HolderYear, date, int, int, int]


def account_months(holders: Sequence[HolderYear]) -> list[AccountMonthLine]:
    """Each holder by each month."""
    return [(each, *row) for each in holders for row in each.rows]


CHARTED: dict[str, Listing[Any]] = {
    "comptes": Listing(
        "comptes-par-mois",
        "Dû et reçu, cumulés à la fin de chaque mois",
        (
            ListColumn("Réservataire", read=lambda line: str(line[0].holder)),
            ListColumn("Mois", Kind.DATE, read=lambda line: line[1]),
            ListColumn("Dû", Kind.DECIMAL, read=lambda line: Decimal(line[2]) / UNIT),
            ListColumn("Reçu", Kind.INTEGER, read=lambda line: line[3]),
            ListColumn("Écart", Kind.DECIMAL, read=lambda line: Decimal(line[4]) / UNIT),
        ),
    ),
    "flux": Listing(
        "flux-par-mois",
        "Logements libérés, mois par mois",
        (
            ListColumn("Mois", Kind.DATE, read=lambda month: month.first),
            ListColumn("Dans le flux", Kind.INTEGER, read=lambda month: month.in_flow),
            ListColumn("Soustraits", Kind.INTEGER, read=lambda month: month.excluded),
            ListColumn("En stock", Kind.INTEGER, read=lambda month: month.stock),
            ListColumn("Autres", Kind.INTEGER, read=lambda month: month.others),
            ListColumn("Ensemble", Kind.INTEGER, read=lambda month: month.vacated),
        ),
    ),
    "communes": Listing(
        "communes",
        "Proposés et attribués, par commune",
        (
            ListColumn("Commune", read=lambda row: row.name),
            ListColumn("Proposés", Kind.INTEGER, read=lambda row: row.offered),
            ListColumn("Attribués", Kind.INTEGER, read=lambda row: row.allocated),
        ),
    ),
}


STATE: Listing[HolderLine] = Listing(
    "contingents-etat",
    "Les contingents de l’État, par bailleur",
    (
        ListColumn("Bailleur", read=lambda line: str(line.landlord)),
        ListColumn("Contingent", read=lambda line: str(line.holder)),
        ListColumn("Dû", Kind.DECIMAL, read=lambda line: Decimal(line.figures.due) / UNIT),
        ListColumn("Proposés", Kind.INTEGER, read=lambda line: line.figures.offered),
        ListColumn("Reçus", Kind.INTEGER, read=lambda line: line.figures.received),
        ListColumn("En cours", Kind.INTEGER, read=lambda line: line.figures.in_course),
        ListColumn("Attribués", Kind.INTEGER, read=lambda line: line.figures.allocated),
        ListColumn("Loués", Kind.INTEGER, read=lambda line: line.figures.leased),
        ListColumn("Rendus", Kind.INTEGER, read=lambda line: line.figures.returned),
        ListColumn("Délais écoulés sans candidat", Kind.INTEGER, read=lambda line: line.figures.lapsed),
        ListColumn("Écart", Kind.DECIMAL, "+0.00;-0.00;0.00", read=lambda line: Decimal(line.figures.gap) / UNIT),
    ),
)


SCALE: Listing[tuple[HolderKind, Measures]] = Listing(
    "types-de-reservataires",
    "Ce que chaque type de réservataire s’est vu proposer",
    (
        ListColumn("Réservataires", read=lambda each: KINDS[each[0]]),
        ListColumn("Proposés", Kind.INTEGER, read=lambda each: each[1].offered),
        ListColumn("Rendus", Kind.INTEGER, read=lambda each: each[1].returned),
        ListColumn("Délais écoulés sans candidat", Kind.INTEGER, read=lambda each: each[1].lapsed),
        ListColumn("Attribués", Kind.INTEGER, read=lambda each: each[1].allocated),
        ListColumn("Loués", Kind.INTEGER, read=lambda each: each[1].leased),
        ListColumn("Premières mises en location", Kind.INTEGER, read=lambda each: each[1].first_lettings),
    ),
)

#: A figure that differs: whose, in which table and category, which column, and the change.
type ChangedLine = tuple[str, str, str, str, Difference]


def changed_listing(before: int, after: int) -> Listing[ChangedLine]:
    """The figures that differ between two versions of a balance."""
    return Listing(
        "versions-comparees",
        "Lignes qui diffèrent",
        (
            ListColumn("Réservataire", read=lambda line: upper_first(line[0])),
            ListColumn("Tableau", read=lambda line: upper_first(line[1])),
            ListColumn("Catégorie", read=lambda line: upper_first(line[2])),
            ListColumn("Colonne", read=lambda line: upper_first(line[3])),
            ListColumn(f"Version {before}", Kind.DECIMAL, read=lambda line: _exact(line[4], line[4].before)),
            ListColumn(f"Version {after}", Kind.DECIMAL, read=lambda line: _exact(line[4], line[4].after)),
            ListColumn("Écart", Kind.DECIMAL, "+0.00;-0.00;0.00", read=lambda line: _exact(line[4], line[4].gap)),
        ),
    )


def _exact(change: Difference, figure: int) -> Decimal:
    return Decimal(figure) / (UNIT if change.is_due else 1)


def axis_listing(title: str, categories: Sequence[str], heads: tuple[str, str]) -> Listing[AxisRow]:
    """Holders by categories, two measures side by side."""
    pairs = [
        ListColumn(f"{words}, {head}", Kind.INTEGER, read=partial(AxisRow.figure, at=at, measure=measure))
        for at, words in enumerate((*categories, "ensemble"))
        for measure, head in enumerate(heads)
    ]
    return Listing("axe", title, (ListColumn("Réservataire", read=lambda row: row.words), *pairs))


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
