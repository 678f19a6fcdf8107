"""What lapses first: offers whose term is today, or over, and whose answer nobody recorded (CCH, R441-10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Min, Q

from attributions.households.models import Offer, Proposal
from reservations.models import Membership


@dataclass(frozen=True, slots=True)
class Lapsing:
    """How many units have an offer whose term is today or over, and the first of these terms."""

    units: int = 0
    first: date | None = None


#: Of who has no offer to follow.
NOTHING_LAPSES = Lapsing()


def lapsing(member: Membership, *, today: date) -> Lapsing:
    """Those of a landlord's units, or of those routed to a holder, or to whom it acts for. One query."""
    own = member.organisation_id
    mine = Q(proposal__vacancy__landlord__organisation=own) if member.is_landlord else Q(pk__in=[])
    if member.is_holder:
        mine |= Q(proposal__routing__holder__organisation=own) | Q(proposal__routing__acting=own)
    offers = Offer.objects.filter(mine, answer="", answer_by__lte=today, proposal__status=Proposal.Status.OFFERED)
    found = offers.aggregate(units=Count("proposal__vacancy", distinct=True), first=Min("answer_by"))
    return Lapsing(found["units"], found["first"])
