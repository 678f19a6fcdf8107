"""Inventories as CSV and XLSX bytes, and the example of the documentation."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

from openpyxl import Workbook

from tests.house.tree import ROOT

EXAMPLE = ROOT / "docs/examples/inventaire.csv"
COLUMNS = EXAMPLE.read_text(encoding="utf-8").splitlines()[0].split(";")


def row(**given: object) -> dict[str, object]:
    """A row that is right in the tests' world: the city guarantees the loan of the unit RH-01-001."""
    return {
        "reference_titre": "VN-1",
        "siren_reservataire": "990000036",
        "fondement": "garantie d’emprunt",
        "debut": "01/03/2008",
        "fin_emprunt": "28/02/2033",
        "reference_logement": "RH-01-001",
    } | given


def as_csv(
    *rows: dict[str, object], sign: str = ";", encoding: str = "utf-8", columns: Sequence[str] = COLUMNS
) -> bytes:
    lines = [sign.join(columns), *(sign.join(str(each.get(name, "")) for name in columns) for each in rows)]
    return "\r\n".join(lines).encode(encoding)


def as_xlsx(*rows: dict[str, object], columns: Sequence[str] = COLUMNS) -> bytes:
    book = Workbook()
    sheet = book.active
    sheet.append(list(columns))
    for each in rows:
        sheet.append([each.get(name) for name in columns])
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def example() -> bytes:
    return Path(EXAMPLE).read_bytes()
