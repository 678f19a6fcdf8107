"""A table as people read it on paper: the cells of a `Sheet` in French words, for a template to lay out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from reservations.exports.spreadsheet import Cell, Column, Kind, Row, Sheet
from reservations.rounding import THIN, figure
from reservations.words import day, in_a_sentence, integer

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
    left_out: tuple[str, ...] = ()

    @property
    def counts(self) -> bool:
        """Is there anything in it but zeros? A table without figures at all counts."""
        return not self.left_out or any(heading.numeric for heading in self.headings)


def printed(sheet: Sheet, *, zeros: bool = True) -> Printed:
    """The table in French writing. Exact figures are rounded as screens round them, and as spreadsheets show them.

    A column of zeros is left out, and named in `left_out`; one that holds nothing says so by its blanks. Without
    `zeros`, so is a line whose figures are all zero or blank, by its last words.
    """
    every, totals = tuple(sheet.cells()), tuple(map(sheet.row, sheet.totals))
    rows = tuple(row for row in every if zeros or not _is_zero(sheet.columns, row))
    names = [[cell for cell in row if isinstance(cell, str)][-1] for row in every if row not in rows]
    kept = [place for place, column in enumerate(sheet.columns) if not _all_zeros(column, place, (*every, *totals))]

    def line(row: Row) -> tuple[Shown, ...]:
        return tuple(Shown(words(sheet.columns[place], row[place]), is_numeric(sheet.columns[place])) for place in kept)

    headings = tuple(Shown(sheet.columns[place].title, is_numeric(sheet.columns[place])) for place in kept)
    absent = [column.title for place, column in enumerate(sheet.columns) if place not in kept]
    left_out = tuple(map(in_a_sentence, (*absent, *names)))
    return Printed(sheet.title, sheet.note, headings, tuple(map(line, rows)), tuple(map(line, totals)), left_out)


def _all_zeros(column: Column, place: int, rows: tuple[Row, ...]) -> bool:
    found = {row[place] for row in rows} - {None}
    return is_numeric(column) and found == {0}


def _is_zero(columns: tuple[Column, ...], row: Row) -> bool:
    return {value for column, value in zip(columns, row, strict=True) if is_numeric(column)} - {None} == {0}


def words(column: Column, value: Cell) -> str:
    """One cell: « 1 204 », « 35,76 », « +0,76 », « 24 novembre 2026 », « 12,50 % »; nothing for nothing."""
    match value:
        case None:
            return ""
        case str():
            return value
        case date():
            return f"{value:%m/%Y}" if column.number_format == MONTH else str(day(value))
    pattern = column.number_format
    if column.kind == Kind.SHARE:
        return f"{figure(Decimal(value) * 100, _places(pattern.rstrip('%')) if pattern else 2)}{THIN}%"
    if column.kind == Kind.INTEGER:
        return str(value) if pattern == "0" else integer(int(value))
    return figure(value, _places(pattern) if pattern else 2, signed=pattern.startswith("+"))


def _places(pattern: str) -> int:
    """Decimals of « 0.00 », « +0.00;−0.00 »."""
    return len(pattern.split(";", maxsplit=1)[0].partition(".")[2])


def is_numeric(column: Column) -> bool:
    """Does a column hold figures, that stand on the right?"""
    return column.kind in {Kind.INTEGER, Kind.DECIMAL, Kind.SHARE}
