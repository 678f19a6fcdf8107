"""Derogations: the préfet's orders that lift a cap of the State's share."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from reservations.exports.listing import DEROGATIONS
from reservations.forms.cap_readings import DerogationEndForm, DerogationForm
from reservations.forms.fields import refusals_on
from reservations.http import MemberRequest, asks_file, in_a_file, refuse_unless
from reservations.models import HistoryEntry
from reservations.operations.derogation import end_derogation, record_derogation
from reservations.pages.derogations import derogation_lines, derogations_table
from reservations.permissions import can_record_derogation
from reservations.queries.derogations import caps_of, derogations_of
from reservations.words import day

PAGE = 25


@require_safe
def derogation_list(request: MemberRequest) -> HttpResponseBase:
    """Every order the person may read, the latest first. A fixed number of queries."""
    member, today = request.member, timezone.localdate()
    refuse_unless(member is not None and (member.is_landlord or member.is_overseer or member.is_administrator))
    seen = derogations_of(member).order_by("-starts_on", "pk")
    if asks_file(request):
        return in_a_file(request, DEROGATIONS, seen, partial(derogation_lines, today=today))
    page = Paginator(seen, PAGE).get_page(request.GET.get("page"))
    lines = derogation_lines(page, today=today)
    return render(
        request,
        "reservations/derogation_list.html",
        {
            "page": page,
            "lines": lines,
            "table": derogations_table(lines),
            "in_force": derogations_of(member).in_force(today).count(),
            "today": today,
            "can_record": can_record_derogation(member),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def derogation_new(request: MemberRequest) -> HttpResponse:
    """Record an order."""
    member = request.member
    refuse_unless(can_record_derogation(member))
    assert member is not None
    landlords, departements = caps_of(member)
    form = DerogationForm(
        request.POST if request.method == "POST" else None,
        landlords=landlords,
        departements=departements,
        initial={
            "landlord": member.landlord,
            "departement": member.organisation.territory_id,
        },
    )
    if form.is_valid():
        with refusals_on(form):
            recorded = record_derogation(**form.cleaned_data, by=request.user)
            messages.success(
                request,
                f"La dérogation est enregistrée : dans {recorded.departement}, {recorded.landlord} compte sous ce "
                f"plafond du {day(recorded.starts_on)} au {day(recorded.ends_on)}.",
            )
            return redirect("derogation-detail", pk=recorded.pk)
    return render(request, "reservations/derogation_form.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def derogation_detail(request: MemberRequest, pk: int) -> HttpResponse:
    """One order and its history; posted, another last day."""
    today = timezone.localdate()
    derogation = get_object_or_404(derogations_of(request.member), pk=pk)
    allowed = can_record_derogation(request.member)
    form = DerogationEndForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        refuse_unless(allowed)
    if form.is_valid():
        with refusals_on(form):
            ended = end_derogation(derogation=derogation, **form.cleaned_data, by=request.user)
            messages.success(request, f"La dérogation prend fin le {day(ended.ends_on)}. Le plafond de la loi reprend.")
            return redirect("derogation-detail", pk=derogation.pk)
    return render(
        request,
        "reservations/derogation_detail.html",
        {
            "line": derogation_lines([derogation], today=today)[0],
            "derogation": derogation,
            "form": form,
            "can_end": allowed and derogation.ends_on >= today and derogation.starts_on < derogation.ends_on,
            "history": HistoryEntry.objects.about(derogation).select_related("by"),
            "today": today,
        },
        status=422 if form.errors else 200,
    )
