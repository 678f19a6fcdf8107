"""How many known departures are planned together: read, looked at on last year, then chosen from a date on."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from flux.forms.window import WindowForm
from flux.models import DecisionWindow
from flux.operations.window import set_decision_window
from flux.pages import window as words
from flux.permissions import can_declare_vacancy, can_manage_stock
from flux.whatif import switch
from reservations.forms.fields import refusals_on
from reservations.http import MemberRequest, member_of, refuse_unless
from reservations.models import Landlord


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
            messages.success(request, words.told(window))
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
