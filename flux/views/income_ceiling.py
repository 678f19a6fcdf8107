"""Income ceilings: the dated figures of the yearly order. Kept by the administrator."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from flux.forms.income_ceiling import IncomeCeilingForm
from flux.models import IncomeCeiling
from flux.operations.income_ceiling import FINANCED, record_income_ceiling
from flux.pages.income_ceilings import ceilings_table
from reservations.forms.fields import refusals_on
from reservations.http import MemberRequest, asks_file, refuse_unless, table_in_a_file
from reservations.permissions import can_administer
from reservations.words import day


@require_safe
def income_ceiling_list(request: MemberRequest) -> HttpResponseBase:
    """Every figure, past, in force and to come, the newest first. One query."""
    refuse_unless(can_administer(request.member))
    today = timezone.localdate()
    ceilings = list(IncomeCeiling.objects.order_by("financing", "zone", "household", "-starts_on"))
    tabled = partial(ceilings_table, today=today)
    if asks_file(request):
        return table_in_a_file(request, "plafonds-de-ressources", ceilings, tabled)
    in_force = [row for row in ceilings if row.starts_on <= today and (row.ends_on is None or row.ends_on >= today)]
    context = {
        "table": tabled(ceilings),
        "count": len(ceilings),
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
