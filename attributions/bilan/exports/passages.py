"""Communes that passed from one EPCI to another inside the year, as a table of the files (docs/decisions/0128)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from attributions.bilan.pages.passages import WORDS
from attributions.bilan.passages import Passage
from reservations.exports.sheet import Column, Kind, Row, Sheet
from reservations.words import upper_first

PASSAGES = (
    Column("Commune", key="commune"),
    Column("Code", key="code"),
    Column("Le", Kind.DATE, key="on"),
    Column("Sort de", key="from"),
    Column("Entre dans", key="to"),
    Column("Comptée ici pour l’année", key="counted_here"),
    *(
        Column(f"{upper_first(forms.partition(',')[2])} {side}", Kind.INTEGER, key=f"{name}_{key}")
        for side, key in (("avant ce jour", "before"), ("à compter de ce jour", "since"))
        for name, forms in WORDS.items()
    ),
)


def passages_sheet(found: Iterable[Passage]) -> Sheet:
    """A row a commune and a day."""
    rows: list[Row] = [
        (
            each.commune.name,
            each.commune.code,
            each.on,
            str(each.former or ""),
            str(each.latter or ""),
            "oui" if each.counted_here else "non",
            *each.before.values(),
            *each.since.values(),
        )
        for each in found
    ]
    note = "L’année d’une commune est comptée en entier là où elle est le 31 décembre ; ce tableau dit les deux côtés."
    return Sheet("Communes passées", PASSAGES, rows, note)


def passage_as_json(each: Passage) -> dict[str, Any]:
    """For `balance.json`: by code, whole numbers."""
    return {
        "commune": each.commune.code,
        "on": each.on.isoformat(),
        "from": each.former.code if each.former else None,
        "to": each.latter.code if each.latter else None,
        "counted_here": each.counted_here,
        "before": each.before,
        "since": each.since,
    }
