"""Every offer, condition and lease that a landlord has to follow, on one page."""

from __future__ import annotations

from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from attributions.households.exports.lists import OFFERS, TO_ANSWER, TO_FULFIL, TO_SEND, TO_SIGN
from attributions.households.models import AccessRecord
from attributions.households.operations.access import record_access
from attributions.households.pages.letting import offer_tables, offers_said
from attributions.households.queries.letting import Board, Candidate, board
from attributions.households.views.taking import taken_with_purpose
from reservations.http import MemberRequest, asks_file, member_of, refuse_unless


@require_http_methods(["GET", "HEAD", "POST"])
def offer_list(request: MemberRequest) -> HttpResponseBase:
    """To send, awaited, conditional, to sign: for the landlord that sends them. A POST says why the list is taken."""
    member = member_of(request)
    refuse_unless(member.is_landlord)
    found = board(member)
    files = len(found.proposals)
    if asks_file(request, posted=True):
        return taken_with_purpose(request, OFFERS, _awaited(found), files=files)
    if request.method == "POST":
        return redirect("offer-list")
    if files:
        record_access(
            member=member,
            keeper=member.organisation,
            what=AccessRecord.What.LIST,
            subject="Offres et baux",
            files=files,
        )
    tables = offer_tables(found, today=timezone.localdate())
    context = {"board": found, "said": offers_said(found), "count": files, "tables": tables}
    return render(request, "households/offer_list.html", context)


def _awaited(found: Board) -> list[tuple[str, Candidate]]:
    """Each candidate with what it waits for: one that awaits a document may be there twice, as on the page."""
    parts = (
        (TO_SEND, found.to_send),
        (TO_ANSWER, found.waiting),
        (TO_FULFIL, found.conditions),
        (TO_SIGN, found.to_sign),
    )
    return [(awaited, each) for awaited, part in parts for each in part]
