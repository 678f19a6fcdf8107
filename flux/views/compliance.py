"""The compliance board: who has a convention in flow, who has none yet."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from flux.exports.account_lists import COMPLIANCE
from flux.pages.compliance import NAMES
from flux.pages.compliance_table import answer, compliance_table, deadline_words, question
from flux.pages.nothing import no_holder
from flux.queries.compliance import board
from flux.queries.without_convention import uncovered_for
from flux.views.checks import reads_compliance
from reservations.http import MemberRequest, asks_file, in_a_file, member_of, refuse_unless

PAGE = 25


@require_safe
def compliance(request: MemberRequest) -> HttpResponseBase:
    """Each holder of each landlord that the person answers for. A fixed number of queries."""
    member, today = member_of(request), timezone.localdate()
    refuse_unless(reads_compliance(member))
    uncovered = uncovered_for(member, on=today)
    read = board(member, on=today, uncovered=uncovered)
    landlord, situation = request.GET.get("bailleur", ""), request.GET.get("etat", "")
    landlord = landlord if landlord in {str(each.pk) for each in read.landlords} else ""
    situation = situation if situation in NAMES else ""
    rows = [
        row
        for row in read.rows
        if (not landlord or str(row.landlord.pk) == landlord) and (not situation or row.situation == situation)
    ]
    if asks_file(request):
        return in_a_file(request, COMPLIANCE, rows)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "flux/compliance.html",
        {
            "board": read,
            "uncovered": uncovered,
            "page": page,
            "table": compliance_table(page, by_landlord=member.is_landlord).or_say(no_holder(filtered=bool(read.rows))),
            "question": question(by_landlord=member.is_landlord),
            "answer": answer(read, uncovered, by_landlord=member.is_landlord),
            "deadline": deadline_words(read.deadline, today),
            "situations": [(each.value, name) for each, name in NAMES.items()],
            "chosen": {"landlord": landlord, "situation": situation},
            "show_landlord": not member.is_landlord,
            "territory": member.organisation.territory if member.is_overseer else None,
            "today": today,
        },
    )
