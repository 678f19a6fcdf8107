"""The figures of pages that are no list, as files: the transparency of an account, needs, a year supposed otherwise."""

from __future__ import annotations

from decimal import Decimal

from flux.models import Programme
from flux.pages.needs import category_name, dimension_name
from flux.queries.needs import Comparison, NeedsRow
from flux.queries.transparency import HolderShares, Share
from flux.whatif.hypothesis import SupposedLine
from reservations.exports.listing import Listing
from reservations.exports.sheet import Column, Kind, Row
from reservations.models.convention import UNIT
from reservations.words import upper_first

CLASSES = dict(Programme.Attractiveness.choices) | {"": "Non classé"}


def good_units(rows: tuple[HolderShares, ...]) -> list[tuple[HolderShares, Share]]:
    """Each holder by each class."""
    return [(each, share) for each in rows for share in each.shares]


def needs_rows(parts: list[Comparison]) -> list[tuple[Comparison, NeedsRow]]:
    """Each dimension by each of its categories."""
    return [(part, row) for part in parts for row in part.rows]


def _good(pair: tuple[HolderShares, Share]) -> Row:
    each, share = pair
    due, lack = Decimal(share.due) / UNIT, Decimal(share.lack) / UNIT
    return str(each.holder), CLASSES[share.attractiveness], share.received, due, lack


def _need(pair: tuple[Comparison, NeedsRow]) -> Row:
    part, row = pair
    return dimension_name(part.dimension), upper_first(category_name(row.category)), row.flow, row.declared, row.target


def _supposed(line: SupposedLine) -> Row:
    then, now = Decimal(line.due_then) / UNIT, Decimal(line.due) / UNIT
    return str(line.holder), then, now, line.received_then, line.received, line.difference


GOOD_UNITS: Listing[tuple[HolderShares, Share]] = Listing(
    "transparence",
    "Bons logements reçus et dus",
    (
        Column("Réservataire"),
        Column("Classe d’attractivité"),
        Column("Reçus ou en cours", Kind.INTEGER),
        Column("Dus", Kind.DECIMAL),
        Column("Manque", Kind.DECIMAL),
    ),
    _good,
)

NEEDS: Listing[tuple[Comparison, NeedsRow]] = Listing(
    "besoins",
    "Le flux, les besoins, la cible",
    (
        Column("Dimension"),
        Column("Catégorie"),
        Column("Dans le flux (%)", Kind.INTEGER),
        Column("Besoin (%)", Kind.INTEGER),
        Column("Cible (%)", Kind.INTEGER),
    ),
    _need,
)

WHAT_IF: Listing[SupposedLine] = Listing(
    "et-si",
    "Arrivé et hypothèse",
    (
        Column("Réservataire"),
        Column("Dû, arrivé", Kind.DECIMAL),
        Column("Dû, hypothèse", Kind.DECIMAL),
        Column("Reçus ou en cours, arrivé", Kind.INTEGER),
        Column("Reçus, hypothèse", Kind.INTEGER),
        Column("Différence", Kind.INTEGER),
    ),
    _supposed,
)
