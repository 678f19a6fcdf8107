"""The lists of the law, and what is still to be confirmed. Kept by the operator."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from attributions.bilan.operations.objectives import record_law_rate
from attributions.households.models import PriorityCategory
from attributions.households.operations.request_facts import end_priority_category, record_priority_category
from attributions.law.forms import CategoryEndForm, CategoryForm, ConfirmForm, LawRateForm
from attributions.law.pages import categories_table, name_of, rates_table, to_confirm_by_list, to_confirm_table
from attributions.law.queries import (
    Dated,
    doubted,
    law_categories,
    law_rates,
    left_to_confirm,
    old_ceilings,
    row_of,
)
from reservations.forms.fields import refusals_on
from reservations.http import MemberRequest, asks_file, refuse_unless, table_in_a_file
from reservations.models import Unconfirmed
from reservations.operations.legal_parameter import confirm
from reservations.pages.table import Table
from reservations.permissions import can_administer
from reservations.words import day


@require_safe
def priority_category_list(request: MemberRequest) -> HttpResponseBase:
    """Who has priority in law, past, in force and to come."""
    return _list(request, law_categories(), categories_table, "menages-prioritaires", "law/category_list.html")


def _list[Row: Dated](
    request: MemberRequest, found: Sequence[Row], table: Callable[..., Table], name: str, template: str
) -> HttpResponseBase:
    """A dated list of the law, on its page or as a file. One query, and what is left to confirm."""
    refuse_unless(can_administer(request.member))
    today = timezone.localdate()
    tabled = partial(table, today=today, doubted=doubted(found))
    if asks_file(request):
        return table_in_a_file(request, name, found, tabled)
    in_force, count = running(found, today), len(found)
    context = {"table": tabled(found), "count": count, "in_force": in_force, "left": left(today), "today": today}
    return render(request, template, context)


def running(rows: Sequence[Dated], today: date) -> int:
    """How many are in force."""
    return sum(each.starts_on <= today and (each.ends_on is None or each.ends_on >= today) for each in rows)


def left(today: date) -> int:
    """How many values are still to be confirmed, those of the other lists too."""
    return len(left_to_confirm(today)) + bool(old_ceilings(today).count)


@require_http_methods(["GET", "HEAD", "POST"])
def priority_category_new(request: MemberRequest) -> HttpResponse:
    """A category that a law adds."""
    refuse_unless(can_administer(request.member))
    form = CategoryForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with refusals_on(form):
            recorded = record_priority_category(**form.cleaned_data, by=request.user)
            messages.success(request, f"« {recorded.label} » est dans la liste à partir du {day(recorded.starts_on)}.")
            return redirect("priority-category-list")
    return render(request, "law/category_form.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def priority_category_change(request: MemberRequest, pk: int) -> HttpResponse:
    """A category stated otherwise from a day on, or ended: two forms, one act."""
    refuse_unless(can_administer(request.member))
    category = get_object_or_404(PriorityCategory, pk=pk)
    ending = "ends_on" in request.POST
    bound = CategoryForm(
        request.POST if request.method == "POST" and not ending else None, initial={"label": category.label}
    )
    end = CategoryEndForm(request.POST if ending else None)
    if bound.is_valid():
        with refusals_on(bound):
            changed = record_priority_category(**bound.cleaned_data, replaces=category, by=request.user)
            messages.success(request, f"« {changed.label} » se lit ainsi à partir du {day(changed.starts_on)}.")
            return redirect("priority-category-list")
    if end.is_valid():
        with refusals_on(end):
            ended = end_priority_category(category=category, **end.cleaned_data, by=request.user)
            messages.success(request, f"« {ended.label} » n’est plus dans la liste après le {day(ended.ends_on)}.")
            return redirect("priority-category-list")
    form = end if ending else bound
    context = {"category": category, "words": bound, "end": end, "form": form}
    return render(request, "law/category_change.html", context, status=422 if form.errors else 200)


@require_safe
def law_rate_list(request: MemberRequest) -> HttpResponseBase:
    """The rates that hold where no CIA set another."""
    return _list(request, law_rates(), rates_table, "taux-de-la-loi", "law/rate_list.html")


@require_http_methods(["GET", "HEAD", "POST"])
def law_rate_new(request: MemberRequest) -> HttpResponse:
    """A rate of the law, from a day on; the running one ends the day before."""
    refuse_unless(can_administer(request.member))
    form = LawRateForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with refusals_on(form):
            recorded = record_law_rate(**form.cleaned_data, by=request.user)
            messages.success(request, f"Le nouveau taux compte à partir du {day(recorded.starts_on)} ({recorded}).")
            return redirect("law-rate-list")
    return render(request, "law/rate_form.html", {"form": form}, status=422 if form.errors else 200)


@require_safe
def unconfirmed_list(request: MemberRequest) -> HttpResponseBase:
    """Everything that is used without its text having been read, and what would confirm it. Five queries."""
    refuse_unless(can_administer(request.member))
    today = timezone.localdate()
    found, old = left_to_confirm(today), old_ceilings(today)
    if asks_file(request):
        return table_in_a_file(request, "a-confirmer", found, partial(to_confirm_table, old=old))
    context = {"parts": to_confirm_by_list(found, old), "count": len(found) + bool(old.count), "today": today}
    return render(request, "law/unconfirmed_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def unconfirmed_confirm(request: MemberRequest, pk: int) -> HttpResponse:
    """The text was read, and says the same."""
    refuse_unless(can_administer(request.member))
    doubt = get_object_or_404(Unconfirmed.objects.left(), pk=pk)
    row = row_of(doubt)
    form = ConfirmForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with refusals_on(form):
            confirm(unconfirmed=doubt, **form.cleaned_data, by=request.user, today=timezone.localdate())
            messages.success(request, "C’est confirmé : le texte lu est gardé avec votre nom et le jour.")
            return redirect("unconfirmed-list")
    context = {"doubt": doubt, "name": name_of(row) if row else "", "row": row, "form": form}
    return render(request, "law/confirm.html", context, status=422 if form.errors else 200)
