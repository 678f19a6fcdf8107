"""Files as Excel and LibreOffice write them: a number, and the format under which its cell shows it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass

from openpyxl import Workbook


@dataclass(frozen=True, slots=True)
class Number:
    """A cell that holds a number; `shown` is what a sheet of LibreOffice writes of it."""

    value: float
    format: str = "General"
    shown: str = ""


PERCENT = "0.00%"
type Cell = str | Number


def percent(value: float) -> Number:
    """6,25 % as a spreadsheet keeps it: 0.0625, under a format."""
    return Number(value / 100, PERCENT, f"{value} %")


def xlsx(*rows: Sequence[Cell]) -> bytes:
    book, held = Workbook(), io.BytesIO()
    sheet = book.active
    for at, row in enumerate(rows, start=1):
        for place, cell in enumerate(row, start=1):
            written = sheet.cell(at, place, cell.value if isinstance(cell, Number) else cell or None)
            if isinstance(cell, Number):
                written.number_format = cell.format
    book.save(held)
    return held.getvalue()


def ods(*rows: Sequence[Cell]) -> bytes:
    def written(cell: Cell) -> str:
        if isinstance(cell, str):
            return f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>'
        nature = "percentage" if cell.format.endswith("%") else "float"
        value = f'office:value-type="{nature}" office:value="{cell.value}"'
        return f"<table:table-cell {value}><text:p>{cell.shown or cell.value}</text:p></table:table-cell>"

    lines = "".join(f"<table:table-row>{''.join(map(written, row))}</table:table-row>" for row in rows)
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "content.xml",
            f"<office:document-content {spaces}><office:body><office:spreadsheet><table:table>{lines}</table:table>"
            "</office:spreadsheet></office:body></office:document-content>",
        )
    return held.getvalue()
