"""The header of an RPLS file, in capitals, and its rows as text: days the French way, as RPLS writes them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from reservations.imports.table import EMPTY, FileRefused, Unreadable, as_text, is_workbook, read_rows

Cells = list[str | Unreadable]


def read_table(content: bytes) -> tuple[list[str], list[tuple[int, Cells]]]:
    """The names of the columns, in capitals, then each row that is not blank: its line in the file, its cells.

    A row of a text may have more or fewer cells than there are columns: the reader says what it thinks of it.
    Raises FileRefused when the file cannot be read as a table.
    """
    read = read_rows(content)
    _, first = next(read, (0, []))
    header = [str(as_text(cell)).upper() for cell in first]
    if not any(header):
        raise FileRefused(EMPTY)
    rows = ((number, [_text(cell) for cell in cells]) for number, cells in read)
    held = [(number, cells) for number, cells in rows if any(cells)]
    if is_workbook(content):  # a sheet does not say where its rows end
        held = [(number, [*cells, *[""] * (len(header) - len(cells))]) for number, cells in held]
    return header, held


def _text(value: Any) -> str | Unreadable:
    return f"{value:%d/%m/%Y}" if isinstance(value, date | datetime) else as_text(value)
