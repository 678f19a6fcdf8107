"""CSV files that a French spreadsheet opens as they are: UTF-8 with BOM, `;`, decimal commas, days « 03/01/2026 »."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import batched

from reservations.exports.sheet import Cell, Column, Kind, Sheet, risky

BOM = "\ufeff"
CSV = "text/csv; charset=utf-8"

#: Rows of one chunk: enough to send few, few enough to hold nothing.
ROWS = 500


def spreadsheet(sheet: Sheet) -> Iterator[bytes]:
    """The table as the chunks of one file, written as its rows are read: its heading, then its rows."""
    yield f"{BOM}{_lines([tuple(column.title for column in sheet.columns)])}".encode()
    for rows in batched(sheet.cells(), ROWS):
        yield _lines([tuple(map(_written, sheet.columns, row)) for row in rows]).encode()


def decimal(value: Decimal) -> str:
    """Exact, with a comma: « 35,76 », « -0,8 », « 1 » stays « 1 »."""
    return f"{value.normalize():f}".replace(".", ",")


def plain(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if risky(text) else text


def _lines(rows: list[tuple[str | int, ...]]) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=";", lineterminator="\r\n").writerows(rows)
    return text.getvalue()


def _written(column: Column, value: Cell) -> str | int:
    match value:
        case None:
            return ""
        case str():
            return plain(value)
        case date():
            return f"{value:%d/%m/%Y}"
    if column.kind == Kind.SHARE:
        return f"{decimal(Decimal(value) * 100)}%"
    return decimal(value) if isinstance(value, Decimal) else value
