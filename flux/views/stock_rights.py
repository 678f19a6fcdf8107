"""The screens of stock rights.

* The titles of the stock: their list, one of them, and what the landlord's manager does with them.
* The inventory of rights as files: level 1 unit by unit, level 2 the synthesis.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from flux.exports.inventory import BEARERS, file_name, synthesis_csv, units_csv, units_xlsx
from flux.exports.lists import TITLES
from flux.forms.filters import filtered
from flux.forms.stock_rights import BearerForm, EndForm, StockRightFilters, StockRightForm
from flux.models import StockAssignment, Vacancy
from flux.operations.stock_rights import assign_programme, assign_unit, correct_title, end_assignment, end_title
from flux.pages.inventory import (
    acts_table,
    answer,
    bearers_table,
    endless,
    question,
    synthesis_table,
    title_acts,
    title_facts,
    titles_table,
    uses_table,
)
from flux.pages.list_words import no_bearer, no_title, titles_answer, titles_question
from flux.permissions import can_manage_stock, can_read_inventory
from flux.queries.stock import (
    BearerRow,
    RightState,
    bearer_row,
    bearer_rows,
    bearers,
    in_order,
    overview,
    story,
    synthesis,
    synthesis_of,
    title_row,
    title_rows,
    with_state,
)
from reservations.exports.spreadsheet import CSV
from reservations.exports.workbook import XLSX
from reservations.forms.fields import refusals_on
from reservations.http import MemberRequest, asks_file, in_a_file, member_of, refuse_unless
from reservations.models import StockRight
from reservations.operations.stock_right import TitleTerms, record_stock_right
from reservations.queries.rates import warning_days_on

PAGE = 25
#: Vacancies shown on the page of the title that they used.
MOST_USES = 20


@require_safe
def stock_right_list(request: MemberRequest) -> HttpResponseBase:
    """What is left of the old reservations: a landlord's, or those that one holds."""
    member, today = member_of(request), timezone.localdate()
    refuse_unless(can_read_inventory(member))
    warning = warning_days_on(today)
    filters = StockRightFilters(request.GET, member=member, today=today, warning=warning)
    found, read = in_order(filters.qs), partial(title_rows, on=today, warning=warning)
    if asks_file(request):
        return in_a_file(request, TITLES, found, read)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    rows = read(page.object_list)
    may_manage = member.landlord is not None and can_manage_stock(member, member.landlord)
    counts = overview(with_state(StockRight.objects.visible_to(member), on=today), on=today, warning=warning)
    none = no_title(filtered=filtered(filters.form), may_manage=may_manage, by_landlord=member.is_landlord)
    context = {
        "filters": filters.form,
        "filtered": filtered(filters.form),
        "page": page,
        "rows": rows,
        "table": titles_table(rows, show_landlord=not member.is_landlord).or_say(none),
        "counts": counts,
        "question": titles_question(by_landlord=member.is_landlord),
        "answer": titles_answer(counts, warning),
        "may_manage": may_manage,
        "today": today,
    }
    return render(request, "flux/stock_right_list.html", context)


def _right(request: MemberRequest, pk: int) -> StockRight:
    member = member_of(request)
    return get_object_or_404(
        in_order(with_state(StockRight.objects.visible_to(member), on=timezone.localdate())), pk=pk
    )


@require_safe
def stock_right_detail(request: MemberRequest, pk: int) -> HttpResponseBase:
    """One title: what it says, what bears it, what used it, and its story."""
    member, today = member_of(request), timezone.localdate()
    right = _right(request, pk)
    bearing = bearers(StockRight.objects.filter(pk=right.pk), on=today)
    if asks_file(request):
        return in_a_file(request, BEARERS, bearing, partial(bearer_rows, on=today))
    page = Paginator(bearing, PAGE).get_page(request.GET.get("page"))
    used = Vacancy.objects.filter(stock_right=right).select_related("unit__commune").order_by("-pk")
    uses = list(used[:MOST_USES])
    open_to = set(
        Vacancy.objects.visible_to(member)
        .filter(pk__in=[vacancy.pk for vacancy in uses])
        .order_by()
        .values_list("pk", flat=True)
    )
    used_by = [(vacancy, vacancy.pk in open_to) for vacancy in uses]
    row = title_row(right, on=today, warning=warning_days_on(today))
    manages = can_manage_stock(member, right.landlord) and right.converted_in is None
    may_manage, bearing_it = manages and row.state != RightState.ENDED, list(page.object_list)
    lines, acts = [bearer_row(each, on=today) for each in bearing_it], title_acts(story(right))
    by_landlord = member.is_landlord
    context = {
        "right": right,
        "row": row,
        "page": page,
        "question": question(right, by_landlord=by_landlord),
        "answer": answer(row),
        "facts": title_facts(right, endless(right.ends_on)),
        "bearers": bearers_table(lines, by_landlord=by_landlord, may_manage=may_manage).or_say(
            no_bearer(right.pk, may_manage=may_manage)
        ),
        "uses": used_by,
        "uses_table": uses_table(used_by),
        "uses_beyond": max(0, used.count() - MOST_USES),
        "story": acts,
        "acts": acts_table(acts, by_landlord=by_landlord),
        "may_manage": may_manage,
        "may_correct": manages and not uses,
        "today": today,
    }
    return render(request, "flux/stock_right_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def stock_right_new(request: MemberRequest) -> HttpResponse:
    """Record a title; its units are attached on its page."""
    landlord = member_of(request).landlord
    refuse_unless(landlord is not None and can_manage_stock(request.member, landlord))
    assert landlord is not None
    form = StockRightForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with refusals_on(form):
            right = record_stock_right(
                landlord=landlord, terms=TitleTerms(**form.cleaned_data), by=request.user, today=timezone.localdate()
            )
            messages.success(request, "Le droit est enregistré. Rattachez-lui maintenant ses logements.")
            return redirect("stock-right-assign", right.pk)
    context = {"right": None, "form": form}
    return render(request, "flux/stock_right_form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def stock_right_correct(request: MemberRequest, pk: int) -> HttpResponse:
    """Put a title right, as long as no vacancy used it."""
    right = _managed(request, pk)
    by_loan = right.loan_ends_on is not None
    initial = {
        "holder": right.holder_id,
        "ground": right.ground,
        "reference": right.reference,
        "use": right.use,
        "starts_on": right.starts_on,
        "loan_ends_on": right.loan_ends_on,
        "ends_on": None if by_loan else right.ends_on,
    }
    form = StockRightForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        with refusals_on(form):
            correct_title(
                right=right, terms=TitleTerms(**form.cleaned_data), by=request.user, today=timezone.localdate()
            )
            messages.success(request, "Le droit est corrigé. Son histoire garde ce qu’il disait.")
            return redirect("stock-right-detail", right.pk)
    context = {"right": right, "form": form}
    return render(request, "flux/stock_right_form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def stock_right_end(request: MemberRequest, pk: int) -> HttpResponse:
    """End a title early."""
    right = _managed(request, pk)
    form = EndForm(request.POST if request.method == "POST" else None, initial={"ends_on": timezone.localdate()})
    if form.is_valid():
        with refusals_on(form):
            end_title(right=right, by=request.user, **form.cleaned_data)
            messages.success(
                request,
                f"Le droit finit le {form.cleaned_data['ends_on']:%d/%m/%Y}. Ses logements sont libres ensuite.",
            )
            return redirect("stock-right-detail", right.pk)
    context = {"right": right, "assignment": None, "form": form}
    return render(request, "flux/stock_right_end.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def stock_right_assign(request: MemberRequest, pk: int) -> HttpResponse:
    """Attach a unit, or so many of a programme, to a title."""
    right = _managed(request, pk)
    form = BearerForm(request.POST if request.method == "POST" else None, landlord=right.landlord)
    if form.is_valid():
        unit, programme = form.cleaned_data["unit"], form.cleaned_data["programme"]
        with refusals_on(form):
            if unit is not None:
                assign_unit(right=right, unit=unit, by=request.user)
            else:
                assign_programme(right=right, programme=programme, units=form.cleaned_data["units"], by=request.user)
            messages.success(request, f"{unit or programme} est rattaché à ce droit.")
            return redirect("stock-right-detail", right.pk)
    context = {"right": right, "form": form}
    return render(request, "flux/stock_right_assign.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def stock_assignment_end(request: MemberRequest, pk: int) -> HttpResponse:
    """Detach a unit or a programme from its title."""
    rights = StockRight.objects.visible_to(member_of(request)).order_by()
    assignment = get_object_or_404(
        StockAssignment.objects.filter(right__in=rights).select_related("unit", "programme"), pk=pk
    )
    right = _managed(request, assignment.right_id)
    form = EndForm(request.POST if request.method == "POST" else None, initial={"ends_on": timezone.localdate()})
    if form.is_valid():
        with refusals_on(form):
            end_assignment(assignment=assignment, by=request.user, **form.cleaned_data)
            messages.success(
                request,
                f"{assignment.unit or assignment.programme} porte ce droit jusqu’au "
                f"{form.cleaned_data['ends_on']:%d/%m/%Y}.",
            )
            return redirect("stock-right-detail", right.pk)
    context = {"right": right, "assignment": assignment, "form": form}
    return render(request, "flux/stock_right_end.html", context, status=422 if form.errors else 200)


def _managed(request: MemberRequest, pk: int) -> StockRight:
    """A title that the landlord's manager may change. 404 for what is not theirs, 403 for who may not."""
    right = _right(request, pk)
    refuse_unless(can_manage_stock(request.member, right.landlord))
    return right


@require_safe
def stock_right_units_csv(request: MemberRequest) -> HttpResponse:
    """Level 1, as CSV: to the landlord, and to the holder concerned only."""
    return _download(request, "inventaire", "csv", units_csv(_level_1(request)))


@require_safe
def stock_right_units_xlsx(request: MemberRequest) -> HttpResponse:
    """Level 1, as XLSX: to the landlord, and to the holder concerned only."""
    return _download(request, "inventaire", "xlsx", units_xlsx(_level_1(request)))


def _level_1(request: MemberRequest) -> list[BearerRow]:
    """Unit by unit, under the filters of the list."""
    member, today = member_of(request), timezone.localdate()
    refuse_unless(can_read_inventory(member))
    filters = StockRightFilters(request.GET, member=member, today=today, warning=warning_days_on(today))
    return [bearer_row(row, on=today) for row in bearers(filters.qs, on=today)]


@require_safe
def stock_right_synthesis(request: MemberRequest) -> HttpResponse:
    """Level 2: how many rights, whose, on what ground, where, and when they end."""
    member, today = member_of(request), timezone.localdate()
    refuse_unless(can_read_inventory(member))
    lines = synthesis(synthesis_of(member), on=today)
    units = sum(line.units for line in lines)
    context = {
        "lines": lines,
        "units": units,
        "holders": len({line.holder.pk for line in lines}),
        "table": synthesis_table(lines, units, show_landlord=not member.is_landlord),
        "today": today,
    }
    return render(request, "flux/stock_right_synthesis.html", context)


@require_safe
def stock_right_synthesis_csv(request: MemberRequest) -> HttpResponse:
    """Level 2, as CSV."""
    member, today = member_of(request), timezone.localdate()
    refuse_unless(can_read_inventory(member))
    return _download(request, "synthese", "csv", synthesis_csv(synthesis(synthesis_of(member), on=today)))


def _download(request: MemberRequest, what: str, extension: str, content: Iterable[bytes]) -> HttpResponse:
    name = file_name(what, member_of(request).organisation.siren, timezone.localdate(), extension)
    kind = XLSX if extension == "xlsx" else CSV
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
