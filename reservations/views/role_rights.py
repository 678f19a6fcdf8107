"""Who may do what in one's organisation, and which roles were taken back."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from reservations.http import MemberRequest, refuse_unless
from reservations.pages.role_rights import gone_table, role_tables
from reservations.permissions import can_manage_people
from reservations.queries.role_rights import taken_back

#: Roles taken back that the page shows; the page of the history has the others.
SHOWN = 20


@require_safe
def people_rights(request: MemberRequest) -> HttpResponse:
    """For whoever manages the people of an organisation. A fixed number of queries."""
    refuse_unless(can_manage_people(request.member))
    assert request.member is not None
    gone = list(taken_back(request.member)[:SHOWN])
    return render(
        request,
        "reservations/role_rights.html",
        {
            "tables": role_tables(request.member.organisation),
            "gone": gone_table(gone) if gone else None,
            "organisation": request.member.organisation,
        },
    )
