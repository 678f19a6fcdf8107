"""The inventory of rights as files: level 1 unit by unit (CSV, XLSX), level 2 the synthesis (CSV).

No cell is taken for a formula, in either format.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import date
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from flux.queries.inventory import BearerRow, SynthesisLine
from flux.templatetags.dwelling import qpv
from reservations.exports.spreadsheet import plain, spreadsheet

LEVEL_1 = (
    "Bailleur",
    "SIREN bailleur",
    "Réservataire",
    "SIREN réservataire",
    "Contingent",
    "Titre",
    "Fondement",
    "Usage",
    "Début",
    "Fin",
    "Fin de l’emprunt",
    "Jours restants",
    "État",
    "Logement",
    "Adresse",
    "Commune",
    "Code INSEE",
    "Typologie",
    "Financement",
    "QPV",
    "Programme",
    "Logements",
)
LEVEL_2 = (
    "Bailleur",
    "SIREN bailleur",
    "Réservataire",
    "SIREN réservataire",
    "Fondement",
    "Commune",
    "Code INSEE",
    "Financement",
    "Logements",
    "Titres",
    "Logements par année de fin",
)


def units_csv(rows: Iterable[BearerRow]) -> bytes:
    """Level 1 as CSV."""
    return spreadsheet(LEVEL_1, map(_level_1, rows))


def units_xlsx(rows: Iterable[BearerRow]) -> bytes:
    """Level 1 as XLSX: every cell a text or a whole number, never a formula."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Inventaire")
    for row in (LEVEL_1, *map(_level_1, rows)):
        sheet.append([_typed(sheet, value) for value in row])
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def synthesis_csv(lines: Iterable[SynthesisLine]) -> bytes:
    """Level 2 as CSV."""
    return spreadsheet(LEVEL_2, map(_level_2, lines))


def file_name(what: str, siren: str, on: date, extension: str) -> str:
    """« inventaire-999000003-2026-11-24.csv »."""
    return f"{what}-{siren}-{on:%Y-%m-%d}.{extension}"


def _typed(sheet: Any, value: str | int) -> Any:
    """A cell of the type of its value: openpyxl would take a text that begins with « = » for a formula."""
    if isinstance(value, int):
        return WriteOnlyCell(sheet, value)
    cell = WriteOnlyCell(sheet, plain("".join(max(sign, " ") for sign in value)))
    cell.data_type = "s"
    return cell


def _level_1(row: BearerRow) -> tuple[str | int, ...]:
    assignment, right, unit = row.assignment, row.assignment.right, row.assignment.unit
    programme = unit.programme if unit else assignment.programme
    assert programme is not None  # constraint `stock_assignment_bearer`
    place = unit.commune if unit else programme.commune
    return (
        right.landlord.organisation.name,
        right.landlord.organisation.siren,
        str(right.holder),
        right.holder.organisation.siren,
        right.holder.contingent,
        right.reference,
        str(right.get_ground_display()),
        str(right.get_use_display()),
        _day(assignment.starts_on),
        _day(assignment.ends_on),
        _day(right.loan_ends_on),
        "" if row.days_left is None else row.days_left,
        row.words,
        unit.reference if unit else "",
        unit.address if unit else "",
        place.name,
        place.code,
        unit.typology if unit else "",
        unit.financing_group if unit else "",
        qpv(unit) if unit else "",
        str(programme),
        assignment.units,
    )


def _level_2(line: SynthesisLine) -> tuple[str | int, ...]:
    return (
        line.landlord,
        line.siren,
        str(line.holder),
        line.holder.organisation.siren,
        line.ground,
        line.commune,
        line.code,
        line.financing,
        line.units,
        len(line.titles),
        line.last_years,
    )


def _day(value: date | None) -> str:
    return f"{value:%d/%m/%Y}" if value else ""
