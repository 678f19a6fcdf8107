"""The annual balances: which there are, one of them, its file."""

from __future__ import annotations

from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from attributions.exports import balance as export
from attributions.queries.balance import Balance, balances_of, overview, sees_whole, territories, territory_of
from attributions.queries.balance import balance as read_balance
from flux.models import Ledger
from flux.queries.account import terms
from reservations.http import MemberRequest, member_of
from reservations.models import Landlord, Territory
from reservations.models.convention import UNIT

PAGE = 25

#: In the address: no territory, for those whose balances are limited to their own.
WHOLE = "all"


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
    owner = _landlord(request, landlord, year)
    places = territories(owner, year, member=member_of(request))
    read, unknown = _read(request, owner, year, places)
    own = territory_of(member_of(request))
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


@require_GET
def balance_csv(request: MemberRequest, landlord: int, year: int) -> HttpResponse:
    """The same figures as a file."""
    owner = _landlord(request, landlord, year)
    read, unknown = _read(request, owner, year, territories(owner, year, member=member_of(request)))
    if unknown:
        raise Http404
    response = HttpResponse(export.balance_csv(read), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{export.file_name(read)}"'
    return response


def _landlord(request: MemberRequest, pk: int, year: int) -> Landlord:
    """The landlord of a balance that the person may read, or Http404."""
    if (pk, year) not in balances_of(member_of(request)):
        raise Http404
    return Landlord.objects.select_related("organisation").get(pk=pk)


def _read(request: MemberRequest, landlord: Landlord, year: int, places: list[Territory]) -> tuple[Balance, bool]:
    """The balance asked for; and was the territory in the address one that it cannot be limited to?

    Http404 then for those who read a part of the landlord: whether it has units elsewhere is not theirs to learn.
    """
    member = member_of(request)
    own = territory_of(member)
    asked = request.GET.get("territory", "")
    chosen = next((place for place in [*places, own] if place and str(place.pk) == asked), None)
    unknown = chosen is None and asked not in ("", WHOLE)
    if unknown and not sees_whole(member):
        raise Http404
    if chosen is None and asked != WHOLE:
        chosen = own
    return read_balance(landlord, year, chosen, member=member, on=timezone.localdate()), unknown
