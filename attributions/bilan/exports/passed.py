"""Programmes that passed from a landlord to another in the year of a balance, as a table."""

from __future__ import annotations

from collections.abc import Iterable

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
