"""The inventory of rights as files: level 1 unit by unit (CSV, XLSX), level 2 the synthesis (CSV)."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from datetime import date

from flux.pages.dwelling import qpv
from flux.pages.inventory import kept_financing, last_years, standing_name
from flux.queries.inventory import BearerRow, SynthesisLine
from reservations.exports.listing import Listing
from reservations.exports.sheet import Column, Kind, Row, Sheet
from reservations.exports.spreadsheet import spreadsheet
from reservations.exports.workbook import workbook

LEVEL_1 = (
    Column("Bailleur"),
    Column("SIREN bailleur"),
    Column("Réservataire"),
    Column("SIREN réservataire"),
    Column("Contingent", Kind.INTEGER),
    Column("Titre"),
    Column("Fondement"),
    Column("Usage"),
    Column("Début", Kind.DATE),
    Column("Fin", Kind.DATE),
    Column("Fin de l’emprunt", Kind.DATE),
    Column("Jours restants", Kind.INTEGER),
    Column("État"),
    Column("Logement"),
    Column("Adresse"),
    Column("Commune"),
    Column("Code INSEE"),
    Column("Typologie"),
    Column("Financement"),
    Column("QPV"),
    Column("Programme"),
    Column("Logements", Kind.INTEGER),
)
LEVEL_2 = (
    Column("Bailleur"),
    Column("SIREN bailleur"),
    Column("Réservataire"),
    Column("SIREN réservataire"),
    Column("Fondement"),
    Column("Commune"),
    Column("Code INSEE"),
    Column("Financement"),
    Column("Logements", Kind.INTEGER),
    Column("Titres", Kind.INTEGER),
    Column("Logements par année de fin"),
)


def units_csv(rows: Iterable[BearerRow]) -> Iterator[bytes]:
    """Level 1 as CSV."""
    return spreadsheet(_units(rows))


def units_xlsx(rows: Iterable[BearerRow]) -> io.BytesIO:
    """Level 1 as XLSX."""
    return workbook("Inventaire des droits de réservation", [_units(rows)])


def synthesis_csv(lines: Iterable[SynthesisLine]) -> Iterator[bytes]:
    """Level 2 as CSV."""
    return spreadsheet(Sheet("Synthèse", LEVEL_2, map(_level_2, lines)))


def file_name(what: str, siren: str, on: date, extension: str) -> str:
    """« inventaire-999000003-2026-11-24.csv »."""
    return f"{what}-{siren}-{on:%Y-%m-%d}.{extension}"


def _units(rows: Iterable[BearerRow]) -> Sheet:
    return Sheet("Inventaire", LEVEL_1, map(_level_1, rows))


def _level_1(row: BearerRow) -> Row:
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
        assignment.starts_on,
        assignment.ends_on,
        right.loan_ends_on,
        row.days_left,
        standing_name(row),
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


def _level_2(line: SynthesisLine) -> Row:
    return (
        line.landlord,
        line.siren,
        str(line.holder),
        line.holder.organisation.siren,
        line.ground,
        line.commune,
        line.code,
        kept_financing(line),
        line.units,
        len(line.titles),
        last_years(line),
    )


#: Level 1, of the page of one title.
BEARERS: Listing[BearerRow] = Listing("rattachements", "Logements rattachés", LEVEL_1, _level_1)
