"""The screens of applications.

* Taking away a list that states names or numbers: why, then the file; the journal has it before the file is sent.
* Requests: the list, the file of one, its other numbers, its closure, and its opening again.
* Every offer, condition and lease that a landlord has to follow, on one page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from attributions.households.exports.lists import OFFERS, REQUESTS, TO_ANSWER, TO_FULFIL, TO_SEND, TO_SIGN
from attributions.households.forms.applications import ClosureForm, NumberForm, ReopeningForm
from attributions.households.forms.file_filters import TakingForm
from attributions.households.models import AccessRecord, Application
from attributions.households.operations.application import add_alias
from attributions.households.operations.needs import record_access
from attributions.households.operations.past_candidacies import close_application, reopen_application
from attributions.households.pages.applications import candidatures_table, requests_table
from attributions.households.pages.leases import offer_tables, offers_words
from attributions.households.pages.requests import (
    household_facts,
    identity_facts,
    keeping_acts,
    no_request,
    past_of_household,
    reopening_act,
    request_answer,
)
from attributions.households.permissions import (
    can_close_application,
    can_keep_households,
    can_register,
    can_reopen_application,
)
from attributions.households.queries.applications import applications, kept_until, numbered, proposals_of, read_by, rows
from attributions.households.queries.letting import Board, Candidate, board
from attributions.households.queries.open_units import past_of_request
from reservations.exports.listing import Found, Listing
from reservations.forms.fields import refusals_on
from reservations.http import MemberRequest, acts_from, asks_file, asks_proof, in_a_file, member_of, refuse_unless
from reservations.models import Membership
from reservations.pages.pieces import Act
from reservations.queries.rows import CountedPaginator


@asks_proof
def taken_with_purpose(
    request: MemberRequest,
    listing: Listing[Any],
    found: Found,
    read: Callable[[Sequence[Any]], Iterable[Any]] = tuple,
    *,
    files: int,
) -> HttpResponseBase:
    """The page that asks why, then the file; `files`, how many households it reports."""
    member = member_of(request)
    form = TakingForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        answer = in_a_file(request, listing, found, read)
        if answer.status_code == 200:
            record_access(
                member=member,
                keeper=member.organisation,
                what=AccessRecord.What.LIST,
                subject=listing.title,
                files=files,
                downloaded=True,
                why=form.cleaned_data["why"],
            )
        return answer
    context = {"form": form, "listing": listing, "files": files, "back": request.path}
    return render(request, "households/taking.html", context, status=422 if form.errors else 200)


#: Requests of one page.
PAGE = 25


@require_http_methods(["GET", "HEAD", "POST"])
def application_list(request: MemberRequest) -> HttpResponseBase:
    """The requests of the organisation, until when each is kept; a posted number opens its file."""
    member = member_of(request)
    refuse_unless(can_register(member))
    every, ids = applications(member), read_by(member)
    if asks_file(request, posted=True):
        return taken_with_purpose(request, REQUESTS, every, partial(rows, member=member), files=ids.count())
    form = NumberForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        found = numbered(member, form.cleaned_data["number"])
        if found is not None:
            return redirect("application-detail", found.pk)
        form.add_error("number", "Aucune demande que vous pouvez lire ne porte ce numéro : vérifiez ses 18 caractères.")
    page = CountedPaginator(ids, PAGE, rows=None).get_page(request.GET.get("page"))
    shown = rows(list(every.filter(pk__in=list(page.object_list))), member)
    if shown:
        record_access(
            member=member,
            keeper=member.organisation,
            what=AccessRecord.What.LIST,
            subject="demandes enregistrées",
            files=len(shown),
        )
    listed = requests_table(shown).or_say(no_request(member.organisation))
    context = {"form": form, "page": page, "rows": shown, "table": listed, "today": timezone.localdate()}
    return render(request, "households/application_list.html", context, status=422 if form.errors else 200)


@require_safe
def application_detail(request: MemberRequest, pk: int) -> HttpResponse:
    """One request: who it is, its numbers, what is known of the household, its candidatures, until when it is kept."""
    return _show(request, _application(request, pk))


@acts_from("application-detail", "pk")
def application_alias(request: MemberRequest, pk: int) -> HttpResponse:
    """Say that the request is also known by another number."""
    application = _application(request, pk)
    refuse_unless(can_close_application(request.member, application))
    form = NumberForm(request.POST, auto_id="autre_%s")
    if form.is_valid():
        with refusals_on(form):
            kept = add_alias(
                application=application,
                number=form.cleaned_data["number"],
                organisation=member_of(request).organisation,
                by=request.user,
            )
            messages.success(request, "Cet autre numéro mène désormais à cette demande.")
            return redirect("application-detail", kept.pk)
    return _show(request, application, alias=form)


@acts_from("application-detail", "pk")
def application_close(request: MemberRequest, pk: int) -> HttpResponse:
    """Close the request by hand, with one of the six causes."""
    application = _application(request, pk)
    refuse_unless(can_close_application(request.member, application))
    form = ClosureForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        with refusals_on(form):
            close_application(application=application, cause=given["cause"], on=given["on"], by=request.user)
            messages.success(request, "La demande est radiée : la durée de conservation de son identité a commencé.")
            return redirect("application-detail", application.pk)
    return _show(request, application, closure=form)


@acts_from("application-detail", "pk")
def application_reopen(request: MemberRequest, pk: int) -> HttpResponse:
    """Open again a request that was closed by mistake."""
    application = _application(request, pk)
    refuse_unless(can_reopen_application(request.member, application))
    form = ReopeningForm(request.POST)
    if form.is_valid():
        with refusals_on(form):
            reopen_application(application=application, why=form.cleaned_data["why"], by=request.user)
            messages.success(request, "La demande est de nouveau active.")
            return redirect("application-detail", application.pk)
    return _show(request, application, reopening=form)


def _application(request: MemberRequest, pk: int) -> Application:
    return get_object_or_404(applications(member_of(request)).select_related("priority", "merged_into"), pk=pk)


def _show(
    request: MemberRequest,
    application: Application,
    *,
    alias: forms.Form | None = None,
    closure: forms.Form | None = None,
    reopening: forms.Form | None = None,
) -> HttpResponse:
    member = member_of(request)
    typed = alias or closure or reopening
    record_access(member=member, keeper=member.organisation, what=AccessRecord.What.FILE, subject=str(application))
    proposals = proposals_of(application, member)
    acts: list[Act] = []
    keeps = False
    if application.closed_on is None and can_close_application(member, application):
        closing = closure or ClosureForm(initial={"on": timezone.localdate()})
        acts = list(keeping_acts(application, alias or NumberForm(auto_id="autre_%s"), closing))
        keeps = can_keep_households(member)
    elif _may_reopen(member, application):
        acts = [reopening_act(application, reopening or ReopeningForm())]
    context = {
        "application": application,
        "answer": request_answer(application, len(proposals), kept_until(application)),
        "identity": identity_facts(application, application.aliases.order_by("pk")),
        "household": household_facts(application),
        "candidatures": candidatures_table(proposals) if proposals else None,
        "past": past_of_household(past_of_request(application, member)),
        "form": typed or forms.Form(),
        "acts": acts,
        "keeps": keeps,
        "acts_title": "Tenir la demande à jour" if application.closed_on is None else "Radiée par erreur ?",
        "today": timezone.localdate(),
    }
    wrong = typed is not None and typed.errors
    return render(request, "households/application_detail.html", context, status=422 if wrong else 200)


def _may_reopen(member: Membership, application: Application) -> bool:
    own = application.closed_on is not None and application.merged_into is None
    return own and can_reopen_application(member, application)


@require_http_methods(["GET", "HEAD", "POST"])
def offer_list(request: MemberRequest) -> HttpResponseBase:
    """To send, awaited, conditional, to sign: for the landlord that sends them. A POST says why the list is taken."""
    member = member_of(request)
    refuse_unless(member.is_landlord)
    found = board(member)
    files = len(found.proposals)
    if asks_file(request, posted=True):
        return taken_with_purpose(request, OFFERS, _awaited(found), files=files)
    if request.method == "POST":
        return redirect("offer-list")
    if files:
        record_access(
            member=member,
            keeper=member.organisation,
            what=AccessRecord.What.LIST,
            subject="Offres et baux",
            files=files,
        )
    tables = offer_tables(found, today=timezone.localdate())
    context = {"board": found, "words": offers_words(found), "count": files, "tables": tables}
    return render(request, "households/offer_list.html", context)


def _awaited(found: Board) -> list[tuple[str, Candidate]]:
    """Each candidate with what it waits for: one that awaits a document may be there twice, as on the page."""
    parts = (
        (TO_SEND, found.to_send),
        (TO_ANSWER, found.waiting),
        (TO_FULFIL, found.conditions),
        (TO_SIGN, found.to_sign),
    )
    return [(awaited, each) for awaited, part in parts for each in part]
