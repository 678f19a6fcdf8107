"""What came from before an account was kept here, as a table: opening balances accepted, past routings recorded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial

from flux.queries.opening import Kept
from reservations.exports.listing import ListColumn, columned
from reservations.exports.sheet import Kind, Sheet
from reservations.models.convention import UNIT


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """What came from before: an opening balance, accepted or not, or the routings that were recorded again."""

    departement: str
    kept_since: date
    what: str
    holder: str
    first: date | None = None
    last: date | None = None
    units: int | None = None
    due: Decimal | None = None
    received: int | None = None
    source: str = ""


def kept_sheet(found: Iterable[tuple[object, Kept]]) -> Sheet:
    """A row an opening balance that counts, then what was recorded, by account."""
    return columned(
        "Tenu ici depuis",
        list(_lines(found)),
        ListColumn("Compte", key="departement", read=lambda line: line.departement),
        ListColumn("Tenu ici depuis le", Kind.DATE, key="kept_since", read=lambda line: line.kept_since),
        ListColumn("Ce qui vient d’avant", key="what", read=lambda line: line.what),
        ListColumn("Réservataire", key="holder", read=lambda line: line.holder),
        ListColumn("Du", Kind.DATE, key="first", read=lambda line: line.first),
        ListColumn("Au", Kind.DATE, key="last", read=lambda line: line.last),
        ListColumn("Logements", Kind.INTEGER, key="units", read=lambda line: line.units),
        ListColumn("Dû", Kind.DECIMAL, key="due", read=lambda line: line.due),
        ListColumn("Reçus", Kind.INTEGER, key="received", read=lambda line: line.received),
        ListColumn("Source", key="source", read=lambda line: line.source),
        note="En logements. Un solde d’ouverture accepté compte ; ce qu’il laisse dû est rendu par parts égales. "
        "« Au » : dernier jour exclu pour un solde, inclus pour des orientations reprises.",
    )


def _lines(found: Iterable[tuple[object, Kept]]) -> Iterator[_Line]:
    for place, kept in found:
        line = partial(_Line, departement=str(place), kept_since=kept.since)
        for each in kept.accepted:
            yield line(
                what="Solde d’ouverture accepté",
                holder=each.holder,
                first=each.since,
                last=each.opened_on,
                units=each.units,
                due=Decimal(each.due) / UNIT,
                received=each.received,
                source=each.source,
            )
        for name in kept.unsettled:
            yield line(what="Solde d’ouverture pas encore accepté", holder=name)
        if past := kept.recorded:
            yield line(
                what="Orientations reprises",
                holder="Tous",
                first=past.first,
                last=past.last,
                units=past.units,
                source=f"Suivi du bailleur, saisi ici au {past.entered_on:%d/%m/%Y}",
            )
