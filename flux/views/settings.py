"""The screens of settings.

* How the landlord's recommendations become routings.
* How many known departures are planned together: read, looked at on last year, then chosen from a date on.
* How the years of construction are cut into periods. Kept by the administrator.
* The rule, explained to everybody: no account is needed to read it.
* Income ceilings: the dated figures of the yearly order. Kept by the administrator.
* « Mise en service »: what is ready, a trial that is thrown away, and the day on which routing begins.
"""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from flux.forms.settings import GoLiveForm, IncomeCeilingForm, PeriodCutForm, PolicyForm, RehearsalForm, WindowForm
from flux.models import DecisionWindow, GoLive, IncomeCeiling, PeriodCut, Rehearsal, RoutingPolicy, Unit
from flux.operations.reference_figures import FINANCED, cut_periods, record_income_ceiling
from flux.operations.starting import rehearse, set_decision_window, set_go_live
from flux.operations.stock import set_routing_policy
from flux.pages import starting as words
from flux.pages.example import example, example_table
from flux.pages.needs import ceilings_table, cuts_table
from flux.permissions import can_declare_vacancy, can_manage_stock
from flux.queries.opening import progress
from flux.whatif import switch
from reservations.forms.fields import refusals_on
from reservations.http import MemberRequest, asks_file, member_of, refuse_unless, table_in_a_file
from reservations.models import HistoryEntry, Landlord
from reservations.permissions import can_administer
from reservations.words import day

#: How many acts the page states.
LATEST = 20


@require_http_methods(["GET", "HEAD", "POST"])
def routing_policy(request: MemberRequest) -> HttpResponse:
    """The mode in force, those before and to come, and the choice of another. Staff read; the manager chooses."""
    landlord, today = member_of(request).landlord, timezone.localdate()
    refuse_unless(landlord is not None and can_declare_vacancy(request.member, landlord))
    assert landlord is not None
    may_manage = can_manage_stock(request.member, landlord)
    if request.method == "POST":
        refuse_unless(may_manage)
    form = PolicyForm(request.POST if request.method == "POST" else None, initial={"starts_on": today})
    if form.is_valid():
        with refusals_on(form):
            policy = set_routing_policy(landlord=landlord, by=request.user, today=today, **form.cleaned_data)
            messages.success(request, f"À partir du {day(policy.starts_on)}, {policy.get_mode_display()}.")
            return redirect("routing-policy")
    policies = list(RoutingPolicy.objects.filter(landlord=landlord).order_by("-starts_on"))
    current = next((policy for policy in policies if policy.starts_on <= today), None)
    context = {
        "landlord": landlord,
        "automatic": RoutingPolicy.objects.is_automatic(landlord, today),
        "policies": [(policy, _when(policy, current, today)) for policy in policies],
        "current": current,
        "acts": _acts(policies),
        "may_manage": may_manage,
        "form": form,
        "today": today,
    }
    return render(request, "flux/routing_policy.html", context, status=422 if form.errors else 200)


def _when(policy: RoutingPolicy, current: RoutingPolicy | None, today: date) -> str:
    """Where a choice stands on the line of time: `now`, `next` or `past`."""
    if policy == current:
        return "now"
    return "next" if policy.starts_on > today else "past"


def _acts(policies: list[RoutingPolicy]) -> list[tuple[HistoryEntry, RoutingPolicy, str, str]]:
    """Who chose what, the latest first: (act, the choice, mode before, mode after). One query."""
    chosen = {policy.pk: policy for policy in policies}
    words = dict(RoutingPolicy.Mode.choices)
    entries = HistoryEntry.objects.filter(subject=RoutingPolicy._meta.label_lower, subject_id__in=chosen)
    return [
        (entry, chosen[entry.subject_id], str(words[before]), str(words[after]))
        for entry in entries.select_related("by").order_by("-pk")[:LATEST]
        for before, after in [entry.details["mode"]]
    ]


@require_http_methods(["GET", "HEAD", "POST"])
def decision_window(request: MemberRequest) -> HttpResponse:
    """Staff read what is in force; the manager looks at last year under another choice (GET), then makes it (POST)."""
    landlord, today = member_of(request).landlord, timezone.localdate()
    refuse_unless(landlord is not None and can_declare_vacancy(request.member, landlord))
    assert landlord is not None
    may_manage = can_manage_stock(request.member, landlord)
    if request.method == "POST":
        refuse_unless(may_manage)
    asked = request.POST if request.method == "POST" else request.GET if "length" in request.GET else None
    proposed = {
        "length": DecisionWindow.PROPOSED_LENGTH,
        "days": DecisionWindow.PROPOSED_DAYS,
        "starts_on": today,
    }
    form = WindowForm(asked if may_manage else None, initial=proposed)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            window = set_decision_window(landlord=landlord, by=request.user, today=today, **form.cleaned_data)
            messages.success(request, words.choice_words(window))
            return redirect("decision-window")
    current = DecisionWindow.objects.of(landlord, today)
    context: dict[str, Any] = {
        "landlord": landlord,
        "in_force": words.chosen(current),
        "current": current,
        "windows": [(each, words.chosen(each)) for each in DecisionWindow.objects.filter(landlord=landlord)],
        "brings": words.BRINGS,
        "costs": words.COSTS,
        "may_manage": may_manage,
        "form": form,
        "today": today,
        "exercise": today.year - 1,
        "preview": None,
    }
    if request.method != "POST" and form.is_bound and form.is_valid():
        chosen = form.cleaned_data
        context["preview"] = preview(landlord, length=chosen["length"], days=chosen["days"], exercise=today.year - 1)
    return render(request, "flux/decision_window.html", context, status=422 if form.errors else 200)


def preview(landlord: Landlord, *, length: int, days: int, exercise: int) -> dict[str, Any]:
    """Last year under this choice, in words: `sentences`, and `tables` when there is a year to replay."""
    found = switch(landlord, length=length, days=days, exercise=exercise)
    if found is None or found.too_many:
        return {"sentences": [words.nothing_lived(exercise, decided=found is not None)], "tables": []}
    then, now, sentences = found.then, found.now, []
    if found.lines:
        sentences.append(words.lived(then.furthest, now.furthest, then.mix_gap, now.mix_gap))
    if found.lines and length > 1:
        sentences.append(words.waited(now.waited, now.known))
    if found.excess:
        sentences.append(words.left_out([str(ledger.departement) for ledger in found.excess]))
    return {"sentences": sentences, "tables": [words.lived_table(found.lines, exercise)] if found.lines else []}


PAGE = 25


@require_http_methods(["GET", "HEAD", "POST"])
def period_cuts(request: MemberRequest) -> HttpResponseBase:
    """Every cut, the latest first, and one more. Two queries to read."""
    refuse_unless(can_administer(request.member))
    form = PeriodCutForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with refusals_on(form):
            cut = cut_periods(**form.cleaned_data, by=request.user, today=timezone.localdate())
            messages.success(request, f"Le découpage compte à partir du {day(cut.starts_on)} : {cut.source}.")
            return redirect("period-cuts")
    cuts = PeriodCut.objects.select_related("landlord__organisation", "territory").order_by("-starts_on", "-pk")
    if asks_file(request):
        return table_in_a_file(request, "periodes-de-construction", cuts, cuts_table)
    page = Paginator(cuts, PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "page": page, "table": cuts_table(page)}
    return render(request, "flux/period_cuts.html", context, status=422 if form.errors else 200)


@login_not_required
@require_safe
def rule(request: HttpRequest) -> HttpResponse:
    """How a unit finds its holder, on an example that the engine works out."""
    worked = example()
    return render(request, "flux/rule.html", {"example": worked, "table": example_table(worked)})


@require_safe
def income_ceiling_list(request: MemberRequest) -> HttpResponseBase:
    """Every figure, past, in force and to come, the newest first, a page at a time. One query."""
    refuse_unless(can_administer(request.member))
    today = timezone.localdate()
    ceilings = list(IncomeCeiling.objects.order_by("financing", "zone", "household", "-starts_on"))
    tabled = partial(ceilings_table, today=today)
    if asks_file(request):
        return table_in_a_file(request, "plafonds-de-ressources", ceilings, tabled)
    in_force = [row for row in ceilings if row.starts_on <= today and (row.ends_on is None or row.ends_on >= today)]
    page = Paginator(ceilings, PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "table": tabled(page),
        "in_force": in_force,
        "stale": sum(row.starts_on.year < today.year for row in in_force),
        "today": today,
    }
    return render(request, "flux/income_ceiling_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def income_ceiling_new(request: MemberRequest) -> HttpResponse:
    """A new figure from a day on; the running one ends the day before."""
    refuse_unless(can_administer(request.member))
    form = IncomeCeilingForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with refusals_on(form):
            recorded = record_income_ceiling(**form.cleaned_data, by=request.user, today=timezone.localdate())
            messages.success(request, f"Le nouveau plafond compte à partir du {day(recorded.starts_on)} ({recorded}).")
            return redirect("income-ceiling-list")
    context = {"form": form, "financed": FINANCED}
    return render(request, "flux/income_ceiling_form.html", context, status=422 if form.errors else 200)


#: Trials and choices that the page states.
LATEST_START = 10


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
        "rehearsals": tried.order_by("-pk")[:LATEST_START],
        "choices": GoLive.objects.filter(landlord=landlord).select_related("set_by").order_by("-pk")[:LATEST_START],
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
