"""What a year of a balance tells beside its figures, as tables: programmes that passed from a landlord to another, and
préfet's orders that stood for a convention."""

from __future__ import annotations

from collections.abc import Iterable

from flux.queries.ordered import Ordered
from flux.queries.stock_transfer import Passed
from reservations.exports.sheet import Column, Kind, Row, Sheet

PASSED = (
    Column("Compte", key="departement"),
    Column("Le", Kind.DATE, key="passed_on"),
    Column("Sens", key="what"),
    Column("Autre bailleur", key="landlord"),
    Column("Programmes", Kind.INTEGER, key="programmes"),
    Column("Logements", Kind.INTEGER, key="units"),
    Column("Acte", key="source"),
)

ORDERS = (
    Column("Part", key="part"),
    Column("Du", Kind.DATE, key="starts_on"),
    Column("Au", Kind.DATE, key="ends_on"),
    Column("Sur", key="perimeter"),
    Column("Arrêté", key="order"),
)


def passed_sheet(found: Iterable[tuple[object, Passed]]) -> Sheet:
    """A row a transfer, by account."""
    rows: list[Row] = [
        (
            str(place),
            each.on,
            "Cédés" if each.gave else "Reçus",
            each.landlord,
            each.programmes,
            each.units,
            each.source,
        )
        for place, each in found
    ]
    note = (
        "Ce qui s’était libéré avant ce jour reste au compte du bailleur qui cède ; ce qui se libère depuis est dans "
        "celui du bailleur qui reçoit."
    )
    return Sheet("Programmes cédés ou reçus", PASSED, rows, note)


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
