"""Projection: where will each holder be on 31 December, and what does it take to land on what is due?"""

from __future__ import annotations

from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from attributions.bilan.exports.figure_tables import PROJECTION
from attributions.bilan.pages.projection import projection_table
from attributions.bilan.views.scope import landlord_of, ledger_asked
from attributions.bilan.views.sections import sections
from flux.queries.projection import outlook
from reservations.http import MemberRequest, asks_file, in_a_file, member_of


@require_safe
def balance_projection(request: MemberRequest, landlord: int, year: int) -> HttpResponseBase:
    """The account of a year, projected from today to 31 December."""
    owner = landlord_of(request, landlord, year)
    ledger, ledgers = ledger_asked(request, owner, year)
    today = timezone.localdate()
    found = outlook(ledger, today) if ledger else None
    if asks_file(request):
        return in_a_file(request, PROJECTION, found.lines if found else ())
    context = {
        "landlord": owner,
        "year": year,
        "ledger": ledger,
        "ledgers": ledgers,
        "sections": sections(owner, year, "balance-projection", member=member_of(request), ledgers=ledgers),
        "outlook": found,
        "table": projection_table(found, year) if found else None,
        "count": len(found.lines) if found else 0,
        "today": today,
    }
    return render(request, "bilan/projection.html", context)
