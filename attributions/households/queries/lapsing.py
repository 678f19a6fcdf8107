"""What lapses first: offers whose term is today, or over, and whose answer nobody recorded (CCH, R441-10); documents
that a committee asked for by today (R441-3)."""

from __future__ import annotations

from datetime import date

from django.db.models import Q, QuerySet

from attributions.households.models import CaseDecision, Offer, Proposal
from reservations.models import Membership


def lapsing(member: Membership, *, today: date) -> QuerySet[Offer]:
    """The offers of a landlord's units, or of those routed to a holder, or to whom it acts for."""
    return Offer.objects.filter(_own(member), answer="", answer_by__lte=today, proposal__status=Proposal.Status.OFFERED)


def documents_lapsing(member: Membership, *, today: date) -> QuerySet[CaseDecision]:
    """The decisions whose document is due by today, of the same units, until somebody records whether it came."""
    return CaseDecision.objects.filter(
        _own(member),
        kind=CaseDecision.Kind.CONDITIONAL,
        superseded_at=None,
        condition_met=None,
        document_due_on__lte=today,
        proposal__status__in=Proposal.KEPT,
        proposal__routing__closed_at=None,
    )


def accepted_lapsing(member: Membership, *, today: date) -> int:
    """How many units await such a document and nothing else: their household has accepted. One query."""
    kept = documents_lapsing(member, today=today).filter(proposal__status=Proposal.Status.ACCEPTED)
    return kept.values("proposal__vacancy").distinct().count()


def _own(member: Membership) -> Q:
    """On what belongs to a proposal: of a landlord's unit, or of one routed to a holder or to whom it acts for."""
    own = member.organisation_id
    mine = Q(proposal__vacancy__landlord__organisation=own) if member.is_landlord else Q(pk__in=[])
    if member.is_holder:
        mine |= Q(proposal__routing__holder__organisation=own) | Q(proposal__routing__acting=own)
    return mine
