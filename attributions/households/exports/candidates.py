"""The candidates of a landlord as a workbook: named, typed, its first row in sight. For who registers or instructs."""

from __future__ import annotations

import io
from collections.abc import Iterable

from django.utils import timezone

from attributions.households.models import Proposal
from reservations.exports.sheet import Column, Kind, Row, Sheet
from reservations.exports.workbook import workbook

COLUMNS = (
    Column("Logement"),
    Column("Commune"),
    Column("Réservataire"),
    Column("Proposé par"),
    Column("Numéro unique"),
    Column("Nom"),
    Column("Date de naissance", Kind.DATE),
    Column("Nationalité"),
    Column("Demande créée le", Kind.DATE),
    Column("Adultes", Kind.INTEGER),
    Column("Enfants", Kind.INTEGER),
    Column("RFR, €", Kind.INTEGER),
    Column("Unités de consommation", Kind.DECIMAL),
    Column("Quartile", Kind.INTEGER),
    Column("Priorité"),
    Column("Labellisé le", Kind.DATE),
    Column("État"),
    Column("Depuis le", Kind.DATE),
)


def candidates_xlsx(proposals: Iterable[Proposal]) -> io.BytesIO:
    """One row a candidature; figures and days are typed, a numéro unique is a text."""
    return workbook("Candidats", [Sheet("Candidats", COLUMNS, map(_row, proposals))])


def _row(proposal: Proposal) -> Row:
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
        (application.merged_into or application).requested_on,  # of two that merged, the oldest
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
