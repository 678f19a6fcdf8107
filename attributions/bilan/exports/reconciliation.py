"""The points that one party has to settle, as a CSV file or a workbook, with no more of a household than it takes.

A holder finds a letting by its unit: a numéro unique is in its file only where there is no unit, or where the number
is what to settle. The landlord, the State and the desk of the SNE look requests up by their number.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator

from attributions.bilan.models import Reconciliation, ReconciliationLine
from reservations.exports.listing import ListColumn, columned
from reservations.exports.sheet import Kind, Sheet
from reservations.exports.spreadsheet import spreadsheet
from reservations.exports.workbook import workbook

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
    return columned("À régler", lines, *COLUMNS)


def needs_number(line: ReconciliationLine) -> bool:
    """Does whoever settles this point need the numéro unique?"""
    return line.owner != Owner.HOLDER or line.finding == Finding.NUMBER or not line.unit_reference


COLUMNS: tuple[ListColumn[ReconciliationLine], ...] = (
    ListColumn("Constat", read=lambda line: str(line.get_finding_display())),
    ListColumn("Logement", read=lambda line: line.unit_reference),
    ListColumn(
        "Numéro unique",
        read=lambda line: (
            " ".join(line.number[i : i + 4] for i in range(0, len(line.number), 4)) if needs_number(line) else ""
        ),
    ),
    ListColumn("Ligne du fichier", Kind.INTEGER, number_format="0", read=lambda line: line.line),
    ListColumn("Contingent du fichier", read=lambda line: line.their_contingent),
    ListColumn(
        "Contingent du compte",
        read=lambda line: (
            str(line.our_holder) if line.our_holder else "orienté vers un autre" if line.is_elsewhere else ""
        ),
    ),
    ListColumn("Bail d’après le fichier", Kind.DATE, read=lambda line: line.their_day),
    ListColumn("Bail d’après le compte", Kind.DATE, read=lambda line: line.our_day),
    ListColumn("À faire", read=lambda line: line.todo),
)
