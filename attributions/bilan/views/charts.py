"""The annual balance as one looks at it: accounts through the year, the flow by month, communes in order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from attributions.bilan.exports.figure_tables import CHARTED, account_months
from attributions.bilan.pages.changes import changes_table, sealed_words
from attributions.bilan.pages.charts import communes_table, flow_table
from attributions.bilan.queries.balance import account_figures, since_of
from attributions.bilan.queries.changes import changes
from attributions.bilan.queries.gaps import Without, lines_apart, sums_apart
from attributions.bilan.queries.scope import scope_of, sees_whole, territories, territory_of
from attributions.bilan.views.scope import WHOLE, landlord_of
from attributions.bilan.views.sections import sections
from flux.models import Ledger
from flux.queries.account import furthest
from flux.queries.through_the_year import communes_in_order, flow_through, holders_through, together, total_flow
from reservations.http import MemberRequest, asks_file, in_a_file, member_of
from reservations.models import Landlord, Membership, Territory


@require_safe
def balance_charts(request: MemberRequest, landlord: int, year: int) -> HttpResponseBase:
    """For whoever may read the balance, on the same places. What it draws is written in a table beside."""
    member, today = member_of(request), timezone.localdate()
    owner = landlord_of(request, landlord, year)
    places = _places(owner, year, member)
    place, unknown = _chosen(request.GET.get("territory", ""), places, member)
    scope = scope_of(owner, year, place, member=member)
    yearly = [ledger for ledger in scope.ledgers if ledger.kind == Ledger.Kind.ORDINARY]
    since = since_of(scope, owner, year)
    accounts = list(since.accounts(scope.yearly))
    moved = [(each.holder, each.month, left.get("due", 0), left.get("received", 0)) for each, left in accounts]
    holders = holders_through(scope.months(), year=year, until=today, without=moved)
    fallen = [(each.month, each.kind, each.units) for each in since.fallen]
    flow = flow_through(owner, scope.communes, year=year, until=today, without=fallen)
    acts = [ledger.pk for ledger in scope.acts if ledger.kind == Ledger.Kind.ORDINARY]
    placed = [
        (each.commune, left.get("offered", 0), left.get("allocated", 0))
        for each, left in since.placed(acts)
        if each.commune is not None
    ]
    communes = communes_in_order(acts, scope.communes, year=year, without=placed)
    apart = [Without(each.ledger, each.holder, account_figures(left), True) for each, left in accounts]
    if asks_file(request):
        tables: dict[str, Sequence[Any]] = {"comptes": account_months(holders), "flux": flow, "communes": communes}
        asked = request.GET.get("tableau", "")
        table = asked if asked in tables else "comptes"
        return in_a_file(request, CHARTED[table], tables[table])
    came = changes(since, year, scope.acts, opens=False)
    context = {
        "landlord": owner,
        "year": year,
        "territory": place,
        "places": places,
        "kinds": Territory.Kind,
        "whole": WHOLE,
        "part": not sees_whole(member),
        "unknown_place": unknown,
        "fault": unknown,
        "today": today,
        "sections": sections(
            owner,
            year,
            "balance-charts",
            member=member,
            ledgers=scope.ledgers,
            query=f"?territory={place.pk if place else WHOLE}",
        ),
        "sealed": sealed_words(since.seals, came),
        "since": changes_table(came) if came else None,
        "ledger": yearly[0] if len(yearly) == 1 else None,
        "holders": holders,
        "count": len(account_months(holders)),
        "widest": furthest(line for _, line in lines_apart(sums_apart(scope.months(), without=apart), scope.ledgers)),
        "flow": flow,
        "flow_total": (flow_total := total_flow(flow)),
        "flow_table": flow_table(flow, flow_total, year),
        "communes": communes,
        "communes_table": communes_table(communes, together(communes, "Ensemble"), year),
    }
    return render(request, "bilan/charts.html", context, status=422 if unknown else 200)


def _places(landlord: Landlord, year: int, member: Membership) -> list[Territory]:
    """Where the charts may be limited to: the reader's own territory too, though nothing fell vacant there."""
    places, own = territories(landlord, year, member=member), territory_of(member)
    return places if own is None or own in places else [own, *places]


def _chosen(asked: str, places: list[Territory], member: Membership) -> tuple[Territory | None, bool]:
    """The territory asked for, the reader's own by default; and was another one asked for than it may choose?

    Http404 then for those who read a part of the landlord: whether it has units elsewhere is not theirs to learn.
    """
    chosen = next((place for place in places if str(place.pk) == asked), None)
    unknown = chosen is None and asked not in ("", WHOLE)
    if unknown and not sees_whole(member):
        raise Http404
    return (territory_of(member) if chosen is None and asked != WHOLE else chosen), unknown
