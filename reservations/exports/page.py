"""A table as people read it on paper: the cells of a `Sheet` in French words, for a template to lay out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from reservations.exports.sheet import Cell, Column, Kind, Row, Sheet
from reservations.rounding import THIN, figure
from reservations.templatetags.french import day, integer

#: Days that stand for a month.
MONTH = "MM/YYYY"


@dataclass(frozen=True, slots=True)
class Shown:
    """A cell: what one reads, and whether it stands on the right, as numbers do."""

    text: str
    numeric: bool


@dataclass(frozen=True, slots=True)
class Printed:
    """A table to print. The first cell of a row is its heading."""

    title: str
    note: str
    headings: tuple[Shown, ...]
    rows: tuple[tuple[Shown, ...], ...]
    totals: tuple[tuple[Shown, ...], ...]


def printed(sheet: Sheet) -> Printed:
    """The table in French writing. Exact figures are rounded as screens round them, and as spreadsheets show them."""

    def line(row: Row) -> tuple[Shown, ...]:
        return tuple(Shown(words(column, value), _numeric(column)) for column, value in zip(columns, row, strict=True))

    columns = sheet.columns
    headings = tuple(Shown(column.title, _numeric(column)) for column in columns)
    totals = tuple(line(sheet.row(row)) for row in sheet.totals)
    return Printed(sheet.title, sheet.note, headings, tuple(map(line, sheet.cells())), totals)


def words(column: Column, value: Cell) -> str:
    """One cell: « 1 204 », « 35,76 », « +0,76 », « 24 novembre 2026 », « 12,50 % »; nothing for nothing."""
    match value:
        case None:
            return ""
        case str():
            return value
        case date():
            return f"{value:%m/%Y}" if column.number_format == MONTH else str(day(value))
    if column.kind == Kind.SHARE:
        return f"{figure(Decimal(value) * 100)}{THIN}%"
    pattern = column.number_format
    if column.kind == Kind.INTEGER:
        return str(value) if pattern == "0" else integer(int(value))
    return figure(value, _places(pattern) if pattern else 2, signed=pattern.startswith("+"))


def _places(pattern: str) -> int:
    """Decimals of « 0.00 », « +0.00;−0.00 »."""
    return len(pattern.split(";", maxsplit=1)[0].partition(".")[2])


def _numeric(column: Column) -> bool:
    return column.kind in {Kind.INTEGER, Kind.DECIMAL, Kind.SHARE}
