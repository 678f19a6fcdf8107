"""The stock: the list of units, one of them, and keeping it in stock."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from flux.exports.lists import UNIT_READ, UNITS
from flux.forms.filters import UnitFilters, filtered
from flux.forms.stock_right import StockRightForm
from flux.forms.unit import UnitFactsForm, initial_facts, known_of
from flux.models import TransferredUnit, Unit, UnitDescription, Vacancy
from flux.operations.stock import keep_in_stock
from flux.operations.unit import describe_unit
from flux.pages.nothing import no_unit
from flux.pages.stock import story_table, units_table
from flux.pages.unit_facts import outside_lines, stock_facts, unit_answer, unit_facts, without_convention
from flux.permissions import can_declare_vacancy, can_manage_stock
from flux.queries.income_ceilings import ceilings_for
from flux.queries.units import opened_by, stock_of, with_stock
from flux.queries.vacancies import rows, with_destinations
from flux.queries.without_convention import NEEDLESS, coverage
from flux.views.checks import reads_compliance
from reservations.forms.fields import refusals_on
from reservations.http import MemberRequest, asks_file, in_a_file, member_of, refuse_unless
from reservations.models import HistoryEntry
from reservations.queries.counted import CountedPaginator
from reservations.words import to

PAGE = 25


@require_safe
def unit_list(request: MemberRequest) -> HttpResponseBase:
    """The landlord's stock, or the units routed to a holder."""
    member, today = member_of(request), timezone.localdate()
    filters = UnitFilters(request.GET, member=member)
    found = filters.qs.order_by("reference", "pk")
    if asks_file(request):
        return in_a_file(request, UNITS, _shown(found, on=today).only(*UNIT_READ))
    # Chosen by their ids first: what surrounds a unit is read of those shown alone.
    whole = member.landlord is None and not filtered(filters.form)
    ids = opened_by(member) if whole else found.values_list("pk", flat=True)
    page = CountedPaginator(ids, PAGE, rows=None).get_page(request.GET.get("page"))
    page.object_list = _shown(Unit.objects.filter(pk__in=list(page.object_list)).order_by("reference", "pk"), on=today)
    may_declare = member.landlord is not None and can_declare_vacancy(member, member.landlord)
    may_manage = member.landlord is not None and can_manage_stock(member, member.landlord)
    none = no_unit(filtered=filtered(filters.form), may_declare=may_declare, may_manage=may_manage)
    context = {
        "filters": filters.form,
        "filtered": filtered(filters.form),
        "page": page,
        "table": units_table(page).or_say(none),
        "may_declare": may_declare,
        "may_manage": may_manage,
        "today": today,
    }
    return render(request, "flux/unit_list.html", context)


def _shown(units: QuerySet[Unit], *, on: date) -> QuerySet[Unit]:
    return with_stock(units, on=on).select_related("commune", "programme")


def _unit(request: MemberRequest, pk: int) -> Unit:
    return get_object_or_404(
        Unit.objects.visible_to(member_of(request)).select_related("commune", "programme", "landlord__organisation"),
        pk=pk,
    )


@require_safe
def unit_detail(request: MemberRequest, pk: int) -> HttpResponse:
    """One unit: its facts and its story. A holder reads of that story what was routed to it."""
    member, today = member_of(request), timezone.localdate()
    unit = _unit(request, pk)
    stock, outsides = stock_of(unit, on=today), list(unit.outside.all())
    outside = next((each for each in outsides if each.ends_on is None or each.ends_on >= today), None)
    story = Vacancy.declared.visible_to(member).file_open_to(member).with_file_access(member).filter(unit=unit)
    told = rows(with_destinations(story).order_by("-pk"), member=member, today=timezone.localdate())
    came = (
        TransferredUnit.objects.filter(becomes=unit).select_related("programme__transfer__giver__organisation").first()
    )
    departures = [row.vacancy for row in told if not row.is_cancelled]
    reads_stock = stock is not None and (
        member.is_landlord or stock.right.holder.organisation_id == member.organisation_id
    )
    in_force = coverage(unit, on=today) if stock is None and outside is None else NEEDLESS
    context = {
        "unit": unit,
        "facts": unit_facts(unit, by_landlord=member.is_landlord),
        "described": UnitDescription.objects.on(unit, today),
        "ceilings": ceilings_for(unit, on=today),
        "uncovered": without_convention(in_force, unit, told=None),
        "may_comply": reads_compliance(member),
        "outside": outside,
        "answer": unit_answer(unit, departures, came, told=bool(told), own=member.is_landlord),
        "outside_said": outside_lines(outside, [each for each in outsides if each != outside]),
        "story": told,
        "table": story_table(told),
        "stock": stock if reads_stock else None,
        "stock_said": stock_facts(stock) if stock and reads_stock else (),
        "may_declare": can_declare_vacancy(member, unit.landlord),
        "may_manage": can_manage_stock(member, unit.landlord),
        "today": today,
    }
    return render(request, "flux/unit_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def unit_stock_right(request: MemberRequest, pk: int) -> HttpResponse:
    """Keep a unit in stock for a holder."""
    unit = _unit(request, pk)
    refuse_unless(can_manage_stock(request.member, unit.landlord))
    form = StockRightForm(
        request.POST if request.method == "POST" else None, initial={"starts_on": timezone.localdate()}
    )
    if form.is_valid():
        with refusals_on(form):
            assignment = keep_in_stock(unit=unit, by=request.user, **form.cleaned_data)
            holder = to(assignment.right.holder)
            messages.success(request, f"{unit} est gardé en stock : libéré, il ira directement {holder}, hors du flux.")
            return redirect("unit-detail", unit.pk)
    context = {"unit": unit, "form": form, "stock": stock_of(unit, on=timezone.localdate())}
    return render(request, "flux/unit_stock_right.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def unit_edit(request: MemberRequest, pk: int) -> HttpResponse:
    """What the landlord's staff say of a unit, for whoever proposes candidates."""
    unit = _unit(request, pk)
    refuse_unless(can_declare_vacancy(request.member, unit.landlord))
    form = UnitFactsForm(
        request.POST if request.method == "POST" else None, initial=initial_facts(unit), known=known_of(unit)
    )
    if form.is_valid():
        with refusals_on(form):
            describe_unit(unit=unit, facts=form.facts(), classed=form.classed(), by=request.user)
            messages.success(request, f"La fiche de {unit} est enregistrée.")
            return redirect("unit-detail", unit.pk)
    acts = HistoryEntry.objects.about(unit).select_related("by")
    context = {"unit": unit, "form": form, "acts": acts}
    return render(request, "flux/unit_edit.html", context, status=422 if form.errors else 200)
