"""Communes that passed from one EPCI to another inside the year, as a table of the files (docs/decisions/0128)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from attributions.bilan.pages.passages import WORDS
from attributions.bilan.passages import Passage
from reservations.exports.listing import ListColumn, columned
from reservations.exports.sheet import Kind, Sheet
from reservations.words import upper_first


def passages_sheet(found: Iterable[Passage]) -> Sheet:
    """A row a commune and a day."""
    return columned(
        "Communes passées",
        list(found),
        ListColumn[Passage]("Commune", key="commune", read=lambda each: each.commune.name),
        ListColumn("Code", key="code", read=lambda each: each.commune.code),
        ListColumn("Le", Kind.DATE, key="on", read=lambda each: each.on),
        ListColumn("Sort de", key="from", read=lambda each: str(each.former or "")),
        ListColumn("Entre dans", key="to", read=lambda each: str(each.latter or "")),
        ListColumn(
            "Comptée ici pour l’année", key="counted_here", read=lambda each: "oui" if each.counted_here else "non"
        ),
        *(_done(name, "avant ce jour", "before") for name in WORDS),
        *(_done(name, "à compter de ce jour", "since") for name in WORDS),
        note="L’année d’une commune est comptée en entier là où elle est le 31 décembre ; ce tableau dit les deux "
        "côtés.",
    )


def _done(name: str, side: str, key: str) -> ListColumn[Passage]:
    """What was done on one side of the day: `key`, the field of the passage."""
    title = f"{upper_first(WORDS[name].partition(',')[2])} {side}"

    def read(each: Passage) -> int:
        figure: int = getattr(each, key)[name]
        return figure

    return ListColumn(title, Kind.INTEGER, key=f"{name}_{key}", read=read)


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
