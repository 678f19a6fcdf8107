"""The yearly review of who acts for an organisation."""

from __future__ import annotations

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from reservations.http import MemberRequest, asks_file, refusals_said, refuse_unless, table_in_a_file
from reservations.operations.people_review import review_people
from reservations.pages.account import review_table
from reservations.permissions import can_manage_people
from reservations.queries.people_review import last_review, to_review


@require_http_methods(["GET", "HEAD", "POST"])
def people_review(request: MemberRequest) -> HttpResponseBase:
    """Read everybody who acts for one's organisation, and say that they still should. A fixed number of queries."""
    member = request.member
    refuse_unless(can_manage_people(member))
    assert member is not None
    if request.method == "POST":
        seen = [int(pk) for pk in request.POST.getlist("seen") if pk.isdecimal() and len(pk) < 19]
        with refusals_said(request):
            review_people(organisation=member.organisation, seen=seen, by=request.user, now=timezone.now())
            messages.success(request, "Revue enregistrée. La prochaine vous sera demandée dans un an.")
            return redirect("person-list")
    roles = list(to_review(member))
    if asks_file(request):
        return table_in_a_file(request, "personnes-a-revoir", roles, review_table)
    context = {
        "roles": roles,
        "count": len(roles),
        "table": review_table(roles),
        "last": last_review(member),
        "today": timezone.localdate(),
    }
    return render(request, "reservations/people_review.html", context)
