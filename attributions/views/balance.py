"""The annual balances: which there are, one of them, its file."""

from __future__ import annotations

from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from attributions.queries.balance import balance as read_balance
from attributions.queries.balance import balances_of, overview, sees_whole, territories, territory_of
from attributions.views.balance_common import WHOLE, balance_landlord, territory_asked
from flux.models import Ledger
from flux.queries.account import terms
from reservations.http import MemberRequest, member_of
from reservations.models import Territory
from reservations.models.convention import UNIT

PAGE = 25


@require_GET
def balance_list(request: MemberRequest) -> HttpResponse:
    """Every balance that the person may read, a line each."""
    today = timezone.localdate()
    pairs = balances_of(request.member) if request.member else []
    place = territory_of(request.member) if request.member else None
    page = Paginator(pairs, PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": overview(list(page.object_list), place, today, member=request.member),
        "territory": place,
        "today": today,
        "years": sorted({year for _, year in pairs}, reverse=True),
        "landlords": len({landlord for landlord, _ in pairs}),
    }
    return render(request, "attributions/balance_list.html", context)


@require_GET
def balance(request: MemberRequest, landlord: int, year: int) -> HttpResponse:
    """One balance, on the whole or on one territory."""
    member = member_of(request)
    owner = balance_landlord(request, landlord, year)
    places = territories(owner, year, member=member)
    territory, unknown = territory_asked(request, places)
    read = read_balance(owner, year, territory, member=member, on=timezone.localdate())
    own = territory_of(member)
    context = {
        "balance": read,
        "rows": [{"line": line, "terms": terms(line, year)} for line in read.lines],
        "within_one": all(abs(line.figures.gap) < UNIT for line in read.lines),
        "places": places if own is None or own in places else [own, *places],
        "part": not sees_whole(member_of(request)),
        "unknown_place": unknown,
        "kinds": Territory.Kind,
        "whole": WHOLE,
        "today": timezone.localdate(),
        "ledgers": list(
            Ledger.objects.ordinary()
            .visible_to(member_of(request))
            .filter(landlord=landlord, exercise=year)
            .select_related("departement")
        ),
        "units_query": urlencode(
            {"landlord": landlord, "exercise": year} | ({"territory": read.territory.pk} if read.territory else {})
        ),
    }
    return render(request, "attributions/balance.html", context, status=422 if unknown else 200)
