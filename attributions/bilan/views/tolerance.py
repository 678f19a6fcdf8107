"""Tolerated dates of the balances, by région and exercise. Kept by the administrator."""

from __future__ import annotations

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from attributions.bilan.exports.lists import TOLERANCES
from attributions.bilan.forms.review import ToleranceForm
from attributions.bilan.models import BalanceTolerance
from attributions.bilan.operations.tolerance import tolerate
from attributions.bilan.pages.journals import tolerances_table
from attributions.bilan.permissions import can_tolerate
from flux.queries.forecast import due_days
from reservations.forms.fields import refusals_on
from reservations.http import MemberRequest, asks_file, in_a_file, refuse_unless
from reservations.words import day


@require_http_methods(["GET", "HEAD", "POST"])
def balance_tolerances(request: MemberRequest) -> HttpResponseBase:
    """Those recorded, the latest year first; and one more."""
    refuse_unless(can_tolerate(request.member))
    form = ToleranceForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with refusals_on(form):
            found, before = tolerate(**form.cleaned_data, by=request.user)
            replaced = f" ; remplace le {day(before.until)} ({before.source.rstrip('.')})" if before else ""
            messages.success(
                request,
                f"Bilans {found.exercise}, {found.region} : tolérés jusqu’au {day(found.until)} inclus{replaced}.",
            )
            return redirect("balance-tolerances")
    tolerances = list(BalanceTolerance.objects.select_related("region").order_by("-exercise", "region__search_name"))
    today = timezone.localdate()
    days = due_days({today.year, *(each.exercise + 1 for each in tolerances)})
    rows = [(each, days[each.exercise + 1]) for each in tolerances]
    if asks_file(request):
        return in_a_file(request, TOLERANCES, rows)
    context = {
        "form": form,
        "rows": rows,
        "table": tolerances_table(rows),
        "count": len(rows),
        "due": days[today.year],
        "today": today,
    }
    return render(request, "bilan/tolerances.html", context, status=422 if form.errors else 200)
