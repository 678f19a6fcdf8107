"""What lapses first: offers whose term is today, or over, and whose answer nobody recorded (CCH, R441-10); documents
that a committee asked for by today (R441-3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Min, Q

from attributions.households.models import CaseDecision, Offer, Proposal
from reservations.models import Membership


@dataclass(frozen=True, slots=True)
class Lapsing:
    """How many units have an offer whose term is today or over, and the first of these terms; how many await a
    document whose term is, and the first of those. `accepted`: among them, those that await nothing else."""

    units: int = 0
    first: date | None = None
    documents: int = 0
    first_document: date | None = None
    accepted: int = 0


#: Of who has no offer to follow.
NOTHING_LAPSES = Lapsing()


def lapsing(member: Membership, *, today: date) -> Lapsing:
    """Those of a landlord's units, or of those routed to a holder, or to whom it acts for. Two queries."""
    own = member.organisation_id
    mine = Q(proposal__vacancy__landlord__organisation=own) if member.is_landlord else Q(pk__in=[])
    if member.is_holder:
        mine |= Q(proposal__routing__holder__organisation=own) | Q(proposal__routing__acting=own)
    offers = Offer.objects.filter(mine, answer="", answer_by__lte=today, proposal__status=Proposal.Status.OFFERED)
    found = offers.aggregate(units=Count("proposal__vacancy", distinct=True), first=Min("answer_by"))
    kept = CaseDecision.objects.filter(
        mine,
        kind=CaseDecision.Kind.CONDITIONAL,
        superseded_at=None,
        condition_met=None,
        document_due_on__lte=today,
        proposal__status__in=Proposal.KEPT,
        proposal__routing__closed_at=None,
    )
    units = Count("proposal__vacancy", distinct=True)
    accepted = Count("proposal__vacancy", distinct=True, filter=Q(proposal__status=Proposal.Status.ACCEPTED))
    documents = kept.aggregate(units=units, first=Min("document_due_on"), accepted=accepted)
    return Lapsing(found["units"], found["first"], documents["units"], documents["first"], documents["accepted"])
