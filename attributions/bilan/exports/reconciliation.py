"""The points that one party has to settle, as a CSV file or a workbook, with no more of a household than it takes.

A holder finds a letting by its unit: a numéro unique is in its file only where there is no unit, or where the number
is what to settle. The landlord, the State and the desk of the SNE look requests up by their number.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator

from attributions.bilan.models import Reconciliation, ReconciliationLine
from reservations.exports.sheet import Column, Kind, Row, Sheet
from reservations.exports.spreadsheet import spreadsheet
from reservations.exports.workbook import workbook

COLUMNS = (
    Column("Constat"),
    Column("Logement"),
    Column("Numéro unique"),
    Column("Ligne du fichier", Kind.INTEGER, number_format="0"),
    Column("Contingent du fichier"),
    Column("Contingent du compte"),
    Column("Bail d’après le fichier", Kind.DATE),
    Column("Bail d’après le compte", Kind.DATE),
    Column("À faire"),
)

Owner, Finding = ReconciliationLine.Owner, ReconciliationLine.Finding


def reconciliation_csv(lines: Iterable[ReconciliationLine]) -> Iterator[bytes]:
    """One row a point; a number in groups, that no spreadsheet rounds."""
    return spreadsheet(_sheet(lines))


def reconciliation_xlsx(lines: Iterable[ReconciliationLine]) -> io.BytesIO:
    """The same, typed."""
    return workbook("Points à régler", [_sheet(lines)])


def file_name(kept: Reconciliation, owner: str, ending: str) -> str:
    """« rapprochement-sne-999000003-2026-bailleur.csv »."""
    party = {"LANDLORD": "bailleur", "HOLDER": "reservataire", "STATE": "etat", "SNE": "guichet-sne"}[owner]
    siren = kept.landlord.organisation.siren
    return f"rapprochement-{kept.source.lower()}-{siren}-{kept.exercise}-{party}.{ending}"


def _sheet(lines: Iterable[ReconciliationLine]) -> Sheet:
    return Sheet("À régler", COLUMNS, _rows(lines))


def _rows(lines: Iterable[ReconciliationLine]) -> Iterator[Row]:
    for line in lines:
        yield (
            str(line.get_finding_display()),
            line.unit_reference,
            " ".join(line.number[i : i + 4] for i in range(0, len(line.number), 4)) if needs_number(line) else "",
            line.line,
            line.their_contingent,
            str(line.our_holder) if line.our_holder else "orienté vers un autre" if line.is_elsewhere else "",
            line.their_day,
            line.our_day,
            line.todo,
        )


def needs_number(line: ReconciliationLine) -> bool:
    """Does whoever settles this point need the numéro unique?"""
    return line.owner != Owner.HOLDER or line.finding == Finding.NUMBER or not line.unit_reference
