"""The candidates of a landlord as a workbook: named, typed, its first row in sight. For who registers or instructs."""

from __future__ import annotations

import io
from collections.abc import Iterable

from django.utils import timezone

from attributions.households.models import Proposal
from reservations.exports.listing import ListColumn, columned
from reservations.exports.sheet import Kind
from reservations.exports.workbook import workbook

COLUMNS: tuple[ListColumn[Proposal], ...] = (
    ListColumn("Logement", read=lambda proposal: proposal.vacancy.unit.reference),
    ListColumn("Commune", read=lambda proposal: proposal.vacancy.unit.commune.name),
    ListColumn("Réservataire", read=lambda proposal: str(proposal.routing.holder) if proposal.routing else ""),
    ListColumn("Proposé par", read=lambda proposal: proposal.proposer.name),
    ListColumn("Numéro unique", read=lambda proposal: proposal.application.number),
    ListColumn("Nom", read=lambda proposal: proposal.application.name),
    ListColumn("Date de naissance", Kind.DATE, read=lambda proposal: proposal.application.birth_date),
    ListColumn("Nationalité", read=lambda proposal: str(proposal.application.get_nationality_display())),
    ListColumn(
        "Demande créée le",
        Kind.DATE,
        read=lambda proposal: (proposal.application.merged_into or proposal.application).requested_on,
    ),
    ListColumn("Adultes", Kind.INTEGER, read=lambda proposal: proposal.adults),
    ListColumn("Enfants", Kind.INTEGER, read=lambda proposal: proposal.children),
    ListColumn("RFR, €", Kind.INTEGER, read=lambda proposal: proposal.income),
    ListColumn("Unités de consommation", Kind.DECIMAL, read=lambda proposal: proposal.income_units),
    ListColumn("Quartile", Kind.INTEGER, read=lambda proposal: proposal.income_quartile),
    ListColumn("Priorité", read=lambda proposal: proposal.priority_words),
    ListColumn("Labellisé le", Kind.DATE, read=lambda proposal: proposal.labelled_on),
    ListColumn("État", read=lambda proposal: str(Proposal.Status(proposal.standing).label)),
    ListColumn("Depuis le", Kind.DATE, read=lambda proposal: timezone.localdate(proposal.since)),
)


def candidates_xlsx(proposals: Iterable[Proposal]) -> io.BytesIO:
    """One row a candidature; figures and days are typed, a numéro unique is a text."""
    return workbook("Candidats", [columned("Candidats", proposals, *COLUMNS)])
