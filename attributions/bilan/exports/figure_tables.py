"""The figures of pages of a balance that are no list, as files: projection, mix, an axis, what the charts draw."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from attributions.bilan.pages.mix import reading_words
from attributions.bilan.pages.scales import KINDS
from attributions.bilan.queries.figures import Difference
from attributions.bilan.queries.landlord_figures import HolderLine
from attributions.bilan.queries.scales import HolderKind
from flux.pages.needs import category_name, dimension_name
from flux.queries.cells import Measures
from flux.queries.mix import EquityRow, HolderMix, Mix
from flux.queries.projection import Projected
from flux.queries.through_the_year import FlowMonth, HolderYear, Ranked
from reservations.exports.listing import Listing
from reservations.exports.sheet import Column, Kind, Row
from reservations.models.convention import UNIT
from reservations.rounding import rounded
from reservations.words import upper_first

#: One category of one holder in one dimension.
type MixLine = tuple[HolderMix, Mix, EquityRow]


def _band(title: str, kind: Kind) -> tuple[Column, Column, Column]:
    return Column(title, kind), Column(f"{title}, au moins", kind), Column(f"{title}, au plus", kind)


def _projected(each: Projected) -> Row:
    figures, found = each.line.figures, each.found
    low, due, high = (Decimal(bound) / UNIT for bound in found.due)
    least, received, most = found.received
    fewest, missing, furthest = found.missing
    return (
        str(each.line.holder),
        Decimal(figures.due) / UNIT,
        figures.received,
        figures.in_course,
        due,
        low,
        high,
        received,
        least,
        most,
        missing,
        fewest,
        furthest,
        None if each.a_month is None else rounded(each.a_month, 1),
    )


PROJECTION: Listing[Projected] = Listing(
    "projection",
    "Chaque réservataire au 31 décembre",
    (
        Column("Réservataire"),
        Column("Dû à ce jour", Kind.DECIMAL),
        Column("Reçus à ce jour", Kind.INTEGER),
        Column("En cours", Kind.INTEGER),
        *_band("Dû au 31 décembre", Kind.DECIMAL),
        *_band("Reçus au 31 décembre", Kind.INTEGER),
        *_band("À recevoir", Kind.INTEGER),
        Column("Par mois", Kind.DECIMAL),
    ),
    _projected,
)


def mix_lines(holders: Sequence[HolderMix]) -> list[MixLine]:
    """Every category of every holder that was offered something."""
    return [(each, mix, row) for each in holders for mix in each.mixes for row in mix.flow]


def _mix(line: MixLine) -> Row:
    each, mix, row = line
    reading = row.reading
    return (
        str(each.holder),
        dimension_name(mix.dimension),
        upper_first(category_name(reading.category)),
        reading.offered,
        rounded(reading.expected, 1),
        reading.low,
        reading.high,
        reading_words(row),
    )


MIX: Listing[MixLine] = Listing(
    "equite",
    "Équité : proposés et attendus par catégorie",
    (
        Column("Réservataire"),
        Column("Dimension"),
        Column("Catégorie"),
        Column("Proposés", Kind.INTEGER),
        Column("Attendus d’un tirage", Kind.DECIMAL, "0.0"),
        Column("Expliqué par le hasard, de", Kind.INTEGER),
        Column("à", Kind.INTEGER),
        Column("Lecture"),
    ),
    _mix,
)

#: One month of one holder: its first day, then due, received and gap when it ends.
type AccountMonthLine = tuple[HolderYear, date, int, int, int]


def account_months(holders: Sequence[HolderYear]) -> list[AccountMonthLine]:
    """Each holder by each month."""
    return [(each, *row) for each in holders for row in each.rows]


def _account(line: AccountMonthLine) -> Row:
    each, month, due, received, gap = line
    return str(each.holder), month, Decimal(due) / UNIT, received, Decimal(gap) / UNIT


def _flow(month: FlowMonth) -> Row:
    return month.first, *month.parts, month.vacated


def _ranked(row: Ranked) -> Row:
    return row.name, row.offered, row.allocated


CHARTED: dict[str, Listing[Any]] = {
    "comptes": Listing(
        "comptes-par-mois",
        "Dû et reçu, cumulés à la fin de chaque mois",
        (
            Column("Réservataire"),
            Column("Mois", Kind.DATE),
            Column("Dû", Kind.DECIMAL),
            Column("Reçu", Kind.INTEGER),
            Column("Écart", Kind.DECIMAL),
        ),
        _account,
    ),
    "flux": Listing(
        "flux-par-mois",
        "Logements libérés, mois par mois",
        (
            Column("Mois", Kind.DATE),
            Column("Dans le flux", Kind.INTEGER),
            Column("Soustraits", Kind.INTEGER),
            Column("En stock", Kind.INTEGER),
            Column("Autres", Kind.INTEGER),
            Column("Ensemble", Kind.INTEGER),
        ),
        _flow,
    ),
    "communes": Listing(
        "communes",
        "Proposés et attribués, par commune",
        (Column("Commune"), Column("Proposés", Kind.INTEGER), Column("Attribués", Kind.INTEGER)),
        _ranked,
    ),
}


def _state(line: HolderLine) -> Row:
    figures = line.figures
    return (
        str(line.landlord),
        str(line.holder),
        Decimal(figures.due) / UNIT,
        figures.offered,
        figures.received,
        figures.in_course,
        figures.allocated,
        figures.leased,
        figures.returned,
        figures.lapsed,
        Decimal(figures.gap) / UNIT,
    )


STATE: Listing[HolderLine] = Listing(
    "contingents-etat",
    "Les contingents de l’État, par bailleur",
    (
        Column("Bailleur"),
        Column("Contingent"),
        Column("Dû", Kind.DECIMAL),
        Column("Proposés", Kind.INTEGER),
        Column("Reçus", Kind.INTEGER),
        Column("En cours", Kind.INTEGER),
        Column("Attribués", Kind.INTEGER),
        Column("Loués", Kind.INTEGER),
        Column("Rendus", Kind.INTEGER),
        Column("Délais écoulés sans candidat", Kind.INTEGER),
        Column("Écart", Kind.DECIMAL, "+0.00;-0.00;0.00"),
    ),
    _state,
)


def _type(each: tuple[HolderKind, Measures]) -> Row:
    kind, read = each
    return KINDS[kind], read.offered, read.returned, read.lapsed, read.allocated, read.leased, read.first_lettings


SCALE: Listing[tuple[HolderKind, Measures]] = Listing(
    "types-de-reservataires",
    "Ce que chaque type de réservataire s’est vu proposer",
    (
        Column("Réservataires"),
        Column("Proposés", Kind.INTEGER),
        Column("Rendus", Kind.INTEGER),
        Column("Délais écoulés sans candidat", Kind.INTEGER),
        Column("Attribués", Kind.INTEGER),
        Column("Loués", Kind.INTEGER),
        Column("Premières mises en location", Kind.INTEGER),
    ),
    _type,
)

#: A figure that differs: whose, in which table and category, which column, and the change.
type ChangedLine = tuple[str, str, str, str, Difference]


def changed_listing(before: int, after: int) -> Listing[ChangedLine]:
    """The figures that differ between two versions of a balance."""
    versions = (Column(f"Version {before}", Kind.DECIMAL), Column(f"Version {after}", Kind.DECIMAL))
    named = (Column("Réservataire"), Column("Tableau"), Column("Catégorie"), Column("Colonne"))
    gap = Column("Écart", Kind.DECIMAL, "+0.00;-0.00;0.00")
    return Listing("versions-comparees", "Lignes qui diffèrent", (*named, *versions, gap), _changed)


def _changed(line: ChangedLine) -> Row:
    *names, change = line
    figures = (change.before, change.after, change.gap)
    shown = (Decimal(each) / (UNIT if change.is_due else 1) for each in figures)
    return *map(upper_first, names), *shown


def axis_listing(title: str, categories: Sequence[str], heads: tuple[str, str]) -> Listing[Row]:
    """Holders by categories, two measures side by side; the rows are made by its page."""
    pairs = [Column(f"{words}, {head}", Kind.INTEGER) for words in (*categories, "ensemble") for head in heads]
    return Listing("axe", title, (Column("Réservataire"), *pairs), lambda row: row)
