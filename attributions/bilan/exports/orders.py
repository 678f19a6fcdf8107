"""The préfet's orders that stood for a convention in the year of a balance, as a table."""

from __future__ import annotations

from collections.abc import Iterable

from flux.queries.ordered import Ordered
from reservations.exports.sheet import Column, Kind, Row, Sheet

ORDERS = (
    Column("Part", key="part"),
    Column("Du", Kind.DATE, key="starts_on"),
    Column("Au", Kind.DATE, key="ends_on"),
    Column("Sur", key="perimeter"),
    Column("Arrêté", key="order"),
)


def orders_sheet(found: Iterable[Ordered]) -> Sheet:
    """A row an order: whose part it fixes, where, on which days."""
    rows: list[Row] = [
        ("État" if each.of_the_state else each.name, each.starts_on, each.ends_on, each.perimeter, each.order)
        for each in found
    ]
    note = (
        "À défaut de convention, le préfet fixe la part de l’État (CCH, R441-5-2 IV), ou celle d’un autre "
        "réservataire, pour lequel ses services proposent (loi ELAN, art. 114)."
    )
    return Sheet("Arrêtés du préfet", ORDERS, rows, note)
