"""The points that one party has to settle, as a CSV file or a workbook, with no more of a household than it takes.

A holder finds a letting by its unit: a numéro unique is in its file only where there is no unit, or where the number
is what to settle. The landlord, the State and the desk of the SNE look requests up by their number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from attributions.exports.sheet import sheet_of
from attributions.models import Reconciliation, ReconciliationLine
from reservations.exports.spreadsheet import spreadsheet

COLUMNS = (
    "Constat",
    "Logement",
    "Numéro unique",
    "Ligne du fichier",
    "Contingent du fichier",
    "Contingent du compte",
    "Bail d’après le fichier",
    "Bail d’après le compte",
    "À faire",
)

Owner, Finding = ReconciliationLine.Owner, ReconciliationLine.Finding


def reconciliation_csv(lines: Iterable[ReconciliationLine]) -> bytes:
    """One row a point; days as in France; a number in groups, that no spreadsheet rounds."""
    return spreadsheet(COLUMNS, ([_text(value) for value in row] for row in _rows(lines)))


def reconciliation_xlsx(lines: Iterable[ReconciliationLine]) -> bytes:
    """The same, typed."""
    return sheet_of("À régler", COLUMNS, _rows(lines))


def file_name(kept: Reconciliation, owner: str, ending: str) -> str:
    """« rapprochement-sne-999000003-2026-bailleur.csv »."""
    party = {"LANDLORD": "bailleur", "HOLDER": "reservataire", "STATE": "etat", "SNE": "guichet-sne"}[owner]
    siren = kept.landlord.organisation.siren
    return f"rapprochement-{kept.source.lower()}-{siren}-{kept.exercise}-{party}.{ending}"


def _rows(lines: Iterable[ReconciliationLine]) -> Iterator[tuple[object, ...]]:
    for line in lines:
        yield (
            str(line.get_finding_display()),
            line.unit_reference,
            " ".join(line.number[i : i + 4] for i in range(0, len(line.number), 4)) if needs_number(line) else "",
            line.line,
            line.their_contingent,
            str(line.our_holder) if line.our_holder else "",
            line.their_day,
            line.our_day,
            line.todo,
        )


def needs_number(line: ReconciliationLine) -> bool:
    """Does whoever settles this point need the numéro unique?"""
    return line.owner != Owner.HOLDER or line.finding == Finding.NUMBER or not line.unit_reference


def _text(value: object) -> str | int:
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    return value if isinstance(value, int) else "" if value is None else str(value)
