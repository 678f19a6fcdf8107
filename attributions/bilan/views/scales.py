"""The screens of scales.

* The State's contingents, and the same tables at any scale.
* Layouts of the files of balances: what a région wants of their columns. Kept by the operator’s administrator.
* One axis of a balance: holders by categories of units (CCH, R441-5-1).
"""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from attributions.bilan.exports.figure_tables import SCALE, STATE, axis_listing
from attributions.bilan.forms.layout import BalanceLayoutForm
from attributions.bilan.models import BalanceLayout
from attributions.bilan.operations.layout import save_balance_layout
from attributions.bilan.pages.balances import Figure
from attributions.bilan.pages.overview import changes_table, compared_table, sealed_words
from attributions.bilan.pages.reconciliation import passage_words
from attributions.bilan.pages.scales import AxisRow, Choice, axes_tables, axis_name, axis_table, kinds_table
from attributions.bilan.pages.scores import publics_tables
from attributions.bilan.pages.sheets import layouts_table
from attributions.bilan.pages.states import (
    caps_table,
    lines_table,
    missing_conventions,
    missing_table,
    places_table,
    unused_table,
)
from attributions.bilan.permissions import can_lay_out, can_read_state_rights, can_read_whole_figures
from attributions.bilan.queries.balance import Balance
from attributions.bilan.queries.deadlines import followed_exercise
from attributions.bilan.queries.landlord_figures import accounts_of, compare
from attributions.bilan.queries.objective_since import leases_then
from attributions.bilan.queries.overview import passages_in
from attributions.bilan.queries.publics import publics, stated_purpose
from attributions.bilan.queries.scales import ScalePlace, acts_read, places, reads_scales, scale
from attributions.bilan.queries.scope import balances_of, territory_of
from attributions.bilan.queries.state_rights import state_rights
from attributions.bilan.queries.states import owners_in
from attributions.bilan.queries.transmissions import changes_of
from attributions.bilan.views.figures import AXES, SLUGS, asked, opened, place_query, sealed_on
from attributions.bilan.views.sections import sections
from flux.queries.cells import Axis, Measures
from flux.queries.compliance import board
from flux.queries.stock_transfers import transfers_in
from flux.queries.units import LACKING, Completeness, completeness
from flux.words import known
from reservations.forms.fields import refusals_on
from reservations.http import MemberRequest, asks_file, in_a_file, member_of, refuse_unless, table_in_a_file
from reservations.models import HistoryEntry, Membership, Territory
from reservations.models.territory import within
from reservations.models.together import at_once, given, queried
from reservations.models.wall import of_one_moment

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
@of_one_moment
def balance_state(request: MemberRequest, year: int) -> HttpResponseBase:
    """The State's two contingents by landlord, its caps and floor, unused rights, conventions missing."""
    member, today = member_of(request), timezone.localdate()
    if not can_read_state_rights(member):
        raise Http404
    for_file = asks_file(request)
    read, *_ = at_once(
        places.steps(member, year),
        accounts_of.steps(year, member),
        given(None) if for_file else board.steps(member, on=today),
    )
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
        met = Territory.objects.filter(kind__in=Territory.COMMUNAL).filter(within(place.pk)).order_by()
        compared, (around,), owners = at_once(
            compare.steps(year, place, member=member),
            queried(met.values_list("departement").distinct()),
            given([]) if for_file else owners_in.steps(place, today, today),
        )
        departements_met = {book.departement_id for book in compared.accounts.books} & {pk for (pk,) in around}
        state, missing = at_once(
            state_rights.steps(compared, year, place, departements_met, on=today),
            given(()) if for_file else missing_conventions.steps(member, owners, on=today),
        )
        if for_file:
            return in_a_file(request, STATE, state.lines)
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
@of_one_moment
def balance_scale(request: MemberRequest, year: int) -> HttpResponseBase:
    """One scale: a commune, an EPCI, a département or a région; every landlord that the person reads there."""
    member, today = member_of(request), timezone.localdate()
    if not reads_scales(member):
        raise Http404
    read, acts, pairs, *_ = at_once(
        places.steps(member, year),
        acts_read.steps(member, year),
        balances_of.steps(member),
        accounts_of.steps(year, member),
        stated_purpose.steps(member, year),
    )
    own = territory_of(member)
    chosen = _chosen(request, member, read)
    if chosen is None:
        chosen = own or next((each.territory for each in read), None)
    communes: frozenset[int] = next((each.communes for each in read if each.territory == chosen), frozenset())
    context = {"year": year, "today": today, "places": read, "kinds": Kind, "territory": chosen}
    if chosen is not None and communes:
        if asks_file(request):
            return in_a_file(request, SCALE, list(scale(acts, communes, year).holders.items()))
        partial = own is not None and chosen.kind in WIDER.get(Kind(own.kind), ())
        moved = None if partial else transfers_in(chosen.pk)
        read_here, compared = at_once(
            scale.steps(acts, communes, year), compare.steps(year, communes, member=member, moved=moved)
        )
        sealed = {each.key.departement for each in compared.since.seals}
        then = leases_then(year, departements=sealed)[1] if sealed else []
        found = publics(year, chosen, member=member, then=then)
        readable = {landlord for landlord, of in pairs if of == year}
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


@require_safe
def balance_layouts(request: MemberRequest) -> HttpResponseBase:
    """All of them, and who changed each last. Two queries."""
    refuse_unless(can_lay_out(request.member))
    layouts = list(BalanceLayout.objects.select_related("region"))
    acts = HistoryEntry.objects.filter(subject=BalanceLayout._meta.label_lower).select_related("by").order_by("pk")
    latest = {act.subject_id: act for act in acts.filter(subject_id__in=[each.pk for each in layouts])}
    if asks_file(request):
        return table_in_a_file(request, "formats-de-bilan", layouts, partial(layouts_table, latest=latest))
    context = {"layouts": layouts, "count": len(layouts), "table": layouts_table(layouts, latest)}
    return render(request, "bilan/layouts.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def balance_layout_new(request: MemberRequest) -> HttpResponse:
    """One more."""
    return _form(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
def balance_layout(request: MemberRequest, pk: int) -> HttpResponse:
    """Read one, and change it."""
    refuse_unless(can_lay_out(request.member))
    return _form(request, get_object_or_404(BalanceLayout.objects.select_related("region"), pk=pk))


def _form(request: MemberRequest, layout: BalanceLayout | None) -> HttpResponse:
    refuse_unless(can_lay_out(request.member))
    form = BalanceLayoutForm(request.POST if request.method == "POST" else None, layout=layout)
    if form.is_valid():
        with refusals_on(form):
            saved = save_balance_layout(layout=layout, **form.cleaned_data, by=request.user)
            messages.success(request, f"La présentation « {saved} » est enregistrée : les prochains fichiers l’auront.")
            return redirect("balance-layouts")
    context = {"form": form, "layout": layout, "title": layout or "Nouvelle présentation du bilan"}
    return render(request, "bilan/layout_form.html", context, status=422 if form.errors else 200)


CHOICES = (
    Choice("proposes", "Proposés et attribués", ("offered", "allocated"), ("proposés", "attribués"), ("P", "A")),
    Choice("rendus", "Rendus et refusés", ("returned", "refused"), ("rendus", "candidatures non abouties"), ("R", "C")),
    Choice(
        "baux",
        "Loués et premières locations",
        ("leased", "first_lettings"),
        ("loués", "premières mises en location"),
        ("L", "P"),
    ),
)


@require_safe
def balance_axis(request: MemberRequest, landlord: int, year: int, axis: str) -> HttpResponseBase:
    """What each holder was offered and given, category by category of one axis."""
    if axis not in AXES:
        raise Http404
    _, read, unknown = asked(request, landlord, year)
    if unknown:
        raise Http404
    on, query = AXES[axis], place_query(read)
    choice = next((each for each in CHOICES if each.slug == request.GET.get("show")), CHOICES[0])
    complete = completeness(read.cells)
    categories = read.cells.categories(on)
    rows = [_row(read, holder, on, choice, categories) for holder in read.holders]
    words = [known(read.cells.name(on, category)) for category in categories]
    if asks_file(request):
        listing = axis_listing(f"{choice.words} en {year}, par {axis_name(on)}", words, choice.heads)
        return in_a_file(request, listing, rows)
    came = changes_of(read, member_of(request))
    context = {
        "balance": read,
        "axis": on,
        "choice": choice,
        "choices": CHOICES,
        "tabs": [(SLUGS[each], axis_name(each), complete.by_axis.get(each, 0)) for each in Axis],
        "slug": axis,
        "query": query,
        "categories": words,
        "rows": rows,
        "table": axis_table(
            f"{choice.words} en {year}, par {axis_name(on)}",
            choice,
            words,
            rows,
            _row(read, None, on, choice, categories),
        ),
        "count": len(rows),
        "answer": _answer(read, on),
        "sealed": sealed_words(read.since.seals, came),
        "since": changes_table(came) if came else None,
        "passages": passage_words(passages_in(read, member_of(request))),
        "missing": complete.by_axis.get(on, 0),
        "can_lack": on in LACKING,
        "today": timezone.localdate(),
        "sections": sections(
            read.landlord,
            year,
            "balance-axis",
            member=member_of(request),
            ledgers=read.ledgers,
            query=query,
            counts=_counts(complete),
        ),
    }
    return render(request, "bilan/axis.html", context)


def _counts(complete: Completeness) -> dict[str, int]:
    return {"balance-defects": complete.incomplete}


def _row(read: Balance, holder: int | None, axis: Axis, choice: Choice, categories: list[str]) -> AxisRow:
    words = "Ensemble" if holder is None else str(read.holders[holder])

    def pair(measures: Measures, category: str | None) -> tuple[Figure, Figure]:
        first, second = (
            opened(
                read,
                name,
                getattr(measures, name),
                holder=holder,
                axis=None if category is None else axis,
                category=category or "",
            )
            for name in choice.measures
        )
        return first, second

    if holder is None:
        found = {category: read.cells.category(axis, category) for category in categories}
        whole = read.cells.total(axis)
    else:
        found = dict(read.cells.of(axis).get(holder, {}))
        whole = read.cells.holder(holder, axis)
    return AxisRow(words, [*(pair(found.get(each, Measures()), each) for each in categories), pair(whole, None)])


def _answer(read: Balance, axis: Axis) -> tuple[str, int] | None:
    """The category most offered, and how many; None when nothing was."""
    counts = {category: read.cells.category(axis, category).offered for category in read.cells.categories(axis)}
    best = max(counts, key=lambda category: counts[category], default=None)
    return None if best is None or not counts[best] else (known(read.cells.name(axis, best)), counts[best])
