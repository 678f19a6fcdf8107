"""Conversions stock → flux: variants of a landlord, side by side; a new one; one to read; taken into a convention."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from flux.exports.account_lists import CONVERSIONS
from flux.forms.conversion import CompareForm, FiguresForm, StartForm
from flux.models import Conversion
from flux.operations.conversions import take_into_convention, work_out
from flux.pages.conversion import answer, compared_tables, conversions_table, given_for, none_yet, sheet_tables
from flux.queries.conversion import Wish
from flux.queries.conversion_sheets import compared, conversions_of, sheet
from reservations.forms.fields import refusals_on
from reservations.http import MemberRequest, acts_from, asks_file, in_a_file, member_of, refuse_unless
from reservations.permissions import can_manage_landlord
from reservations.refusals import Refusal
from reservations.words import to

PAGE = 25


@require_safe
def conversion_list(request: MemberRequest) -> HttpResponseBase:
    """The variants of each holder, side by side. A fixed number of queries."""
    member = member_of(request)
    found = conversions_of(member)
    if asks_file(request):
        return in_a_file(request, CONVERSIONS, found)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    own = member.is_landlord
    context = {
        "page": page,
        "today": timezone.localdate(),
        "can_convert": member.is_manager,
        "own": own,
        "answer": answer(page.paginator.count, own=own),
        "none_yet": none_yet(can_convert=member.is_manager, own=own),
        "table": conversions_table(page, own=own),
    }
    return render(request, "flux/conversion_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def conversion_new(request: MemberRequest) -> HttpResponse:
    """A new variant in two steps: what it is about, in the address; then the figures, which may be changed."""
    member = member_of(request)
    landlord = member.landlord if member.is_manager else None
    refuse_unless(landlord is not None)
    assert landlord is not None
    today = timezone.localdate()
    start = StartForm(request.GET if "holder" in request.GET else None, landlord=landlord, today=today)
    if start.is_valid():
        wish = start.wish()
        given = given_for(wish, on=today)
        if given["base"]:
            return _write(request, wish, given, back=reverse("conversion-new"))
        start.add_error(None, f"Aucun logement de votre parc n’est {to(wish.perimeter)} : importez-le d’abord.")
    return render(request, "flux/conversion_start.html", {"form": start}, status=422 if start.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def conversion_duplicate(request: MemberRequest, pk: int) -> HttpResponse:
    """Another variant from this one: its figures, to change."""
    source = _load(request, pk)
    refuse_unless(can_manage_landlord(request.member, source.landlord))
    wish = Wish(source.landlord, source.holder, source.perimeter, source.starts_on, source.ends_on)
    return _write(request, wish, source.given, back=reverse("conversion-detail", args=[pk]), source=source)


def _write(
    request: MemberRequest, wish: Wish, given: dict[str, Any], *, back: str, source: Conversion | None = None
) -> HttpResponse:
    label = f"{source.label[:70]} (suite)" if source else ""
    form = FiguresForm(request.POST if request.method == "POST" else None, given=given, label=label)
    if form.is_valid():
        with refusals_on(form):
            variant = work_out(wish=wish, label=form.cleaned_data["label"], given=form.corrected(), by=request.user)
            messages.success(
                request, f"La variante « {variant.label} » est enregistrée. Elle n’engage personne et ne change plus."
            )
            return redirect("conversion-detail", pk=variant.pk)
    context = {"form": form, "wish": wish, "given": given, "back": back, "source": source}
    return render(request, "flux/conversion_figures.html", context, status=422 if form.errors else 200)


def _load(request: MemberRequest, pk: int) -> Conversion:
    readable = Conversion.objects.visible_to(member_of(request)).select_related(
        "landlord__organisation", "holder__organisation", "perimeter", "convention__organisation", "created_by"
    )
    return get_object_or_404(readable, pk=pk)


@require_safe
def conversion_detail(request: MemberRequest, pk: int) -> HttpResponse:
    """The worksheet, line by line: formula, numbers, result."""
    conversion = _load(request, pk)
    manages = can_manage_landlord(request.member, conversion.landlord)
    return render(
        request,
        "flux/conversion_detail.html",
        {
            "conversion": conversion,
            "tables": sheet_tables(sheet(conversion)),
            "result": conversion.worksheet["result"],
            "remarks": conversion.worksheet["remarks"],
            "manages": manages,
            "can_take": manages and conversion.convention is None and conversion.share > 0,
        },
    )


@require_safe
def conversion_compare(request: MemberRequest) -> HttpResponse:
    """Two to four variants, line by line."""
    readable = Conversion.objects.visible_to(member_of(request)).select_related("holder__organisation", "perimeter")
    form = CompareForm(request.GET, readable=readable.order_by("pk"))
    if not form.is_valid():
        messages.error(request, "Choisissez de deux à quatre variantes à comparer.")
        return redirect("conversion-list")
    conversions = list(form.cleaned_data["variante"])
    tables = compared_tables(conversions, compared(conversions))
    context = {"conversions": conversions, "tables": tables, "today": timezone.localdate()}
    return render(request, "flux/conversion_compare.html", context)


@acts_from("conversion-detail", "pk")
def conversion_take(request: MemberRequest, pk: int) -> HttpResponse:
    """Take a variant into a draft convention, where it is frozen."""
    conversion = _load(request, pk)
    refuse_unless(can_manage_landlord(request.member, conversion.landlord))
    try:
        convention = take_into_convention(conversion=conversion, by=request.user, today=timezone.localdate())
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect("conversion-detail", pk=pk)
    messages.success(
        request,
        f"La part ({conversion.holder}) est écrite dans le projet de convention, et la variante y est figée. "
        "Rien n’est signé : relisez le projet, puis proposez-le.",
    )
    return redirect("convention-detail", pk=convention.pk)
