"""Programmes given to another landlord: proposed by a manager, answered by the other's, read by both."""

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

from flux.forms.stock_transfer import TransferAnswerForm, TransferForm
from flux.models import Programme, StockTransfer
from flux.operations.stock_transfer import (
    absorbs,
    accept_transfer,
    check_given,
    hindrances,
    programmes_of,
    propose_transfer,
    withdraw_transfer,
)
from flux.pages.absorption import WholeSaid, whole_said
from flux.pages.stock_transfer import transfers_table
from flux.pages.transfer_sheet import TransferWords
from flux.permissions import can_accept_transfer, can_manage_stock, can_withdraw_transfer
from flux.queries.absorption import all_programmes, whole
from flux.queries.stock_transfer import Weighed, weigh
from reservations.forms.fields import refusals_on
from reservations.http import MemberRequest, asks_file, member_of, refuse_unless, table_in_a_file
from reservations.models import Landlord
from reservations.words import day, to

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
    passes: WholeSaid | None = None
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
                passes = whole_said(whole(landlord, given.receiver, given.takes_effect_on))
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
    said = TransferWords(transfer, is_ours=ours, absorbs=moves_all, on_paper=on_paper)
    context = {
        "transfer": transfer,
        "given": [said.programme(each) for each in given],
        "said": said,
        "weighed": weighed,
        "whole": whole_said(whole(transfer.giver, transfer.receiver, on)) if weighed and moves_all else None,
        "obstacles": hindrances(transfer, on, by=request.user) if weighed else [],
        "moved": sum(vars(each)["count"] for each in given),
        "may_answer": transfer.waits and (may_accept or may_withdraw),
        "may_accept": may_accept,
        "form": form,
        "today": today,
    }
    return render(request, "flux/transfer_detail.html", context, status=422 if form.errors else 200)
