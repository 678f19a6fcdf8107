"""Every offer, condition and lease that a landlord has to follow, on one page."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from attributions.households.models import AccessRecord
from attributions.households.operations.access import record_access
from attributions.households.queries.letting import board
from reservations.http import MemberRequest, member_of, refuse_unless


@require_safe
def offer_list(request: MemberRequest) -> HttpResponse:
    """To send, awaited, conditional, to sign: for the landlord that sends them."""
    member = member_of(request)
    refuse_unless(member.is_landlord)
    found = board(member)
    files = len(found.proposals)
    if files:
        record_access(
            member=member,
            keeper=member.organisation,
            what=AccessRecord.What.LIST,
            subject="Offres et baux",
            files=files,
        )
    context = {"board": found, "count": files, "today": timezone.localdate()}
    return render(request, "households/offer_list.html", context)
