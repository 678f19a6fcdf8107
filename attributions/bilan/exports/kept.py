"""What came from before an account was kept here, as a table: opening balances accepted, past routings recorded."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from flux.queries.opening import Kept
from reservations.exports.sheet import Column, Kind, Row, Sheet
from reservations.models.convention import UNIT

KEPT = (
    Column("Compte", key="departement"),
    Column("Tenu ici depuis le", Kind.DATE, key="kept_since"),
    Column("Ce qui vient d’avant", key="what"),
    Column("Réservataire", key="holder"),
    Column("Du", Kind.DATE, key="first"),
    Column("Au", Kind.DATE, key="last"),
    Column("Logements", Kind.INTEGER, key="units"),
    Column("Dû", Kind.DECIMAL, key="due"),
    Column("Reçus", Kind.INTEGER, key="received"),
    Column("Source", key="source"),
)


def kept_sheet(found: Iterable[tuple[object, Kept]]) -> Sheet:
    """A row an opening balance that counts, then what was recorded, by account."""
    rows = list[Row]()
    for place, kept in found:
        of = (str(place), kept.since)
        for each in kept.accepted:
            dates = (each.since, each.opened_on)
            figures = (each.units, Decimal(each.due) / UNIT, each.received, each.source)
            rows.append((*of, "Solde d’ouverture accepté", each.holder, *dates, *figures))
        rows += [(*of, "Solde d’ouverture pas encore accepté", name, *[None] * 5, "") for name in kept.unsettled]
        if past := kept.recorded:
            source = f"Suivi du bailleur, saisi ici au {past.entered_on:%d/%m/%Y}"
            rows.append((*of, "Orientations reprises", "Tous", past.first, past.last, past.units, None, None, source))
    note = (
        "En logements. Un solde d’ouverture accepté compte ; ce qu’il laisse dû est rendu par parts égales. « Au » : "
        "dernier jour exclu pour un solde, inclus pour des orientations reprises."
    )
    return Sheet("Tenu ici depuis", KEPT, rows, note)
