"""Requests: the list, the file of one, its other numbers, its closure, and its opening again."""

from __future__ import annotations

from functools import partial

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from attributions.households.exports.lists import REQUESTS
from attributions.households.forms.application import ClosureForm, NumberForm, ReopeningForm
from attributions.households.models import AccessRecord, Application
from attributions.households.operations.access import record_access
from attributions.households.operations.application import add_alias
from attributions.households.operations.closing import close_application, reopen_application
from attributions.households.pages.applications import candidatures_table, requests_table
from attributions.households.pages.nothing import no_request
from attributions.households.pages.past_candidacies import past_of_household
from attributions.households.pages.request_facts import (
    household_facts,
    identity_facts,
    keeping_acts,
    reopening_act,
    request_answer,
)
from attributions.households.permissions import (
    can_close_application,
    can_keep_households,
    can_register,
    can_reopen_application,
)
from attributions.households.queries.applications import applications, numbered, proposals_of, read_by, rows
from attributions.households.queries.past_candidacies import past_of_request
from attributions.households.queries.retention import kept_until
from attributions.households.views.taking import taken_with_purpose
from reservations.forms.fields import refusals_on
from reservations.http import MemberRequest, acts_from, asks_file, member_of, refuse_unless
from reservations.models import Membership
from reservations.pages.acts import Act
from reservations.queries.counted import CountedPaginator

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
