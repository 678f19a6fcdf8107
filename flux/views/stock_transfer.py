"""The screens of stock transfer.

* Programmes given to another landlord: proposed by a manager, answered by the other's, read by both.
* Old reservations that the RPLS states: checked by the landlord's manager, then recorded as titles, or left aside.
"""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, F
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from flux.forms.filters import filtered
from flux.forms.stock_rights import AsideForm, ReportedRightForm, ReportedUnitFilters
from flux.forms.stock_transfer import TransferAnswerForm, TransferForm
from flux.models import Programme, StockTransfer, ToldAside
from flux.operations.reported_rights import leave_aside, record_reported_rights, take_up_again
from flux.operations.stock_transfers import (
    absorbs,
    accept_transfer,
    check_given,
    hindrances,
    programmes_of,
    propose_transfer,
    withdraw_transfer,
)
from flux.pages.stock import codes_table, reserved_units_table, source
from flux.pages.stock_transfers import TransferWords, WholeWords, transfers_table, whole_words
from flux.permissions import can_accept_transfer, can_manage_stock, can_withdraw_transfer
from flux.queries.opening import file_of, reported_codes, seal_of, unchecked_of
from flux.queries.stock_transfers import Weighed, all_programmes, weigh, whole
from reservations.forms.fields import refusals_on
from reservations.http import MemberRequest, asks_file, member_of, refusals_shown, refuse_unless, table_in_a_file
from reservations.models import Landlord
from reservations.operations.stock_right import TitleTerms
from reservations.words import day, integer, plural, to

PAGE = 25


@require_safe
def transfer_list(request: MemberRequest) -> HttpResponseBase:
    """Those that a landlord gives or receives, the latest day first."""
    member, today = member_of(request), timezone.localdate()
    found = (
        StockTransfer.objects.visible_to(member)
        .select_related("giver__organisation", "receiver__organisation")
        .annotate(count=Count("programmes"), whole=F("absorption"))
        .order_by("-takes_effect_on", "-pk")
    )
    tabled = partial(transfers_table, member=member, today=today)
    if asks_file(request):
        return table_in_a_file(request, "cessions-de-programmes", found, tabled)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "table": tabled(page.object_list),
        "may_propose": member.landlord is not None and can_manage_stock(member, member.landlord),
        "today": today,
    }
    return render(request, "flux/transfer_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def transfer_propose(request: MemberRequest) -> HttpResponse:
    """Say what is given; read what moves; then propose it."""
    landlord, today = member_of(request).landlord, timezone.localdate()
    refuse_unless(landlord is not None and can_manage_stock(request.member, landlord))
    assert landlord is not None, "refused just above"
    others = Landlord.objects.filter(organisation__closed_on=None).exclude(pk=landlord.pk)
    form = TransferForm(
        request.POST if request.method == "POST" else None,
        landlords=list(others.select_related("organisation").order_by("organisation__name", "pk")),
        programmes=list(
            Programme.objects.filter(landlord=landlord)
            .exclude(transfers__transfer__withdrawn_at=None, transfers__isnull=False)
            .select_related("commune")
            .order_by("number", "pk")
        ),
        initial={"takes_effect_on": today},
    )
    weighed: Weighed | None = None
    passes: WholeWords | None = None
    if form.is_valid():
        with refusals_on(form):
            if form.cleaned_data["seen"]:
                transfer = propose_transfer(giver=landlord, given=form.given, by=request.user)
                messages.success(
                    request,
                    f"Cession proposée {to(transfer.receiver)} : rien ne passe avant son accord et ce jour.",
                )
                return redirect("transfer-detail", transfer.pk)
            with transaction.atomic():
                check_given(landlord, form.given, today=today, by=request.user)
            given = form.given
            moves = all_programmes(landlord) if given.absorbs else given.programmes
            weighed = weigh(given.receiver, moves, given.takes_effect_on)
            if given.absorbs:
                passes = whole_words(whole(landlord, given.receiver, given.takes_effect_on))
    context = {"form": form, "weighed": weighed, "whole": passes, "today": today}
    return render(request, "flux/transfer_form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def transfer_detail(request: MemberRequest, pk: int) -> HttpResponse:
    """What is given, what moves, where it stands, and what the reader may answer."""
    member, today = member_of(request), timezone.localdate()
    seen = StockTransfer.objects.visible_to(member)
    transfer = get_object_or_404(
        seen.select_related("giver__organisation", "receiver__organisation", "proposed_by", "accepted_by"), pk=pk
    )
    may_accept = can_accept_transfer(member, transfer)
    may_withdraw = can_withdraw_transfer(member, transfer)
    form = TransferAnswerForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        refuse_unless(may_accept or may_withdraw)
        if form.is_valid():
            with refusals_on(form):
                if form.cleaned_data["act"] == "ACCEPT":
                    refuse_unless(may_accept)
                    accept_transfer(transfer=transfer, signer=form.cleaned_data["signer"], by=request.user)
                    messages.success(
                        request, f"Cession acceptée : elle vaut à compter du {day(transfer.takes_effect_on)}."
                    )
                else:
                    withdraw_transfer(transfer=transfer, why=form.cleaned_data["why"], by=request.user)
                    messages.success(request, "La cession n’aura pas lieu : rien n’a changé.")
                return redirect("transfer-detail", transfer.pk)
    given = list(
        transfer.programmes.select_related("programme__commune", "becomes")
        .annotate(count=Count("units"))
        .order_by("programme__number", "pk")
    )
    pending = transfer.done_at is None and transfer.withdrawn_at is None
    moves_all, on = absorbs(transfer), max(today, transfer.takes_effect_on)
    weighed = weigh(transfer.receiver, programmes_of(transfer), on) if pending else None
    on_paper = may_accept and transfer.receiver.organisation_id != member.organisation_id
    ours = transfer.giver.organisation_id == member.organisation_id
    result = TransferWords(transfer, is_ours=ours, absorbs=moves_all, on_paper=on_paper)
    context = {
        "transfer": transfer,
        "given": [result.programme(each) for each in given],
        "words": result,
        "weighed": weighed,
        "whole": whole_words(whole(transfer.giver, transfer.receiver, on)) if weighed and moves_all else None,
        "obstacles": hindrances(transfer, on, by=request.user) if weighed else [],
        "moved": sum(vars(each)["count"] for each in given),
        "may_answer": transfer.waits and (may_accept or may_withdraw),
        "may_accept": may_accept,
        "form": form,
        "today": today,
    }
    return render(request, "flux/transfer_detail.html", context, status=422 if form.errors else 200)


def _managed(request: MemberRequest) -> Landlord:
    landlord = member_of(request).landlord
    refuse_unless(landlord is not None and can_manage_stock(request.member, landlord))
    assert landlord is not None, "refused just above"
    return landlord


@require_safe
def reported_rights(request: MemberRequest) -> HttpResponseBase:
    """By code of item 63, how many units have it, and how many have no title yet."""
    landlord = _managed(request)
    codes = reported_codes(landlord)
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
def reported_right(request: MemberRequest, code: int) -> HttpResponseBase:
    """The units of a code that have no title: whose they are, or why the code is left aside."""
    landlord = _managed(request)
    posted = request.POST if request.method == "POST" else None
    if posted is not None and "again" in posted:
        with refusals_shown(request):
            take_up_again(landlord=landlord, contingent=code, by=request.user)
        return redirect("told-right", code=code)
    leaving = posted is not None and "why" in posted
    form = ReportedRightForm(None if leaving else posted, landlord=landlord, code=code, today=timezone.localdate())
    aside = AsideForm(posted if leaving else None)
    if posted is not None:
        done = _left_aside(request, landlord, code, aside) if leaving else _recorded(request, landlord, code, form)
        if done:
            return redirect("told-rights")
    filters = ReportedUnitFilters(request.GET, units=unchecked_of(landlord, code))
    count, seal = seal_of(filters.qs)
    if asks_file(request):
        return table_in_a_file(request, f"logements-du-code-{code}", filters.qs, reserved_units_table)
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
        "table": reserved_units_table(page),
        "source": source(file_of(landlord)),
    }
    return render(request, "flux/told_right.html", context, status=422 if form.errors or aside.errors else 200)


def _recorded(request: MemberRequest, landlord: Landlord, code: int, form: ReportedRightForm) -> bool:
    """Is the title recorded? Otherwise the form says what to correct."""
    if form.is_valid():
        with refusals_on(form):
            terms = TitleTerms(**form.cleaned_data)
            plan = record_reported_rights(
                landlord=landlord,
                contingent=code,
                terms=terms,
                narrowed=lambda units: ReportedUnitFilters(request.GET, units=units).qs,
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
