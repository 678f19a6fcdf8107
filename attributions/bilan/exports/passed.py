"""What a year of a balance tells beside its figures, as tables: programmes that passed from a landlord to another,
préfet's orders that stood for a convention, and what delegates propose for."""

from __future__ import annotations

from collections.abc import Iterable

from flux.queries.delegated import Delegated
from flux.queries.ordered import Ordered
from flux.queries.stock_transfer import Passed
from reservations.exports.listing import ListColumn, columned
from reservations.exports.sheet import Kind, Sheet


def passed_sheet(found: Iterable[tuple[object, Passed]]) -> Sheet:
    """A row a transfer, by account."""
    note = (
        "Ce qui s’était libéré avant ce jour reste au compte du bailleur qui cède ; ce qui se libère depuis est dans "
        "celui du bailleur qui reçoit."
    )
    return columned(
        "Programmes cédés ou reçus",
        found,
        ListColumn("Compte", key="departement", read=lambda row: str(row[0])),
        ListColumn("Le", Kind.DATE, key="passed_on", read=lambda row: row[1].on),
        ListColumn("Sens", key="what", read=lambda row: "Cédés" if row[1].gave else "Reçus"),
        ListColumn("Autre bailleur", key="landlord", read=lambda row: row[1].landlord),
        ListColumn("Programmes", Kind.INTEGER, key="programmes", read=lambda row: row[1].programmes),
        ListColumn("Logements", Kind.INTEGER, key="units", read=lambda row: row[1].units),
        ListColumn("Acte", key="source", read=lambda row: row[1].source),
        note=note,
    )


def orders_sheet(found: Iterable[Ordered]) -> Sheet:
    """A row an order: whose part it fixes, where, on which days."""
    note = (
        "À défaut de convention, le préfet fixe la part de l’État (CCH, R441-5-2 IV), ou celle d’un autre "
        "réservataire, pour lequel ses services proposent (loi ELAN, art. 114)."
    )
    return columned(
        "Arrêtés du préfet",
        found,
        ListColumn("Part", key="part", read=lambda each: "État" if each.of_the_state else each.name),
        ListColumn("Du", Kind.DATE, key="starts_on", read=lambda each: each.starts_on),
        ListColumn("Au", Kind.DATE, key="ends_on", read=lambda each: each.ends_on),
        ListColumn("Sur", key="perimeter", read=lambda each: each.perimeter),
        ListColumn("Arrêté", key="order", read=lambda each: each.order),
        note=note,
    )


def delegated_sheet(found: Iterable[Delegated]) -> Sheet:
    """A row a delegate: what its holder was routed, whoever proposes, then what it proposes for."""
    note = (
        "Orientés : tous ceux du réservataire, répétés pour chacun de ses délégataires, qui les proposent pour lui ; "
        "ils restent décomptés de sa part. Comptés sur tout le compte, quel que soit le territoire lu ; un logement "
        "rendu n’y est plus."
    )
    return columned(
        "Délégations",
        [(each, delegate) for each in found for delegate in each.delegates],
        ListColumn("Réservataire", key="holder", read=lambda row: row[0].name),
        ListColumn("Orientés", Kind.INTEGER, key="routed", read=lambda row: row[0].routed),
        ListColumn("Délégataire", key="delegate", read=lambda row: row[1].name),
        ListColumn("Proposés par délégation", Kind.INTEGER, key="units", read=lambda row: row[1].units),
        note=note,
    )
