"""The State's contingents, and the same tables at any scale."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from attributions.bilan.exports.figure_tables import SCALE, STATE
from attributions.bilan.pages.missing_conventions import missing_conventions
from attributions.bilan.pages.overview import compared_table
from attributions.bilan.pages.scales import axes_tables, kinds_table
from attributions.bilan.pages.score_tables import publics_tables
from attributions.bilan.pages.state import caps_table, lines_table, missing_table, places_table, unused_table
from attributions.bilan.permissions import can_read_state_rights, can_read_whole_figures
from attributions.bilan.queries.dates import followed_exercise
from attributions.bilan.queries.landlord_figures import compare
from attributions.bilan.queries.objective_since import leases_then
from attributions.bilan.queries.publics import publics
from attributions.bilan.queries.scales import ScalePlace, acts_read, ledgers_of, places, reads_scales, scale
from attributions.bilan.queries.scope import balances_of, territory_of
from attributions.bilan.queries.standing import owners_in
from attributions.bilan.queries.state_rights import state_rights
from attributions.bilan.views.readings import sealed_on
from flux.models import Ledger
from flux.queries.transfers import transfers_in
from reservations.http import MemberRequest, asks_file, in_a_file, member_of
from reservations.models import Membership, Territory

Kind = Territory.Kind

#: Scales that overflow the territory of an overseer, by the kind of its own.
WIDER = {Kind.EPCI: (Kind.DEPARTEMENT, Kind.REGION), Kind.DEPARTEMENT: (Kind.REGION, Kind.EPCI)}


@require_safe
def state_latest(request: MemberRequest) -> HttpResponse:
    """The exercise that one follows today."""
    if not can_read_state_rights(member_of(request)):
        raise Http404
    return redirect("balance-state", year=followed_exercise(timezone.localdate()))


@require_safe
def balance_state(request: MemberRequest, year: int) -> HttpResponseBase:
    """The State's two contingents by landlord, its caps and floor, unused rights, conventions missing."""
    member, today = member_of(request), timezone.localdate()
    if not can_read_state_rights(member):
        raise Http404
    read = places(member, year)
    place = _chosen(request, member, read)
    departements = [each.territory for each in read if each.territory.kind == Kind.DEPARTEMENT]
    if place is None:
        place = territory_of(member) or next(iter(departements), None)
    context = {
        "year": year,
        "today": today,
        "territory": place,
        "places": departements if member.is_administrator else [],
        "is_running": today.year <= year,
    }
    if place is not None:
        ledgers = [each for each in ledgers_of(member, year) if each.kind == Ledger.Kind.ORDINARY]
        acts = [each for each in acts_read(member, ledgers) if each.kind == Ledger.Kind.ORDINARY]
        compared = compare(year, place, member=member)
        state = state_rights(compared, year, place, _within(ledgers, place), acts, on=today)
        if asks_file(request):
            return in_a_file(request, STATE, state.lines)
        missing = missing_conventions(member, owners_in(place, today, today), on=today)
        context |= {
            "state": state,
            "rights": lines_table(state, place, year),
            **sealed_on(compared, place),
            "unused": unused_table(state.unused) if state.unused else None,
            "places_table": places_table(state.places),
            "count": len(state.lines),
            "caps": caps_table(state, year),
            "missing": missing_table(missing, today) if missing else None,
        }
    return render(request, "bilan/state.html", context)


@require_safe
def scale_latest(request: MemberRequest) -> HttpResponse:
    """The exercise that one follows today."""
    if not reads_scales(member_of(request)):
        raise Http404
    return redirect("balance-scale", year=followed_exercise(timezone.localdate()))


@require_safe
def balance_scale(request: MemberRequest, year: int) -> HttpResponseBase:
    """One scale: a commune, an EPCI, a département or a région; every landlord that the person reads there."""
    member, today = member_of(request), timezone.localdate()
    if not reads_scales(member):
        raise Http404
    read = places(member, year)
    own = territory_of(member)
    chosen = _chosen(request, member, read)
    if chosen is None:
        chosen = own or next((each.territory for each in read), None)
    communes = next((each.communes for each in read if each.territory == chosen), frozenset())
    context = {"year": year, "today": today, "places": read, "kinds": Kind, "territory": chosen}
    if chosen is not None and communes:
        read_here = scale(acts_read(member, ledgers_of(member, year)), communes, year)
        if asks_file(request):
            return in_a_file(request, SCALE, list(read_here.holders.items()))
        partial = own is not None and chosen.kind in WIDER.get(Kind(own.kind), ())
        compared = compare(year, communes, member=member, moved=None if partial else transfers_in(chosen.pk))
        sealed = {each.key.departement for each in compared.since.seals}
        then = leases_then(year, departements=sealed)[1] if sealed else []
        found = publics(year, chosen, member=member, then=then)
        readable = {landlord for landlord, of in balances_of(member) if of == year}
        context |= {
            "scale": read_here,
            "count": len(read_here.holders),
            "comparison": compared,
            **sealed_on(compared, chosen),
            "landlords": compared_table("t-bailleurs", compared, chosen, year, readable),
            "holders": kinds_table(read_here),
            "axes": axes_tables(read_here, year),
            "publics": found,
            "publics_tables": publics_tables(found) if found else [],
            "purpose": found.purpose if found else None,
            "officer": can_read_whole_figures(member),
            "partial": partial,
        }
    return render(request, "bilan/scale.html", context)


def _chosen(request: MemberRequest, member: Membership, read: list[ScalePlace]) -> Territory | None:
    """The territory of the address; None when it names none. Http404 when it is not one that the person reads."""
    asked = request.GET.get("territory", "")
    own = territory_of(member)
    found = next((each for each in [*(place.territory for place in read), own] if each and str(each.pk) == asked), None)
    if asked and found is None:
        raise Http404
    return found


def _within(ledgers: list[Ledger], place: Territory) -> list[Ledger]:
    """The accounts of the départements that a territory meets."""
    communes = Territory.objects.communes_within(place).order_by().values_list("departement", flat=True)
    met = set(communes.distinct())
    return [each for each in ledgers if each.departement_id in met]
