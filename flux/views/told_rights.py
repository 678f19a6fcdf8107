"""Old reservations that the RPLS tells: checked by the landlord's manager, then recorded as titles, or left aside."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from flux.forms.filters import filtered
from flux.forms.told_rights import AsideForm, ToldRightForm, ToldUnitFilters
from flux.models import ToldAside
from flux.operations.told_rights import leave_aside, record_told_rights, take_up_again
from flux.pages.told_rights import codes_table, source, units_table
from flux.permissions import can_manage_stock
from flux.queries.told_rights import file_of, seal_of, told_codes, unchecked_of
from reservations.forms.fields import refusals_on
from reservations.http import MemberRequest, asks_file, member_of, refusals_said, refuse_unless, table_in_a_file
from reservations.models import Landlord
from reservations.operations.stock_right import TitleTerms
from reservations.words import integer, plural

PAGE = 25


def _managed(request: MemberRequest) -> Landlord:
    landlord = member_of(request).landlord
    refuse_unless(landlord is not None and can_manage_stock(request.member, landlord))
    assert landlord is not None, "refused just above"
    return landlord


@require_safe
def told_rights(request: MemberRequest) -> HttpResponseBase:
    """By code of item 63, how many units have it, and how many have no title yet."""
    landlord = _managed(request)
    codes = told_codes(landlord)
    if asks_file(request):
        return table_in_a_file(request, "droits-selon-le-rpls", codes, codes_table)
    context = {
        "landlord": landlord,
        "codes": codes,
        "count": len(codes),
        "table": codes_table(codes),
        "to_check": sum(each.to_check for each in codes),
        "source": source(file_of(landlord)),
    }
    return render(request, "flux/told_rights.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def told_right(request: MemberRequest, code: int) -> HttpResponseBase:
    """The units of a code that have no title: whose they are, or why the code is left aside."""
    landlord = _managed(request)
    posted = request.POST if request.method == "POST" else None
    if posted is not None and "again" in posted:
        with refusals_said(request):
            take_up_again(landlord=landlord, contingent=code, by=request.user)
        return redirect("told-right", code=code)
    leaving = posted is not None and "why" in posted
    form = ToldRightForm(None if leaving else posted, landlord=landlord, code=code, today=timezone.localdate())
    aside = AsideForm(posted if leaving else None)
    if posted is not None:
        done = _left_aside(request, landlord, code, aside) if leaving else _recorded(request, landlord, code, form)
        if done:
            return redirect("told-rights")
    filters = ToldUnitFilters(request.GET, units=unchecked_of(landlord, code))
    count, seal = seal_of(filters.qs)
    if asks_file(request):
        return table_in_a_file(request, f"logements-du-code-{code}", filters.qs, units_table)
    page = Paginator(filters.qs, PAGE).get_page(request.GET.get("page"))
    context = {
        "code": code,
        "form": aside if leaving else form,
        "title_form": form,
        "aside_form": aside,
        "aside": ToldAside.objects.left_aside(landlord).get(code),
        "filters": filters.form,
        "filtered": filtered(filters.form),
        "holders": form.holders.exists(),
        "count": count,
        "digest": seal,
        "page": page,
        "table": units_table(page),
        "source": source(file_of(landlord)),
    }
    return render(request, "flux/told_right.html", context, status=422 if form.errors or aside.errors else 200)


def _recorded(request: MemberRequest, landlord: Landlord, code: int, form: ToldRightForm) -> bool:
    """Is the title recorded? Otherwise the form says what to correct."""
    if form.is_valid():
        with refusals_on(form):
            terms = TitleTerms(**form.cleaned_data)
            plan = record_told_rights(
                landlord=landlord,
                contingent=code,
                terms=terms,
                narrowed=lambda units: ToldUnitFilters(request.GET, units=units).qs,
                digest=request.POST.get("digest", ""),
                by=request.user,
                today=timezone.localdate(),
            )
            bear = plural(plan.units, "logement le porte,logements le portent")
            messages.success(request, f"Le titre {terms.reference} est enregistré : {integer(plan.units)} {bear}.")
            return True
    return False


def _left_aside(request: MemberRequest, landlord: Landlord, code: int, form: AsideForm) -> bool:
    """Is the code left aside? Otherwise the form says what to correct."""
    if form.is_valid():
        with refusals_on(form):
            leave_aside(landlord=landlord, contingent=code, why=form.cleaned_data["why"], by=request.user)
            messages.success(request, f"Le code {code} est mis de côté : ses logements ne sont plus à vérifier.")
            return True
    return False
