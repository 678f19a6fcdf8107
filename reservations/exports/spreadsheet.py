"""The files of spreadsheet that go out.

* One table that goes out, stated once: its typed columns and its rows, whatever file it is written in.
* `workbook` writes it as XLSX, `spreadsheet` as CSV, `records` as rows of JSON: three writings of the same cells.
* CSV files that a French spreadsheet opens as they are: UTF-8 with BOM, `;`, decimal commas, days « 03/01/2026 ».
"""

from __future__ import annotations

import csv
import io
import string
import unicodedata
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from itertools import batched


class Kind(StrEnum):
    """What the cells of a column are. A share is a part of one: `Decimal("0.35")` is read 35 %."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    DATE = "date"
    SHARE = "share"


type Cell = str | int | Decimal | date | None
type Row = tuple[Cell, ...]

TYPES: dict[Kind, tuple[type, ...]] = {
    Kind.TEXT: (str,),
    Kind.INTEGER: (int,),
    Kind.DECIMAL: (int, Decimal),
    Kind.DATE: (date,),
    Kind.SHARE: (int, Decimal),
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, what its cells are, how a spreadsheet shows its numbers, its name in JSON: that of the
    API where the API gives the same value (« unit.reference », inside of `unit`).

    `number_format` is in the language of spreadsheets (« 0.00 »); without it, that of the kind.
    """

    title: str
    kind: Kind = Kind.TEXT
    number_format: str = ""
    key: str = ""

    def checked(self, value: Cell) -> Cell:
        """The cell, of the kind of its column; a text with what a file cannot hold made blank.

        Raises TypeError: a table that mixes kinds is a mistake of ours, and a file must not hide it.
        """
        if value is None:
            return None
        if not isinstance(value, TYPES[self.kind]) or isinstance(value, bool | datetime):
            raise TypeError(f"{value!r} is no {self.kind} for « {self.title} »")
        return clean(value) if isinstance(value, str) else value


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table. `rows` may be a generator: it is then read once.

    `totals` are apart from the rows, so that whoever sums or pivots the rows counts nothing twice: XLSX alone shows
    them, under a blank line. `note` says how the table is to be read.
    """

    title: str
    columns: tuple[Column, ...]
    rows: Iterable[Row]
    note: str = ""
    totals: tuple[Row, ...] = ()

    def without(self, columns: Container[Column]) -> Sheet:
        """The same table, but for some of its columns."""
        kept = [place for place, column in enumerate(self.columns) if column not in columns]

        def left(row: Row) -> Row:
            return tuple(row[place] for place in kept)

        return replace(
            self,
            columns=tuple(self.columns[place] for place in kept),
            rows=[left(row) for row in self.rows],
            totals=tuple(map(left, self.totals)),
        )

    def cells(self) -> Iterator[Row]:
        """The rows, checked: as many cells as columns, each of the kind of its column."""
        return map(self.row, self.rows)

    def row(self, values: Row) -> Row:
        """One row, checked. Raises TypeError or ValueError on a row that the columns do not announce."""
        return tuple(column.checked(value) for column, value in zip(self.columns, values, strict=True))


def records(sheet: Sheet) -> Iterator[dict[str, str | int | None]]:
    """The rows as JSON objects, by the keys of the columns: days as in ISO 8601, decimals as exact texts (« 0.35 »),
    for no two machines to round them in two ways."""
    keys = [column.key or column.title for column in sheet.columns]
    for row in sheet.cells():
        yield dict(zip(keys, map(_json, row), strict=True))


def _json(value: Cell) -> str | int | None:
    if isinstance(value, date):
        return value.isoformat()
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value


#: Blanks, the mark that begins a file, and what takes no width.
READ_OVER = string.whitespace + "\u00a0\u202f\u3000\ufeff\u200b\u200c\u200d\u2060"


def clean(text: str) -> str:
    """A text on one line, of characters that XML 1.0 can hold: a file with others opens « repaired », or not at all."""
    if text.isprintable():
        return text
    return "".join(" " if _unwritable(sign) else sign for sign in text)


def _unwritable(sign: str) -> bool:
    """Controls, line breaks, lone surrogates, and the two non-characters that XML excludes."""
    code = ord(sign)
    return code < 0x20 or 0x7F <= code < 0xA0 or 0xD800 <= code < 0xE000 or code in {0x2028, 0x2029, 0xFFFE, 0xFFFF}


def risky(text: str) -> bool:
    """Would a spreadsheet that reads this text as typed take it for a formula? Behind what it reads over, and in the
    wide and small signs of Asian keyboards too."""
    first = text.lstrip(READ_OVER)[:1]
    return unicodedata.normalize("NFKC", first) in {"=", "+", "-", "@"}


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
