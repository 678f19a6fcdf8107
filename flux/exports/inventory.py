"""The files of inventory that go out.

* The inventory of rights as files: level 1 unit by unit (CSV, XLSX), level 2 the synthesis (CSV).
* « Pourquoi pas nous ? » as a CSV file: a line for each unit, without address nor name.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from datetime import date

from flux.models import Ledger, Programme
from flux.pages.inventory import kept_financing, last_years, state_name
from flux.pages.units import qpv
from flux.pages.vacancies import entered_as
from flux.pages.why_not import OUTCOMES, why_sentence
from flux.queries.stock import BearerRow, SynthesisLine
from flux.queries.why_not_file import FileLine
from flux.words import known
from reservations.exports.listing import ListColumn, Listing, columned
from reservations.exports.spreadsheet import Kind, Sheet, spreadsheet
from reservations.exports.workbook import workbook
from reservations.models import ReservationHolder, Territory


def _programme(row: BearerRow) -> Programme:
    found = row.assignment.unit.programme if row.assignment.unit else row.assignment.programme
    assert found is not None  # constraint `stock_assignment_bearer`
    return found


def _place(row: BearerRow) -> Territory:
    return row.assignment.unit.commune if row.assignment.unit else _programme(row).commune


LEVEL_1: tuple[ListColumn[BearerRow], ...] = (
    ListColumn("Bailleur", read=lambda row: row.assignment.right.landlord.organisation.name),
    ListColumn("SIREN bailleur", read=lambda row: row.assignment.right.landlord.organisation.siren),
    ListColumn("Réservataire", read=lambda row: str(row.assignment.right.holder)),
    ListColumn("SIREN réservataire", read=lambda row: row.assignment.right.holder.organisation.siren),
    ListColumn("Contingent", Kind.INTEGER, read=lambda row: row.assignment.right.holder.contingent),
    ListColumn("Titre", read=lambda row: row.assignment.right.reference),
    ListColumn("Fondement", read=lambda row: str(row.assignment.right.get_ground_display())),
    ListColumn("Usage", read=lambda row: str(row.assignment.right.get_use_display())),
    ListColumn("Début", Kind.DATE, read=lambda row: row.assignment.starts_on),
    ListColumn("Fin", Kind.DATE, read=lambda row: row.assignment.ends_on),
    ListColumn("Fin de l’emprunt", Kind.DATE, read=lambda row: row.assignment.right.loan_ends_on),
    ListColumn("Jours restants", Kind.INTEGER, read=lambda row: row.days_left),
    ListColumn("État", read=state_name),
    ListColumn("Logement", read=lambda row: row.assignment.unit.reference if row.assignment.unit else ""),
    ListColumn("Adresse", read=lambda row: row.assignment.unit.address if row.assignment.unit else ""),
    ListColumn("Commune", read=lambda row: _place(row).name),
    ListColumn("Code INSEE", read=lambda row: _place(row).code),
    ListColumn("Typologie", read=lambda row: row.assignment.unit.typology if row.assignment.unit else ""),
    ListColumn("Financement", read=lambda row: row.assignment.unit.financing_group if row.assignment.unit else ""),
    ListColumn("QPV", read=lambda row: qpv(row.assignment.unit) if row.assignment.unit else ""),
    ListColumn("Programme", read=lambda row: str(_programme(row))),
    ListColumn("Logements", Kind.INTEGER, read=lambda row: row.assignment.units),
)


def units_csv(rows: Iterable[BearerRow]) -> Iterator[bytes]:
    """Level 1 as CSV."""
    return spreadsheet(_units(rows))


def units_xlsx(rows: Iterable[BearerRow]) -> io.BytesIO:
    """Level 1 as XLSX."""
    return workbook("Inventaire des droits de réservation", [_units(rows)])


def synthesis_csv(lines: Iterable[SynthesisLine]) -> Iterator[bytes]:
    """Level 2 as CSV."""
    return spreadsheet(
        columned(
            "Synthèse",
            lines,
            ListColumn("Bailleur", read=lambda line: line.landlord),
            ListColumn("SIREN bailleur", read=lambda line: line.siren),
            ListColumn("Réservataire", read=lambda line: str(line.holder)),
            ListColumn("SIREN réservataire", read=lambda line: line.holder.organisation.siren),
            ListColumn("Fondement", read=lambda line: line.ground),
            ListColumn("Commune", read=lambda line: line.commune),
            ListColumn("Code INSEE", read=lambda line: line.code),
            ListColumn("Financement", read=kept_financing),
            ListColumn("Logements", Kind.INTEGER, read=lambda line: line.units),
            ListColumn("Titres", Kind.INTEGER, read=lambda line: len(line.titles)),
            ListColumn("Logements par année de fin", read=last_years),
        )
    )


def file_name(what: str, siren: str, on: date, extension: str) -> str:
    """« inventaire-999000003-2026-11-24.csv »."""
    return f"{what}-{siren}-{on:%Y-%m-%d}.{extension}"


def _units(rows: Iterable[BearerRow]) -> Sheet:
    return columned("Inventaire", rows, *LEVEL_1)


#: Level 1, of the page of one title.
BEARERS: Listing[BearerRow] = Listing("rattachements", "Logements rattachés", LEVEL_1)


def why_not_csv(ledger: Ledger, holder: ReservationHolder, lines: Iterable[FileLine]) -> Iterator[bytes]:
    """One table, in the order of the lines."""
    landlord, exercise, name = ledger.landlord.organisation.name, ledger.exercise, str(holder)
    return spreadsheet(
        columned(
            "Pourquoi pas nous",
            lines,
            ListColumn("Bailleur", read=lambda line: landlord),
            ListColumn("Exercice", Kind.INTEGER, read=lambda line: exercise),
            ListColumn("Réservataire", read=lambda line: name),
            ListColumn("Enregistré le", Kind.DATE, read=lambda line: line.vacancy.registered_on),
            ListColumn("Typologie", read=lambda line: line.vacancy.typology),
            ListColumn("Financement", read=lambda line: known(line.vacancy.financing_group)),
            ListColumn("QPV", read=lambda line: qpv(line.vacancy)),
            ListColumn("Commune", read=lambda line: line.vacancy.commune),
            ListColumn("Classement", read=lambda line: entered_as(line.vacancy)),
            ListColumn("Pour ce réservataire", read=lambda line: OUTCOMES[line.outcome]),
            ListColumn("Destination", read=lambda line: str(line.destination) if line.destination else ""),
            ListColumn("À confirmer", read=lambda line: "oui" if line.waiting else ""),
            ListColumn("Raison", read=why_sentence),
        )
    )


def why_not_file_name(ledger: Ledger, holder: ReservationHolder) -> str:
    """« pourquoi-pas-999000003-11-2026-12.csv »: landlord, département, exercise, holder."""
    siren = ledger.landlord.organisation.siren
    return f"pourquoi-pas-{siren}-{ledger.departement.code}-{ledger.exercise}-{holder.pk}.csv"
