"""Exports of the SNE as workbooks and CSV bytes, with their banner and their broken names of columns."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from openpyxl import Workbook

from attributions.households.imports.sne import Requests, row_of
from attributions.households.operations.sne_import import LineRefused, SneRow
from reservations.imports.door import lines_of
from reservations.imports.staging import recognise
from tests.house.tree import ROOT

SNE_COLUMNS = json.loads((ROOT / "attributions/households/data/sne_export_columns.json").read_text(encoding="utf-8"))
APPLICANTS: list[str] = SNE_COLUMNS["demandeurs_export"]
HOUSED: list[str] = SNE_COLUMNS["attributaires_export"]

#: How the SNE writes three of them.
BROKEN = {
    "Sexe demandeur": "Sexe demandeur\n",
    "Autre logement détenu demandeur": "Autre logement dé\ntenu demandeur\n",
    "Numéro Unique": "Numéro\nUnique\n",
}


def number(rank: int) -> str:
    """A numéro unique of tests: 13 digits and 5 letters."""
    return f"{110_000_000_0000 + rank:013d}AUDE{rank % 10}"


def applicant(rank: int = 1, **given: object) -> dict[str, object]:
    """A row that is right in the export of the applicants; `given` by the short names below."""
    return named(
        {
            "Numéro Unique": number(rank),
            "Date création demande": "12/03/2024",
            "Age demandeur": "99+",
            "Composition foyer demandeur": "Couple avec 2 enfants",
            "Nb unités de consommation du foyer": 2.1,
            "RFR du foyer, année n-1": 18_400,
            "RFR du foyer, année n-2": 17_000,
            "Nationalité demandeur": "F",
        },
        given,
    )


def housed(rank: int = 1, **given: object) -> dict[str, object]:
    """A row that is right in the export of the housed."""
    return named(
        {
            "Numéro Unique": number(rank),
            "Date création demande": "12/03/2024",
            "Date de la radiation": "02/11/2026",
            "Composition foyer demandeur": "Personne seule",
            "Nb unités de consommation du foyer": 1,
            "RFR du foyer, année n-1": None,
            "RFR du foyer, année n-2": 9_800,
            "Statut DALO": "Oui",
            "Date de la décision DALO": "05/06/2026",
        },
        given,
    )


SHORT = {
    "number": "Numéro Unique",
    "created": "Date création demande",
    "closed": "Date de la radiation",
    "household": "Composition foyer demandeur",
    "units": "Nb unités de consommation du foyer",
    "income": "RFR du foyer, année n-1",
    "before": "RFR du foyer, année n-2",
    "dalo": "Statut DALO",
    "dalo_on": "Date de la décision DALO",
}


def named(row: dict[str, object], given: Mapping[str, object]) -> dict[str, object]:
    return row | {SHORT[name]: value for name, value in given.items()}


def as_xlsx(
    *rows: Mapping[str, object],
    columns: Sequence[str] = APPLICANTS,
    banner: int = 7,
    merged: bool = True,
    written: Mapping[str, str] = BROKEN,
) -> bytes:
    """A workbook with `banner` rows above its header."""
    book = Workbook()
    sheet: Any = book.active
    for rank in range(banner):
        sheet.append(["Infocentre SNE" if rank == 0 else None])
    if banner and merged:
        sheet.merge_cells(start_row=1, start_column=1, end_row=min(2, banner), end_column=6)
    if not banner and merged:
        merged = False
    sheet.append([written.get(name, name) for name in columns])
    for each in rows:
        sheet.append([each.get(name) for name in columns])
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def as_csv(
    *rows: Mapping[str, object],
    columns: Sequence[str] = APPLICANTS,
    banner: int = 7,
    sign: str = ";",
    encoding: str = "utf-8-sig",
) -> bytes:
    held = io.StringIO(newline="")
    writer = csv.writer(held, delimiter=sign)
    for _ in range(banner):
        writer.writerow(["Infocentre SNE"])
    writer.writerow([BROKEN.get(name, name) for name in columns])
    for each in rows:
        writer.writerow(["" if each.get(name) is None else each[name] for name in columns])
    return held.getvalue().encode(encoding)


@dataclass(slots=True)
class Reading:
    """What a file says, read by the door: `refused` and `unknown` by line, with the column."""

    count: int = 0
    rows: list[SneRow] = field(default_factory=list)
    refused: list[LineRefused] = field(default_factory=list)
    unknown: dict[str, list[int]] = field(default_factory=dict)


def read_sne(content: bytes) -> Reading:
    """Read an export as the door does, without keeping anything. Raises FileRefused."""
    kind, reading = Requests(), Reading()
    found = recognise(content, kind, {})
    for line in lines_of(content, kind, after=found.first_line, places=found.places, width=len(found.header)):
        reading.count += 1
        if line.is_refused:
            column, _, why, _ = next(each for each in line.remarks if each[3])
            reading.refused.append(LineRefused(line.number, f"{column} : {why}"))
            continue
        reading.rows.append(row_of(line))
        for column, *_ in line.remarks:
            reading.unknown.setdefault(column, []).append(line.number)
    return reading
