"""CSV files that a French spreadsheet opens as they are: UTF-8 with BOM, `;`, decimal commas."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

BOM = "\ufeff"


def spreadsheet(columns: Iterable[str], rows: Iterable[Iterable[str | int]]) -> bytes:
    """One table with its heading. Texts are made safe by `plain`; figures are written by the caller."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([plain(cell) if isinstance(cell, str) else cell for cell in row])
    return f"{BOM}{text.getvalue()}".encode()


def plain(text: str) -> str:
    """A text that no spreadsheet takes for a formula; a figure written with its sign stays one."""
    risky = text.startswith(("=", "+", "-", "@", "\t", "\r"))
    return f"'{text}" if risky and not text.lstrip("+-").replace(",", "").isdecimal() else text
