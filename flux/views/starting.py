"""« Mise en service »: what is ready, a trial that is thrown away, and the day on which routing begins."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from flux.forms.starting import GoLiveForm, RehearsalForm
from flux.models import GoLive, Rehearsal, Unit
from flux.operations.starting import rehearse, set_go_live
from flux.pages import starting as words
from flux.permissions import can_declare_vacancy, can_manage_stock
from flux.queries.starting import progress
from reservations.forms.fields import refusals_on
from reservations.http import MemberRequest, member_of, refuse_unless
from reservations.models import Landlord
from reservations.words import day

#: Trials and choices that the page tells.
LATEST = 10


@require_http_methods(["GET", "HEAD", "POST"])
def starting(request: MemberRequest) -> HttpResponse:
    """The checklist, for all the landlord’s people. Its manager tries a unit, and chooses the day."""
    landlord = member_of(request).landlord
    refuse_unless(landlord is not None and can_declare_vacancy(request.member, landlord))
    assert landlord is not None, "refused just above"
    may_manage = can_manage_stock(request.member, landlord)
    posted = request.POST if request.method == "POST" else None
    trying = posted is not None and "reference" in posted
    trial = RehearsalForm(posted if trying else None)
    dated = GoLiveForm(posted if not trying else None)
    if posted is not None:
        refuse_unless(may_manage)
        done = _try(request, landlord, trial) if trying else _choose(request, landlord, dated)
        if done:
            return redirect("starting")
    return render(
        request,
        "flux/starting.html",
        _read(landlord, leads=may_manage)
        | {"may_manage": may_manage, "trial": trial, "dated": dated, "form": trial if trying else dated},
        status=422 if trial.errors or dated.errors else 200,
    )


def _read(landlord: Landlord, *, leads: bool) -> dict[str, Any]:
    today = timezone.localdate()
    found = progress(landlord, today=today)
    tried = Rehearsal.objects.filter(unit__landlord=landlord).select_related("unit", "holder__organisation", "tried_by")
    return {
        "landlord": landlord,
        "today": today,
        "answer": words.answer(found, today=today),
        "table": words.checklist(found, today=today, leads=leads),
        "rehearsals": tried.order_by("-pk")[:LATEST],
        "choices": GoLive.objects.filter(landlord=landlord).select_related("set_by").order_by("-pk")[:LATEST],
    }


def _try(request: MemberRequest, landlord: Landlord, form: forms.Form) -> bool:
    """Was a unit tried? Otherwise the form says what to correct."""
    if form.is_valid():
        with refusals_on(form):
            units = Unit.objects.filter(landlord=landlord).select_related("commune", "programme", "landlord")
            unit = units.filter(reference__iexact=form.cleaned_data["reference"].strip()).order_by("pk").first()
            if unit is None:
                form.add_error("reference", "Aucun logement de votre parc n’a cette référence : vérifiez-la.")
                return False
            tried = rehearse(unit=unit, by=request.user)
            found = tried.holder or "sans destination"
            messages.success(request, f"Essai : {found}. {tried.sentence} Rien n’est écrit.")
            return True
    return False


def _choose(request: MemberRequest, landlord: Landlord, form: forms.Form) -> bool:
    """Was a day chosen? Otherwise the form says what to correct."""
    if form.is_valid():
        with refusals_on(form):
            chosen = set_go_live(landlord=landlord, on=form.cleaned_data["on"], by=request.user)
            messages.success(request, f"L’orientation commence le {day(chosen.on)}.")
            return True
    return False
