"""The screens of checks.

* Do the conventions keep to the law? One landlord, or those of a territory side by side.
* The compliance board: who has a convention in flow, who has none yet.
"""

from __future__ import annotations

from datetime import date

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from flux.exports.account_lists import CHECKS, COMPLIANCE
from flux.pages.checks import (
    Reading,
    answer,
    cap_answer,
    cap_table,
    checks_table,
    listed_answer,
    nothing_against,
    question,
    read_checks,
)
from flux.pages.compliance import NAMES, compliance_table, deadline_words
from flux.pages.compliance import answer as compliance_answer
from flux.pages.compliance import question as compliance_question
from flux.pages.list_words import no_holder
from flux.queries.compliance import board, landlords_of, uncovered_for
from reservations.http import MemberRequest, asks_file, in_a_file, member_of, refuse_unless
from reservations.models import Landlord, Membership, Territory
from reservations.queries.derogations import departements_of

#: Landlords of one page.
PAGE = 25


@require_safe
def check_list(request: MemberRequest) -> HttpResponseBase:
    """The landlords of the person's territory and how many findings each has; a landlord goes to its own."""
    member, today = member_of(request), timezone.localdate()
    refuse_unless(reads_compliance(member))
    if member.landlord is not None:
        return redirect("check-detail", landlord=member.landlord.pk)
    landlords = landlords_of(member)
    if asks_file(request):
        return in_a_file(request, CHECKS, landlords, lambda batch: _readings(list(batch), member, today))
    page = Paginator(landlords, PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "flux/check_list.html",
        {
            "page": page,
            "today": today,
            "answer": listed_answer(page.paginator.count, _territory(member)),
            "table": checks_table(_readings(list(page), member, today)),
        },
    )


@require_safe
def check_detail(request: MemberRequest, landlord: int) -> HttpResponse:
    """Every finding of one landlord, graver first, and what the State received beside its caps."""
    member, today = member_of(request), timezone.localdate()
    refuse_unless(reads_compliance(member))
    found = get_object_or_404(landlords_of(member), pk=landlord)
    (reading,) = _readings([found], member, today)
    own = member.organisation_id == found.organisation_id
    return render(
        request,
        "flux/check_detail.html",
        {
            "reading": reading,
            "landlord": found,
            "territory": _territory(member),
            "own": own,
            "question": question(found, own=own),
            "answer": answer(reading),
            "nothing_against": nothing_against(reading),
            "caps": [(cap_answer(each), cap_table(each, today)) for each in reading.caps],
            "today": today,
        },
    )


def reads_compliance(member: Membership) -> bool:
    """Who has signed with whom, and what the law says of it: landlords, and those who oversee them."""
    return member.is_landlord or member.is_overseer or member.is_administrator


def _territory(member: Membership) -> Territory | None:
    return member.organisation.territory if member.is_overseer else None


def _readings(landlords: list[Landlord], member: Membership, today: date) -> list[Reading]:
    """What bears on the territory of an overseer; everything of a landlord for itself."""
    if not member.is_overseer:
        return read_checks(landlords, on=today)
    departements = list(departements_of(member).order_by("pk").values_list("pk", flat=True))
    return read_checks(landlords, on=today, territory=_territory(member), departements=departements)


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
            "question": compliance_question(by_landlord=member.is_landlord),
            "answer": compliance_answer(read, uncovered, by_landlord=member.is_landlord),
            "deadline": deadline_words(read.deadline, today),
            "situations": [(each.value, name) for each, name in NAMES.items()],
            "chosen": {"landlord": landlord, "situation": situation},
            "show_landlord": not member.is_landlord,
            "territory": member.organisation.territory if member.is_overseer else None,
            "today": today,
        },
    )
