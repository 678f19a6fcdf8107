"""What lapses first: offers whose term is today, or over, and whose answer nobody recorded (CCH, R441-10)."""

from __future__ import annotations

from datetime import date

from django.db.models import Q, QuerySet

from attributions.households.models import Offer, Proposal
from reservations.models import Membership


def lapsing(member: Membership, *, today: date) -> QuerySet[Offer]:
    """Those of a landlord's units, or of those routed to a holder, or to whom it acts for."""
    own = member.organisation_id
    mine = Q(proposal__vacancy__landlord__organisation=own) if member.is_landlord else Q(pk__in=[])
    if member.is_holder:
        mine |= Q(proposal__routing__holder__organisation=own) | Q(proposal__routing__acting=own)
    return Offer.objects.filter(mine, answer="", answer_by__lte=today, proposal__status=Proposal.Status.OFFERED)
