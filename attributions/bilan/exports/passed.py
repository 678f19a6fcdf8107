"""What a year of a balance tells beside its figures, as tables: programmes that passed from a landlord to another,
préfet's orders that stood for a convention, and what delegates propose for."""

from __future__ import annotations

from collections.abc import Iterable

from flux.queries.delegated import Delegated
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

DELEGATED = (
    Column("Réservataire", key="holder"),
    Column("Orientés", Kind.INTEGER, key="routed"),
    Column("Délégataire", key="delegate"),
    Column("Proposés par délégation", Kind.INTEGER, key="units"),
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


def delegated_sheet(found: Iterable[Delegated]) -> Sheet:
    """A row a delegate: what its holder was routed, whoever proposes, then what it proposes for."""
    rows: list[Row] = [
        (each.name, each.routed, delegate.name, delegate.units) for each in found for delegate in each.delegates
    ]
    note = (
        "Orientés : tous ceux du réservataire, répétés pour chacun de ses délégataires, qui les proposent pour lui ; "
        "ils restent décomptés de sa part. Comptés sur tout le compte, quel que soit le territoire lu ; un logement "
        "rendu n’y est plus."
    )
    return Sheet("Délégations", DELEGATED, rows, note)
