"""A suspension of a convention: proposed, accepted, withdrawn or lifted from its page; a paper accord, on its own. What
ends a convention is accepted or withdrawn in the same way."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from flux.views.convention import load
from flux.views.convention_acts import carry_out, posted
from reservations.forms.convention_acts import DepositForm, DropPauseForm, LiftForm, PauseForm
from reservations.forms.fields import show_refusal
from reservations.http import MemberRequest, asks_proof, member_of, refuse_unless
from reservations.models import Convention, Pause
from reservations.operations.convention_pause import (
    accept_pause,
    deposit_accord,
    propose_lift,
    propose_pause,
    withdraw_pause,
)
from reservations.operations.convention_signature import Paper
from reservations.pages.pauses import suspended_between, without_accord
from reservations.permissions import may_suspend
from reservations.queries.signatories import depositable_pauses
from reservations.refusals import Refusal
from reservations.words import day


@posted
@asks_proof
def convention_pause(request: MemberRequest, pk: int) -> HttpResponse:
    """Propose that a convention is suspended, in the name of one's own organisation."""
    convention = load(request, pk)
    refuse_unless(may_suspend(request.member, convention))
    return carry_out(
        request,
        convention,
        "pause",
        PauseForm(request.POST),
        do=lambda given: (
            propose_pause(
                convention=convention, organisation=member_of(request).organisation, by=request.user, **given
            ).convention
        ),
        describe=lambda done: "La suspension est proposée : rien ne change avant l’accord de chaque partie.",
    )


@posted
@asks_proof
def pause_accept(request: MemberRequest, pk: int, pause: int) -> HttpResponse:
    """Agree, in the name of one's own organisation, to a suspension or to its lifting."""
    convention, asked = _asked(request, pk, pause)
    return carry_out(
        request,
        convention,
        f"accept-{asked.pk}",
        forms.Form(request.POST),
        do=lambda given: (
            accept_pause(pause=asked, organisation=member_of(request).organisation, by=request.user).convention
        ),
        describe=lambda done: accord_words(asked),
    )


def accord_words(asked: Pause) -> str:
    """That an accord is recorded, and whom it waits for; or that the suspension holds, and between which days."""
    asked.refresh_from_db()
    if asked.status == Pause.Status.PROPOSED:
        return f"L’accord est enregistré. Accord attendu : {without_accord(asked)}."
    if asked.is_final:
        return f"Toutes les parties sont d’accord : la convention prend fin le {day(asked.last_day)}."
    return f"Toutes les parties sont d’accord : {suspended_between(asked.starts_on, asked.ends_on)}."


@posted
def pause_withdraw(request: MemberRequest, pk: int, pause: int) -> HttpResponse:
    """Take back, or refuse, what is proposed."""
    convention, asked = _asked(request, pk, pause)
    return carry_out(
        request,
        convention,
        f"drop-{asked.pk}",
        DropPauseForm(request.POST, about=asked.pk),
        do=lambda given: (
            withdraw_pause(
                pause=asked, organisation=member_of(request).organisation, by=request.user, **given
            ).convention
        ),
        describe=lambda done: "La proposition est retirée : rien ne change.",
    )


@posted
@asks_proof
def pause_lift(request: MemberRequest, pk: int, pause: int) -> HttpResponse:
    """Propose that a suspension stops earlier."""
    convention, asked = _asked(request, pk, pause)
    return carry_out(
        request,
        convention,
        f"lift-{asked.pk}",
        LiftForm(request.POST, about=asked.pk),
        do=lambda given: (
            propose_lift(pause=asked, organisation=member_of(request).organisation, by=request.user, **given).convention
        ),
        describe=lambda done: (
            f"La levée est proposée. La convention reste {suspended_between(asked.starts_on, asked.ends_on)} tant que "
            "chaque partie n’est pas d’accord."
        ),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@asks_proof
def pause_deposit(request: MemberRequest, pk: int, pause: int) -> HttpResponse:
    """Deposit the accord that a party gave by hand: one's own, or, for the landlord, that of one for which nobody signs
    here."""
    convention, asked = _asked(request, pk, pause)
    parties = depositable_pauses(asked, member_of(request))
    given = (request.POST, request.FILES) if request.method == "POST" else ()
    form = DepositForm(*given, parties=parties, today=timezone.localdate())
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            deposit_accord(
                pause=asked,
                organisation=form.cleaned_data["organisation"],
                signed_on=form.cleaned_data["signed_on"],
                signer=form.cleaned_data["signer"],
                paper=Paper(file.name or "", file.read()),
                by=request.user,
            )
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, accord_words(asked))
            return redirect("convention-detail", pk=convention.pk)
    context = {
        "convention": convention,
        "pause": asked,
        "what": f"fin le {day(asked.last_day)}" if asked.is_final else f"suspension à partir du {day(asked.starts_on)}",
        "form": form,
        "parties": parties,
    }
    return render(request, "flux/pause_deposit.html", context, status=422 if form.errors else 200)


def _asked(request: MemberRequest, pk: int, pause: int) -> tuple[Convention, Pause]:
    """The convention of the page, and a suspension of it that this person may act on; 404 or 403 otherwise."""
    convention = load(request, pk)
    refuse_unless(may_suspend(request.member, convention))
    rows = [convention.pk, convention.amends_id] if convention.amends_id else [convention.pk]
    found = Pause.objects.select_related("convention__landlord").filter(convention__in=rows)
    return convention, get_object_or_404(found, pk=pause)
