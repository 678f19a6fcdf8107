"""The figures of pages that are no list, as files: the transparency of an account, needs, a year supposed otherwise."""

from __future__ import annotations

from decimal import Decimal

from flux.models import Programme
from flux.pages.needs import category_name, dimension_name
from flux.queries.needs import Comparison, NeedsRow
from flux.queries.transparency import HolderShares, Share
from flux.whatif.hypothesis import SupposedLine
from reservations.exports.listing import ListColumn, Listing
from reservations.exports.sheet import Kind
from reservations.models.convention import UNIT
from reservations.words import upper_first

CLASSES = dict(Programme.Attractiveness.choices) | {"": "Non classé"}


def good_units(rows: tuple[HolderShares, ...]) -> list[tuple[HolderShares, Share]]:
    """Each holder by each class."""
    return [(each, share) for each in rows for share in each.shares]


def needs_rows(parts: list[Comparison]) -> list[tuple[Comparison, NeedsRow]]:
    """Each dimension by each of its categories."""
    return [(part, row) for part in parts for row in part.rows]


GOOD_UNITS: Listing[tuple[HolderShares, Share]] = Listing(
    "transparence",
    "Bons logements reçus et dus",
    (
        ListColumn("Réservataire", read=lambda pair: str(pair[0].holder)),
        ListColumn("Classe d’attractivité", read=lambda pair: CLASSES[pair[1].attractiveness]),
        ListColumn("Reçus ou en cours", Kind.INTEGER, read=lambda pair: pair[1].received),
        ListColumn("Dus", Kind.DECIMAL, read=lambda pair: Decimal(pair[1].due) / UNIT),
        ListColumn("Manque", Kind.DECIMAL, read=lambda pair: Decimal(pair[1].lack) / UNIT),
    ),
)

NEEDS: Listing[tuple[Comparison, NeedsRow]] = Listing(
    "besoins",
    "Le flux, les besoins, la cible",
    (
        ListColumn("Dimension", read=lambda pair: dimension_name(pair[0].dimension)),
        ListColumn("Catégorie", read=lambda pair: upper_first(category_name(pair[1].category))),
        ListColumn("Dans le flux (%)", Kind.INTEGER, read=lambda pair: pair[1].flow),
        ListColumn("Besoin (%)", Kind.INTEGER, read=lambda pair: pair[1].declared),
        ListColumn("Cible (%)", Kind.INTEGER, read=lambda pair: pair[1].target),
    ),
)

WHAT_IF: Listing[SupposedLine] = Listing(
    "et-si",
    "Arrivé et hypothèse",
    (
        ListColumn("Réservataire", read=lambda line: str(line.holder)),
        ListColumn("Dû, arrivé", Kind.DECIMAL, read=lambda line: Decimal(line.due_then) / UNIT),
        ListColumn("Dû, hypothèse", Kind.DECIMAL, read=lambda line: Decimal(line.due) / UNIT),
        ListColumn("Reçus ou en cours, arrivé", Kind.INTEGER, read=lambda line: line.received_then),
        ListColumn("Reçus, hypothèse", Kind.INTEGER, read=lambda line: line.received),
        ListColumn("Différence", Kind.INTEGER, read=lambda line: line.difference),
    ),
)
