"""A workbook of one sheet: typed cells, its first row in sight, nothing that a spreadsheet takes for a formula."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from reservations.exports.spreadsheet import plain


def sheet_of(title: str, columns: Sequence[str], rows: Iterable[Iterable[object]]) -> bytes:
    """The XLSX file of one table with its heading."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for row in (columns, *rows):
        sheet.append([_typed(sheet, value) for value in row])
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def _typed(sheet: Any, value: object) -> Any:
    """A cell of the type of its value: openpyxl would take a text that begins with « = » for a formula."""
    if value is None:
        return None
    if isinstance(value, int | Decimal):
        return WriteOnlyCell(sheet, value)
    if isinstance(value, date):
        cell = WriteOnlyCell(sheet, value)
        cell.number_format = "DD/MM/YYYY"
        return cell
    cell = WriteOnlyCell(sheet, plain("".join(max(sign, " ") for sign in str(value))))
    cell.data_type = "s"
    return cell
