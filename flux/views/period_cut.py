"""How the years of construction are cut into periods. Kept by the administrator."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from flux.forms.period_cut import PeriodCutForm
from flux.models import PeriodCut
from flux.operations.period_cut import cut_periods
from flux.pages.period_cuts import cuts_table
from reservations.forms.fields import refusals_on
from reservations.http import MemberRequest, asks_file, refuse_unless, table_in_a_file
from reservations.permissions import can_administer
from reservations.words import day

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
