"""The screens of units.

* The stock: the list of units, one of them, and keeping it in stock.
* The dated descriptions of a unit, and the act that says otherwise from a day on.
* How a unit is known elsewhere: its own reference, its RPLS identifier, and what they were.
* A unit outside what shares bear on, and inside again. For the landlord's manager.
"""

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
from flux.forms.stock_rights import StockRightForm
from flux.forms.units import (
    InsideForm,
    OutsideForm,
    UnitDescriptionForm,
    UnitFactsForm,
    UnitIdentityForm,
    initial_description,
    initial_facts,
    known_of,
)
from flux.models import TransferredUnit, Unit, UnitDescription, Vacancy
from flux.operations.description import change_unit, correct_unit
from flux.operations.stock import end_outside_flow, keep_in_stock, set_outside_flow
from flux.operations.units import describe_unit, identify_unit
from flux.pages.list_words import no_unit
from flux.pages.stock import descriptions_table, story_table, units_table
from flux.pages.units import outside_lines, stock_facts, unit_answer, unit_facts, without_convention
from flux.permissions import can_declare_vacancy, can_manage_stock
from flux.queries.compliance import NEEDLESS, coverage
from flux.queries.needs import ceilings_for
from flux.queries.units import Described, descriptions_of, opened_by, stock_of, with_stock
from flux.queries.vacancies import read_destinations, rows
from flux.views.checks import reads_compliance
from reservations.forms.fields import refusals_on
from reservations.http import MemberRequest, asks_file, in_a_file, member_of, refuse_unless
from reservations.models import HistoryEntry
from reservations.queries.rows import CountedPaginator
from reservations.words import day, to

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
    vacated = rows(read_destinations(story.order_by("-pk")), member=member, today=timezone.localdate())
    came = (
        TransferredUnit.objects.filter(becomes=unit).select_related("programme__transfer__giver__organisation").first()
    )
    departures = [row.vacancy for row in vacated if not row.is_cancelled]
    reads_stock = stock is not None and (
        member.is_landlord or stock.right.holder.organisation_id == member.organisation_id
    )
    in_force = coverage(unit, on=today) if stock is None and outside is None else NEEDLESS
    context = {
        "unit": unit,
        "facts": unit_facts(unit, by_landlord=member.is_landlord),
        "described": UnitDescription.objects.on(unit, today),
        "ceilings": ceilings_for(unit, on=today),
        "uncovered": without_convention(in_force, unit, declared_on=None),
        "may_comply": reads_compliance(member),
        "outside": outside,
        "answer": unit_answer(unit, departures, came, declared=bool(vacated), own=member.is_landlord),
        "outside_words": outside_lines(outside, [each for each in outsides if each != outside]),
        "story": vacated,
        "table": story_table(vacated),
        "stock": stock if reads_stock else None,
        "stock_words": stock_facts(stock) if stock and reads_stock else (),
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


Act = UnitDescription.Act


@require_http_methods(["GET", "HEAD", "POST"])
def unit_description(request: MemberRequest, pk: int) -> HttpResponse:
    """What the unit was, from a day to another, for its landlord's staff; `?corrige=` opens one as an error."""
    seen = Unit.objects.visible_to(member_of(request)).select_related("commune", "programme", "landlord__organisation")
    unit = get_object_or_404(seen, pk=pk)
    refuse_unless(can_declare_vacancy(request.member, unit.landlord))
    rows = descriptions_of(unit)
    description = _chosen(request, rows)
    initial = initial_description(description) | ({"act": Act.ERROR} if request.GET.get("corrige") else {})
    form = UnitDescriptionForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        with refusals_on(form):
            _write(unit, description, form, request)
            return redirect("unit-description", unit.pk)
    context = {
        "unit": unit,
        "form": form,
        "table": descriptions_table(rows),
        "description": description,
    }
    return render(request, "flux/unit_description.html", context, status=422 if form.errors else 200)


def _chosen(request: MemberRequest, rows: list[Described]) -> UnitDescription:
    """The description that the form is about: the one asked for, as long as it stands, else that of today."""
    asked = (request.POST if request.method == "POST" else request.GET).get("corrige", "")
    current = [row.description for row in rows if row.replaced_by is None]
    return next((description for description in current if str(description.pk) == asked), current[-1])


def _write(unit: Unit, description: UnitDescription, form: UnitDescriptionForm, request: MemberRequest) -> None:
    since, source, result = form.cleaned_data["since"], form.cleaned_data["source"], form.said()
    if form.cleaned_data["act"] == Act.CHANGE:
        change_unit(unit=unit, since=since, changes=result, source=source, by=request.user)
        messages.success(
            request, f"{unit} est décrit autrement à compter du {since:%d/%m/%Y}. Ce qui est déjà compté ne bouge pas."
        )
        return
    correct_unit(
        description=description, since=since or description.since, changes=result, source=source, by=request.user
    )
    messages.success(
        request,
        f"L’erreur est corrigée : les actes de {unit} que cette description avait comptés suivent. Les bilans scellés "
        "restent tels quels.",
    )


@require_http_methods(["GET", "HEAD", "POST"])
def unit_identity(request: MemberRequest, pk: int) -> HttpResponse:
    """Give a unit its own reference. For the landlord's manager."""
    units = Unit.objects.visible_to(member_of(request)).select_related("landlord__organisation")
    unit = get_object_or_404(units, pk=pk)
    refuse_unless(can_manage_stock(request.member, unit.landlord))
    known = {"reference": unit.reference, "rpls_id": unit.rpls_id, "software": unit.software}
    form = UnitIdentityForm(request.POST if request.method == "POST" else None, initial=known, unit=unit)
    if form.is_valid():
        with refusals_on(form):
            held = identify_unit(unit=unit, by=request.user, **form.cleaned_data)
            messages.success(request, f"Le logement est connu sous la référence {held}.")
            return redirect("unit-detail", unit.pk)
    return render(request, "flux/unit_identity.html", {"unit": unit, "form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def unit_outside(request: MemberRequest, pk: int) -> HttpResponse:
    """Take it out of the flow from a day on; or, when it is out, say until when."""
    units = Unit.objects.visible_to(member_of(request)).select_related("landlord__organisation", "commune")
    unit = get_object_or_404(units, pk=pk)
    refuse_unless(can_manage_stock(request.member, unit.landlord))
    outside = unit.outside.filter(ends_on=None).first()
    typed = request.POST if request.method == "POST" else None
    form: OutsideForm | InsideForm = OutsideForm(typed) if outside is None else InsideForm(typed)
    if form.is_valid():
        with refusals_on(form):
            if outside is None:
                today = timezone.localdate()
                result = set_outside_flow(unit=unit, by=request.user, today=today, **form.cleaned_data)
                messages.success(
                    request,
                    f"{unit} est hors assiette depuis le {day(result.starts_on)} : il n’entrera plus dans le flux.",
                )
            else:
                ended = end_outside_flow(outside=outside, by=request.user, **form.cleaned_data)
                messages.success(request, f"{unit} entre dans le flux comme les autres après le {day(ended.ends_on)}.")
            return redirect("unit-detail", unit.pk)
    context = {"unit": unit, "outside": outside, "form": form}
    return render(request, "flux/unit_outside.html", context, status=422 if form.errors else 200)
