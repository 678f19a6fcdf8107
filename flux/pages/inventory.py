"""The inventory of rights in words: where a title stands, when its units end, what each act changed of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from flux.queries.inventory import BearerRow, InventoryStanding, SynthesisLine, TitleRow
from flux.words import known
from reservations.models import HistoryEntry, StockRight

NAMES = {
    InventoryStanding.LIVING: "en cours",
    InventoryStanding.TO_COME: "à venir",
    InventoryStanding.USED: "utilisé",
    InventoryStanding.ENDED: "terminé",
    InventoryStanding.CONVERTED: "converti en flux",
}

#: Which state word goes with which sign (static/app.css).
PILLS = {
    InventoryStanding.LIVING: "ok",
    InventoryStanding.TO_COME: "wait",
    InventoryStanding.USED: "no",
    InventoryStanding.ENDED: "no",
    InventoryStanding.CONVERTED: "talk",
}

#: What an act may change of a title.
FIELDS = {
    "reference": "référence",
    "holder": "réservataire",
    "ground": "fondement",
    "use": "usage",
    "starts_on": "début",
    "ends_on": "fin",
    "loan_ends_on": "fin de l’emprunt",
    "extension_years": "années après l’emprunt",
    "unit": "logement rattaché",
    "programme": "programme rattaché",
    "bearers": "logements rattachés",
    "converted_in": "convention qui convertit le titre, n°",
}

#: Acts whose every field is new: what they said is the title itself, only later changes are told field by field.
FIRST = (HistoryEntry.Act.RECORDED, HistoryEntry.Act.IMPORTED)


def standing_name(row: TitleRow | BearerRow) -> str:
    """« en cours »."""
    return NAMES[row.standing]


def standing_pill(row: TitleRow | BearerRow) -> str:
    """The class of its pill: a title that ends soon is to watch."""
    return "todo" if isinstance(row, TitleRow) and row.soon else PILLS[row.standing]


def kept_financing(line: SynthesisLine) -> str:
    """The financing of the units of a line."""
    return "logements non désignés" if line.financing is None else known(line.financing)


def last_years(line: SynthesisLine) -> str:
    """« 2028 : 3 ; 2031 : 12 ; sans fin : 4 », in units."""
    years = sorted(year for year in line.ends if year is not None)
    told = [f"{year} : {line.ends[year]}" for year in years]
    return " ; ".join([*told, f"sans fin : {line.ends[None]}"] if line.ends[None] else told)


@dataclass(frozen=True, slots=True)
class TitleAct:
    """One act on a title, and what it changed: (what, before, after)."""

    entry: HistoryEntry
    changes: list[tuple[str, str, str]]


def title_acts(entries: Iterable[HistoryEntry]) -> list[TitleAct]:
    """The story of a title."""
    return [TitleAct(entry, list(_changes(entry))) for entry in entries]


def _changes(entry: HistoryEntry) -> Iterable[tuple[str, str, str]]:
    for name, (before, after) in entry.details.items():
        if before is None and (after in {None, ""} or (entry.act in FIRST and name != "bearers")):
            continue
        yield FIELDS.get(name, name), _shown(before), _shown(after)


def _shown(value: str | int | None) -> str:
    if value is None or value == "":
        return ""
    words = dict(StockRight.Ground.choices) | dict(StockRight.Use.choices)
    text = str(words.get(str(value), value))
    try:
        return f"{date.fromisoformat(text):%d/%m/%Y}"
    except ValueError:
        return text
