"""The candidates of a landlord as a workbook: named, typed, its first row in sight. For who registers or instructs."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils import timezone

from attributions.exports.sheet import sheet_of
from attributions.models import Proposal

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
    return sheet_of("Candidats", COLUMNS, map(_row, proposals))


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
