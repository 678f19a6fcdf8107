"""What was recorded once a balance was sealed, as a table of its files (docs/decisions/0121)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from attributions.bilan.exports.columns import HOLDER, holder_of
from attributions.bilan.moved import Seal
from attributions.bilan.pages.axes import axis_name
from attributions.bilan.pages.changes import FIGURES, cause_words, taken_words
from attributions.bilan.queries.changes import Change
from attributions.bilan.queries.whole import WholeBalance
from flux.queries.cells import Axis
from flux.words import known
from reservations.exports.sheet import Column, Kind, Row, Sheet
from reservations.models.convention import UNIT
from reservations.words import day, upper_first

COLUMNS = (
    Column("Cause", key="cause"),
    Column("Logement", key="unit"),
    Column("Acte du", Kind.DATE, key="acted_on"),
    Column("Enregistré le", Kind.DATE, key="recorded_on"),
    *HOLDER,
    *(Column(upper_first(axis_name(axis)), key=axis.lower()) for axis in Axis),
    Column("Colonne", key="measure"),
    Column("Différence", Kind.DECIMAL, "+#,##0.00;-#,##0.00;0.00", key="quantity"),
    Column("Pris par", key="taken_by"),
)


def changes_sheet(content: WholeBalance) -> Sheet:
    """A row a figure that differs."""
    rows = [
        (
            cause_words(each),
            each.unit,
            each.acted_on,
            each.recorded_on,
            *holder_of(each.holder),
            *(known(each.categories[axis]) if axis in each.categories else "" for axis in Axis),
            words,
            Decimal(each.figures[name]) / (UNIT if name == "due" else 1),
            taken_words(each),
        )
        for each in content.changes
        for name, words in FIGURES.items()
        if name in each.figures
    ]
    sealed = " ; ".join(
        f"{each.departement} : version {each.version}, scellée le {day(each.sealed_on)}, empreinte {each.digest}"
        for each in content.balance.since.seals
    )
    note = f"{sealed}. Les autres tableaux disent ce qui a été scellé ; à ajouter, avec leur signe, pour lire le jour."
    return Sheet("Depuis le scellement", COLUMNS, rows, note)


def on_paper(sheet: Sheet) -> Sheet:
    """As wide as a page: the holder by its name, the cell in one column."""
    axes = slice(4 + len(HOLDER), 4 + len(HOLDER) + len(Axis))
    columns = sheet.columns
    rows: list[Row] = [
        (*row[:5], ", ".join(str(each) for each in row[axes] if each), *row[axes.stop :]) for row in sheet.rows
    ]
    return Sheet(sheet.title, (*columns[:5], Column("Case", key="cell"), *columns[axes.stop :]), rows)


def seal_as_json(each: Seal) -> dict[str, Any]:
    """For `balance.json`."""
    return {
        "departement": each.departement,
        "version": each.version,
        "on": each.sealed_on.isoformat(),
        "seal": each.digest,
    }


def change_as_json(each: Change) -> dict[str, Any]:
    """For `balance.json`: by code, whole numbers."""
    return {
        "cause": each.cause.value,
        "unit": each.unit or None,
        "acted_on": each.acted_on.isoformat() if each.acted_on else None,
        "recorded_on": each.recorded_on.isoformat(),
        "siren": each.holder.organisation.siren,
        "contingent": each.holder.contingent,
        "name": str(each.holder),
        "cell": {axis.value: category or None for axis, category in each.categories.items()} or None,
        "figures": each.figures,
        "taken_by": each.taken_by,
    }
