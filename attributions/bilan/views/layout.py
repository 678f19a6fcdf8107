"""Layouts of the files of balances: what a région wants of their columns. Kept by the operator’s administrator."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from attributions.bilan.forms.layout import BalanceLayoutForm
from attributions.bilan.models import BalanceLayout
from attributions.bilan.operations.layout import save_balance_layout
from attributions.bilan.pages.layouts import layouts_table
from attributions.bilan.permissions import can_lay_out
from reservations.forms.fields import refusals_on
from reservations.http import MemberRequest, asks_file, refuse_unless, table_in_a_file
from reservations.models import HistoryEntry


@require_safe
def balance_layouts(request: MemberRequest) -> HttpResponseBase:
    """All of them, and who changed each last. Two queries."""
    refuse_unless(can_lay_out(request.member))
    layouts = list(BalanceLayout.objects.select_related("region"))
    acts = HistoryEntry.objects.filter(subject=BalanceLayout._meta.label_lower).select_related("by").order_by("pk")
    latest = {act.subject_id: act for act in acts.filter(subject_id__in=[each.pk for each in layouts])}
    if asks_file(request):
        return table_in_a_file(request, "formats-de-bilan", layouts, partial(layouts_table, latest=latest))
    context = {"layouts": layouts, "count": len(layouts), "table": layouts_table(layouts, latest)}
    return render(request, "bilan/layouts.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def balance_layout_new(request: MemberRequest) -> HttpResponse:
    """One more."""
    return _form(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
def balance_layout(request: MemberRequest, pk: int) -> HttpResponse:
    """Read one, and change it."""
    refuse_unless(can_lay_out(request.member))
    return _form(request, get_object_or_404(BalanceLayout.objects.select_related("region"), pk=pk))


def _form(request: MemberRequest, layout: BalanceLayout | None) -> HttpResponse:
    refuse_unless(can_lay_out(request.member))
    form = BalanceLayoutForm(request.POST if request.method == "POST" else None, layout=layout)
    if form.is_valid():
        with refusals_on(form):
            saved = save_balance_layout(layout=layout, **form.cleaned_data, by=request.user)
            messages.success(request, f"La présentation « {saved} » est enregistrée : les prochains fichiers l’auront.")
            return redirect("balance-layouts")
    context = {"form": form, "layout": layout, "title": layout or "Nouvelle présentation du bilan"}
    return render(request, "bilan/layout_form.html", context, status=422 if form.errors else 200)
