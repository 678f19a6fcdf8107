"""The candidates of a landlord as a workbook: named, typed, its first row in sight. For who registers or instructs."""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from attributions.models import Proposal
from reservations.exports.spreadsheet import plain

COLUMNS = (
    "Logement",
    "Commune",
    "Réservataire",
    "Proposé par",
    "Numéro unique",
    "Nom",
    "Date de naissance",
    "Nationalité",
    "Demande créée le",
    "Adultes",
    "Enfants",
    "RFR, €",
    "Unités de consommation",
    "Quartile",
    "Priorité",
    "Labellisé le",
    "État",
    "Depuis le",
)


def candidates_xlsx(proposals: Iterable[Proposal]) -> bytes:
    """One row a candidature; figures and days are typed, a numéro unique is a text, nothing is a formula."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Candidats")
    sheet.freeze_panes = "A2"
    for row in (COLUMNS, *map(_row, proposals)):
        sheet.append([_typed(sheet, value) for value in row])
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def _row(proposal: Proposal) -> tuple[object, ...]:
    application, unit = proposal.application, proposal.vacancy.unit
    return (
        unit.reference,
        unit.commune.name,
        str(proposal.routing.holder) if proposal.routing else "",
        proposal.proposer.name,
        application.number,
        application.name,
        application.birth_date,
        str(application.get_nationality_display()),
        application.requested_on,
        proposal.adults,
        proposal.children,
        proposal.income,
        proposal.income_units,
        proposal.income_quartile,
        proposal.priority_words,
        proposal.labelled_on,
        str(Proposal.Status(proposal.standing).label),
        timezone.localdate(proposal.since),
    )


def _typed(sheet: Any, value: object) -> Any:
    """A cell of the type of its value: openpyxl would take a text that begins with « = » for a formula."""
    if value is None:
        return None
    if isinstance(value, int | Decimal):
        return WriteOnlyCell(sheet, value)
    if isinstance(value, date):
        cell = WriteOnlyCell(sheet, value)
        cell.number_format = "DD/MM/YYYY"
        return cell
    cell = WriteOnlyCell(sheet, plain("".join(max(sign, " ") for sign in str(value))))
    cell.data_type = "s"
    return cell
