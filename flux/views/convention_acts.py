"""The acts on a convention, each from its page: proposed, signed, amended, ended, terminated, thrown away.

An act refused shows the page again, with what was typed; a reload of that address leads back to the page.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from flux.operations.conversions import propose, sign_for
from flux.pages.statement_lines import once_signed
from flux.queries.statement_lines import settled_of
from flux.views.convention import detail, load
from reservations.forms.convention_acts import (
    AmendForm,
    DelegateForm,
    DenounceForm,
    EndForm,
    NoticeForm,
    RenewForm,
    TerminateForm,
    WithdrawForm,
)
from reservations.forms.fields import show_refusal
from reservations.http import MemberRequest, acts_from, asks_proof, member_of, refuse_unless
from reservations.models import Convention
from reservations.operations.convention import (
    ConventionClosed,
    SignatureRefused,
    discard_draft,
    withdraw_proposal,
)
from reservations.operations.convention_amendment import (
    amend_convention,
    delegate_rights,
    give_formal_notice,
    terminate_convention,
)
from reservations.operations.convention_end import repeal_order
from reservations.operations.convention_pause import propose_end
from reservations.operations.convention_renewal import give_notice_of_non_renewal, withdraw_notice_of_non_renewal
from reservations.pages.terms import renewal_words
from reservations.permissions import (
    acts_for_the_state,
    can_delegate,
    can_manage_landlord,
    may_denounce,
    may_end,
    may_record_notice,
    may_sign,
)
from reservations.queries.signatories import awaited, spoken_for
from reservations.refusals import Refusal
from reservations.words import day, to, towards

#: Every act here is done from the page of its convention.
posted = acts_from("convention-detail", "pk")


def carry_out(
    request: MemberRequest,
    convention: Convention,
    act: str,
    form: forms.Form,
    *,
    do: Callable[[dict[str, Any]], Convention],
    describe: Callable[[Convention], str],
) -> HttpResponse:
    """Do the act with what the form says; show the page again when the form, or the act, has something to say."""
    if form.is_valid():
        try:
            done = do(form.cleaned_data)
        except ConventionClosed as refusal:
            messages.error(request, str(refusal))
            return redirect("convention-detail", pk=convention.pk)
        except SignatureRefused as refusal:
            for obstacle in obstacles_for(refusal, request, convention):
                form.add_error(None, obstacle)
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, describe(done))
            return redirect("convention-detail", pk=done.pk)
    return detail(request, convention, (act, form))


@posted
def convention_propose(request: MemberRequest, pk: int) -> HttpResponse:
    """Send a draft to its signatory."""
    convention = load(request, pk)
    refuse_unless(can_manage_landlord(request.member, convention.landlord))
    return carry_out(
        request,
        convention,
        "propose",
        forms.Form(request.POST),
        do=lambda given: propose(convention=convention, by=request.user),
        describe=lambda done: (
            f"La convention est proposée {to(done.organisation)} : ses termes ne bougent plus, jusqu’à la signature ou "
            "au retrait de la proposition."
        ),
    )


@posted
def convention_withdraw(request: MemberRequest, pk: int) -> HttpResponse:
    """Take a proposal back to a draft."""
    convention = load(request, pk)
    refuse_unless(can_manage_landlord(request.member, convention.landlord))
    return carry_out(
        request,
        convention,
        "withdraw",
        WithdrawForm(request.POST),
        do=lambda given: withdraw_proposal(convention=convention, by=request.user, **given),
        describe=lambda done: (
            "La proposition est retirée : la convention est de nouveau un brouillon, que vous pouvez modifier."
        ),
    )


@posted
@asks_proof
def convention_sign(request: MemberRequest, pk: int) -> HttpResponse:
    """Sign for one's own organisation; the last signature has the convention bind, or says what stands in the way."""
    convention = load(request, pk)
    refuse_unless(may_sign(request.member, convention))
    return carry_out(
        request,
        convention,
        "sign",
        forms.Form(request.POST),
        do=lambda given: sign_for(convention=convention, organisation=member_of(request).organisation, by=request.user),
        describe=signature_words,
    )


def obstacles_for(refusal: SignatureRefused, request: MemberRequest, convention: Convention) -> Sequence[str]:
    """What stands in the way, for its landlord; another party does not read what is promised to others."""
    if member_of(request).organisation_id == convention.landlord.organisation_id:
        return refusal.obstacles
    return [
        "Cette convention ne peut pas engager telle qu’elle est : le bailleur en lit les raisons sur sa page. "
        "Demandez-lui de retirer la proposition, et de la corriger."
    ]


def signature_words(convention: Convention) -> str:
    """That a signature is recorded, and whom it waits for; or that the convention binds, and from when."""
    if convention.is_open:
        waiting = ", ".join(party.organisation.name for party in awaited(convention))
        return f"La signature est enregistrée. Rien n’engage encore : signature attendue : {waiting}."
    began = convention.starts_on < timezone.localdate()
    amendment, partner = convention.version - 1, convention.organisation
    return (
        (
            f"L’avenant n° {amendment} avec {towards(partner)} est signé"
            if amendment
            else f"La convention avec {towards(partner)} est signée"
        )
        + f" : ses parts comptent du {day(convention.starts_on)} au {day(convention.last_day)}."
        + (f" {once_signed(convention, settled_of(convention))}" if began else "")
    )


@posted
def convention_amend(request: MemberRequest, pk: int) -> HttpResponse:
    """Begin an amendment: its draft, with what the version in force says."""
    convention = load(request, pk)
    refuse_unless(can_manage_landlord(request.member, convention.landlord))
    return carry_out(
        request,
        convention,
        "amend",
        AmendForm(request.POST),
        do=lambda given: amend_convention(convention=convention, by=request.user, **given),
        describe=lambda done: (
            f"Voici le brouillon de l’avenant n° {done.version - 1} : il reprend tout ce que dit la version "
            f"{done.version - 1}. Modifiez ce qui change ; rien n’engage avant la signature."
        ),
    )


@posted
@asks_proof
def convention_delegate(request: MemberRequest, pk: int) -> HttpResponse:
    """Sign an amendment by which communes propose in the place of an EPCI or a département, and propose it."""
    convention = load(request, pk)
    refuse_unless(can_delegate(request.member, convention))
    form = DelegateForm(request.POST, convention=convention)
    return carry_out(
        request,
        convention,
        "delegate",
        form,
        do=lambda given: delegate_rights(convention=convention, by=request.user, **form.contents),
        describe=lambda done: (
            f"L’avenant n° {done.version - 1} est signé en votre nom et proposé {to(done.landlord.organisation)} : il "
            f"prend effet le {day(done.starts_on)}, une fois signé de chacun."
        ),
    )


@posted
@asks_proof
def convention_end(request: MemberRequest, pk: int) -> HttpResponse:
    """Propose, in the name of one's own organisation, that a signed convention ends before its term; of the préfet's
    order, repeal it."""
    convention, today = load(request, pk), timezone.localdate()
    refuse_unless(may_end(request.member, convention))
    member = member_of(request)

    def end(given: dict[str, Any]) -> Convention:
        if convention.is_order:
            return repeal_order(convention=convention, today=today, by=request.user, **given)
        propose_end(convention=convention, organisation=member.organisation, by=request.user, today=today, **given)
        return convention

    return carry_out(
        request,
        convention,
        "end",
        EndForm(request.POST, convention=convention, member=member),
        do=end,
        describe=lambda done: (
            f"L’arrêté est abrogé : son dernier jour est le {day(done.ends_on)}."
            if done.is_order
            else "La fin est proposée : rien ne change avant l’accord de chaque partie, qui en est prévenue."
        ),
    )


@posted
def convention_denounce(request: MemberRequest, pk: int) -> HttpResponse:
    """Say that a convention is not renewed tacitly."""
    convention = load(request, pk)
    refuse_unless(may_denounce(request.member, convention))
    return carry_out(
        request,
        convention,
        "denounce",
        DenounceForm(request.POST, parties=spoken_for(convention, member_of(request), denounced=False)),
        do=lambda given: give_notice_of_non_renewal(convention=convention, by=request.user, **given),
        describe=lambda done: (
            f"La dénonciation est enregistrée : la convention finit le {day(done.ends_on)}, sans reconduction. Les "
            "autres parties en sont prévenues."
        ),
    )


@posted
def convention_renew(request: MemberRequest, pk: int) -> HttpResponse:
    """Take back what was stated: the convention is renewed again."""
    convention = load(request, pk)
    refuse_unless(may_denounce(request.member, convention))
    return carry_out(
        request,
        convention,
        "renew",
        RenewForm(request.POST, parties=spoken_for(convention, member_of(request), denounced=True)),
        do=lambda given: withdraw_notice_of_non_renewal(convention=convention, by=request.user, **given),
        describe=lambda done: f"La dénonciation est retirée. {renewal_words(done, timezone.localdate())}",
    )


@posted
def convention_notice(request: MemberRequest, pk: int) -> HttpResponse:
    """Record the State's formal notice."""
    convention = load(request, pk)
    refuse_unless(may_record_notice(request.member, convention))
    return carry_out(
        request,
        convention,
        "notice",
        NoticeForm(request.POST),
        do=lambda given: give_formal_notice(convention=convention, by=request.user, **given),
        describe=lambda done: (
            f"La mise en demeure du {day(done.formal_notice_on)} est enregistrée : le délai court de ce jour."
        ),
    )


@posted
def convention_terminate(request: MemberRequest, pk: int) -> HttpResponse:
    """Terminate the State's convention after a formal notice that nothing followed."""
    convention = load(request, pk)
    refuse_unless(acts_for_the_state(request.member, convention))
    return carry_out(
        request,
        convention,
        "terminate",
        TerminateForm(request.POST),
        do=lambda given: terminate_convention(convention=convention, by=request.user, **given),
        describe=lambda done: (
            f"La convention avec {towards(done.landlord)} est résiliée : son dernier jour est le {day(done.ends_on)}. "
            "Enregistrez l’arrêté qui fixe la part de l’État le jour où il s’applique, à partir du lendemain."
        ),
    )


@posted
def convention_discard(request: MemberRequest, pk: int) -> HttpResponse:
    """Throw a draft away."""
    convention = load(request, pk)
    refuse_unless(can_manage_landlord(request.member, convention.landlord))
    amended = convention.amends_id
    try:
        discard_draft(convention=convention, by=request.user)
    except ConventionClosed as refusal:
        messages.error(request, str(refusal))
        return redirect("convention-list")
    messages.success(request, f"Le brouillon avec {towards(convention.organisation)} est supprimé. Rien n’était signé.")
    return redirect("convention-detail", pk=amended) if amended else redirect("convention-list")
