"""The screens of programmes.

* Programmes: how much each is asked for, and the first letting of the new ones, shared between their funders.
* Adding the units of a new programme, before the RPLS knows them.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods, require_safe

from flux.exports.lists import PROGRAMMES
from flux.forms.programmes import AgreeForm, AllotmentForm, NewProgrammeForm, PlanChangeForm, ProgrammeForm, ReopenForm
from flux.forms.units import NewUnitsForm
from flux.imports.addresses import street, street_number
from flux.models import Programme
from flux.operations.allotment import (
    agree_allotment,
    plan_delivery,
    register_programme,
    reopen_allotment,
    set_allotment,
)
from flux.operations.stock import classify_programme
from flux.operations.units import Alike, create_units
from flux.pages.list_words import no_programme, programmes_answer, programmes_question, programmes_way
from flux.pages.programmes import (
    agreement_facts,
    answer,
    class_words,
    homes_table,
    new_table,
    none_shared,
    programme_acts,
    programme_history,
    programmes_table,
    shares_table,
    warnings,
    way_back,
)
from flux.permissions import can_manage_stock
from flux.queries.programmes import funders, new_ones, programme_sheet, rows, with_figures
from reservations.forms.fields import refusals_on
from reservations.http import MemberRequest, acts_from, asks_file, in_a_file, member_of, refuse_unless
from reservations.models import Landlord, ReservationHolder
from reservations.words import integer, plural

PAGE = 25


@require_safe
def programme_list(request: MemberRequest) -> HttpResponseBase:
    """Every programme of the landlord, with its class; for the others, the new ones whose first letting they share."""
    member, today = member_of(request), timezone.localdate()
    landlord = member.landlord if member.is_landlord else None
    seen = Programme.objects.visible_to(member)
    new = new_ones(seen)
    only_new = landlord is None or request.GET.get("neufs") == "1"
    ordered = with_figures(new if only_new else seen).order_by("landlord__organisation__name", "number", "pk")
    if asks_file(request):
        return in_a_file(request, PROGRAMMES, ordered, rows)
    page = Paginator(ordered, PAGE).get_page(request.GET.get("page"))
    by_landlord, may_manage = landlord is not None, landlord is not None and can_manage_stock(member, landlord)
    lines = rows(page.object_list)
    unclassified = seen.held_between(today, today).filter(attractiveness="").count()
    class_cell = partial(class_form, request, page.number) if may_manage else class_words
    listed = new_table(lines, show_landlord=not by_landlord) if only_new else programmes_table(lines, class_cell)
    context = {
        "page": page,
        "rows": lines,
        "table": listed.or_say(no_programme(by_landlord=by_landlord, only_new=only_new)),
        "only_new": only_new,
        "unclassified": unclassified,
        "way": programmes_way(by_landlord=by_landlord, only_new=only_new),
        "question": programmes_question(only_new=only_new),
        "answer": programmes_answer(page.paginator.count, unclassified, by_landlord=by_landlord, only_new=only_new),
        "new_count": page.paginator.count if only_new else new.count(),
        "by_landlord": by_landlord,
        "may_manage": may_manage,
        "today": today,
    }
    return render(request, "flux/programme_list.html", context)


@acts_from("programme-list")
def programme_classify(request: MemberRequest, pk: int) -> HttpResponse:
    """Give one programme its class."""
    programme = get_object_or_404(
        Programme.objects.select_related("landlord"), pk=pk, landlord__organisation=member_of(request).organisation_id
    )
    refuse_unless(can_manage_stock(request.member, programme.landlord))
    form = ProgrammeForm(request.POST)
    if form.is_valid():
        with refusals_on(form):
            classify_programme(programme=programme, by=request.user, **form.cleaned_data)
            messages.success(
                request,
                f"{programme} est classé : {programme.get_attractiveness_display()}."
                if programme.attractiveness
                else f"{programme} n’est plus classé.",
            )
    for why in form.errors.values():
        messages.error(request, f"{programme} n’a pas changé. {why[0]}")
    back = f"?page={request.GET['page']}" if request.GET.get("page", "").isdecimal() else "?"
    return redirect(f"{reverse('programme-list')}{back}#p{programme.pk}")


@require_http_methods(["GET", "HEAD", "POST"])
def programme_new(request: MemberRequest) -> HttpResponse:
    """Record a programme before its units exist."""
    landlord = _managed_landlord(request)
    form = NewProgrammeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with refusals_on(form):
            programme = register_programme(landlord=landlord, by=request.user, **form.cleaned_data)
            messages.success(
                request, f"Le programme {programme} est enregistré. Répartissez maintenant sa première location."
            )
            return redirect("programme-detail", programme.pk)
    return render(request, "flux/programme_new.html", {"form": form}, status=422 if form.errors else 200)


@require_safe
def programme_detail(request: MemberRequest, pk: int) -> HttpResponse:
    """The allotment of a programme: who gets what, what is let, what is left."""
    return _render(request, _programme(request, pk))


@require_http_methods(["GET", "HEAD", "POST"])
def programme_plan(request: MemberRequest, pk: int) -> HttpResponse:
    """Say, or put right, the delivery and the number of units."""
    programme = _managed(request, pk)
    initial = {
        "delivered_on": programme.delivered_on,
        "expected_units": programme.expected_units or programme.units.count() or None,
    }
    form = PlanChangeForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        with refusals_on(form):
            plan_delivery(programme=programme, by=request.user, **form.cleaned_data)
            messages.success(request, f"La livraison du programme {programme} est enregistrée.")
            return redirect("programme-detail", programme.pk)
    context = {"programme": programme, "form": form}
    return render(request, "flux/programme_plan.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def programme_allotment(request: MemberRequest, pk: int) -> HttpResponse:
    """Write the draft of the allotment: a count for each funder, and the units named."""
    programme = _managed(request, pk)
    if programme.expected_units is None:
        messages.info(request, "Dites d’abord combien de logements aura le programme, et quand il sera livré.")
        return redirect("programme-plan", programme.pk)
    holders = funders(programme, on=timezone.localdate())
    form = AllotmentForm(
        request.POST if request.method == "POST" else None,
        programme=programme,
        holders=holders,
        others=ReservationHolder.objects.exclude(contingent=ReservationHolder.Contingent.NOT_RESERVED)
        .exclude(pk__in=[holder.pk for holder in holders])
        .select_related("organisation")
        .order_by("organisation__name", "contingent"),
        units=list(programme.units.order_by("reference", "pk")),
    )
    if form.is_valid():
        with refusals_on(form):
            made = set_allotment(programme=programme, shares=form.shares, by=request.user)
            left = programme.expected_units - sum(allotment.units for allotment in made)
            rest = f"il vous reste {left} logement{'s' if left > 1 else ''}" if left else "il ne vous reste rien"
            messages.success(request, f"La répartition est enregistrée ; {rest}.")
            return redirect("programme-detail", programme.pk)
    context = {"programme": programme, "form": form}
    return render(request, "flux/programme_allotment.html", context, status=422 if form.errors else 200)


@acts_from("programme-detail", "pk")
def programme_agree(request: MemberRequest, pk: int) -> HttpResponse:
    """Record the agreement: first lettings follow it from then on."""
    programme = _managed(request, pk)
    form = AgreeForm(request.POST)
    if form.is_valid():
        with refusals_on(form):
            agree_allotment(programme=programme, by=request.user, **form.cleaned_data)
            messages.success(
                request,
                f"La répartition du programme {programme} est convenue : chaque première mise en location ira aussitôt "
                "à son réservataire.",
            )
            return redirect("programme-detail", programme.pk)
    return _render(request, programme, agree=form)


@acts_from("programme-detail", "pk")
def programme_reopen(request: MemberRequest, pk: int) -> HttpResponse:
    """Take an agreement back to the draft, with a motive."""
    programme = _managed(request, pk)
    form = ReopenForm(request.POST)
    if form.is_valid():
        with refusals_on(form):
            reopen_allotment(programme=programme, by=request.user, **form.cleaned_data)
            messages.success(
                request, f"La répartition du programme {programme} est rouverte : elle n’engage plus personne."
            )
            return redirect("programme-detail", programme.pk)
    return _render(request, programme, reopen=form)


def class_form(request: MemberRequest, page: int, programme: Programme) -> SafeString:
    """Where one gives a programme its class, from a page of the list."""
    context = {"programme": programme, "classes": Programme.Attractiveness.choices, "number": page}
    return render_to_string("flux/programme_class.html", context, request=request)


def _managed_landlord(request: MemberRequest) -> Landlord:
    """The landlord that the person manages. 403 for others."""
    landlord = member_of(request).landlord
    refuse_unless(landlord is not None and can_manage_stock(request.member, landlord))
    assert landlord is not None
    return landlord


def _programme(request: MemberRequest, pk: int) -> Programme:
    """A programme that the person may read. Http404 for others."""
    seen = Programme.objects.visible_to(member_of(request))
    return get_object_or_404(seen.select_related("landlord__organisation", "commune"), pk=pk)


def _managed(request: MemberRequest, pk: int) -> Programme:
    """A programme on which the person acts: 404 when out of sight, 403 for a reader."""
    programme = _programme(request, pk)
    refuse_unless(can_manage_stock(request.member, programme.landlord))
    return programme


def _render(
    request: MemberRequest, programme: Programme, *, agree: forms.Form | None = None, reopen: forms.Form | None = None
) -> HttpResponse:
    """The page of a programme; with a refused form, what was typed, and 422."""
    today = timezone.localdate()
    read = programme_sheet(programme, today=today)
    by_landlord = member_of(request).organisation_id == programme.landlord.organisation_id
    refused = next((form for form in (agree, reopen) if form is not None), None)
    may_manage = read.gone is None and can_manage_stock(request.member, programme.landlord)
    agreeing, reopening = agree or AgreeForm(initial={"agreed_on": today}), reopen or ReopenForm()
    context: dict[str, Any] = {
        "programme": programme,
        "sheet": read,
        "way_back": way_back(read.stage, by_landlord=by_landlord),
        "warnings": warnings(read),
        "none_shared": none_shared(may_manage=may_manage),
        "facts": agreement_facts(programme),
        "acts": programme_acts(read, agreeing, reopening, refused=refused is not None) if may_manage else (),
        "history": programme_history(read.history, by_landlord=by_landlord),
        "answer": answer(read),
        "shares": shares_table(programme, read),
        "homes": homes_table(read.homes, by_landlord=by_landlord),
        "by_landlord": by_landlord,
        "may_manage": may_manage,
        "refused": refused,
        "fault": refused is not None,
        "today": today,
    }
    return render(request, "flux/programme_detail.html", context, status=422 if refused else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def programme_units(request: MemberRequest, pk: int) -> HttpResponse:
    """So many units alike at one address. For the landlord's manager."""
    seen = Programme.objects.visible_to(member_of(request)).select_related("landlord__organisation", "commune")
    programme = get_object_or_404(seen, pk=pk)
    refuse_unless(can_manage_stock(request.member, programme.landlord))
    form = NewUnitsForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with refusals_on(form):
            count = form.cleaned_data["count"]
            references = create_units(programme=programme, count=count, alike=_alike(form), by=request.user)
            what = plural(count, "logement est ajouté,logements sont ajoutés")
            messages.success(request, f"{integer(count)} {what} à partir de {references[0]}.")
            return redirect(f"{reverse('unit-list')}?programme={programme.pk}")
    page = {"programme": programme, "form": form, "known": programme.units.count()}
    return render(request, "flux/programme_units.html", page, status=422 if form.errors else 200)


def _alike(form: NewUnitsForm) -> Alike:
    """What the units have in common, their street written as files write it."""
    cleaned = form.cleaned_data
    number, index = street_number(cleaned["number"], "")
    kind, name = street("", cleaned["street"])
    facts = {field: cleaned[field] for field in ("rooms", "financing_code", "surface", "construction_year", "in_qpv")}
    return Alike(street_number=number, street_index=index[:10], street_type=kind[:30], street_name=name[:120], **facts)
