"""The screens of letting.

* From the decision to the lease: the page of a unit, and every act done from it.
* A letter to one applicant, to print and send.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from attributions.households.forms.letting import UndoForm, form_of, fresh
from attributions.households.models import AccessRecord, Proposal
from attributions.households.operations.calls import record_document
from attributions.households.operations.candidate_state import Status
from attributions.households.operations.lease import sign_lease, undo_lease
from attributions.households.operations.needs import record_access
from attributions.households.operations.offers import answer_offer, send_offer, withdraw_proposal
from attributions.households.operations.silence import give_back
from attributions.households.pages.leases import answer, candidate_facts, candidate_state, gone_table, signed_words
from attributions.households.pages.procedure import TITLES
from attributions.households.permissions import can_instruct, withdrawal_reasons
from attributions.households.queries.deadlines import goes_back
from attributions.households.queries.letting import Candidate, Letter, Letting, State, letter_kind, letting, released_by
from flux.models import UnitDescription, Vacancy
from flux.pages.units import vacancy_facts
from flux.queries.needs import ceilings_for
from flux.queries.returns import routing_effects
from reservations.forms.fields import refusals_on, show_refusal
from reservations.http import MemberRequest, acts_from, inbox_address, member_of, refuse_unless
from reservations.permissions import can_correct_organisation
from reservations.refusals import Refusal
from reservations.words import day

#: A form on this page: what it is about (a candidate by id, 0 for the unit), which act.
Bound = dict[tuple[int, str], forms.Form]


def open_vacancy(request: MemberRequest, pk: int) -> Vacancy:
    """A unit whose file this person may open; Http404 otherwise."""
    opened = Vacancy.declared.file_open_to(member_of(request))
    return get_object_or_404(
        opened.select_related("unit__landlord__organisation", "unit__commune", "unit__programme"), pk=pk
    )


@require_safe
def letting_page(request: MemberRequest, pk: int) -> HttpResponse:
    """Who will sign the lease: the candidates kept, in their order, and what is to be done for each."""
    vacancy = open_vacancy(request, pk)
    return _show(request, letting(vacancy, member_of(request)), {})


def _show(request: MemberRequest, found: Letting, bound: Bound) -> HttpResponse:
    """The page; with 422 when a form is refused. Names read are kept in the journal first."""
    member, vacancy = member_of(request), found.vacancy
    if found.lease is not None:
        vacancy.unit = UnitDescription.objects.unit_on(vacancy.unit, found.lease.signed_on)
    if names := [each for each in found.candidates if each.named]:
        landlord = vacancy.unit.landlord.organisation
        record_access(
            member=member,
            keeper=landlord,
            what=AccessRecord.What.FILE,
            subject=str(vacancy.unit),
            files=len(names),
        )
    instructs = can_instruct(member, vacancy) and not vacancy.is_cancelled
    shown = [
        (
            each,
            _forms_of(request, each, found, instructs=instructs, bound=bound),
            candidate_state(each.proposal),
            candidate_facts(each),
        )
        for each in found.running
    ]
    loss = found.deciding
    back = instructs and found.state == State.NOBODY and goes_back(vacancy, found.routing, loss)
    context = {
        "found": found,
        "answer": answer(found, timezone.localdate()),
        "gone": gone_table(found.gone, instructs=instructs) if found.gone else None,
        "vacancy": vacancy,
        "unit": vacancy.unit,
        "shown": shown,
        "instructs": instructs,
        "undo": bound.get((0, "undo")) or fresh(UndoForm, 0, "undo") if instructs and found.lease else None,
        "back": routing_effects(found.routing, loss.side) if back and found.routing and loss else None,
        "errors": next(iter(bound.values()), None),
        "fault": bool(bound),
        "today": timezone.localdate(),
        "file_open": True,
        "facts": vacancy_facts(vacancy, None, opens=True, by_landlord=member.is_landlord, today=timezone.localdate()),
        "ceilings": ceilings_for(vacancy.unit, on=timezone.localdate()),
    }
    return render(request, "households/letting.html", context, status=422 if bound else 200)


def _forms_of(
    request: MemberRequest, each: Candidate, found: Letting, *, instructs: bool, bound: Bound
) -> dict[str, forms.Form]:
    """What this person may do with a candidate now: a form for each act."""
    may = []
    if instructs and found.lease is None:
        status = each.proposal.status
        if found.turn is each:
            may.append("offer")
        if status == Status.OFFERED:
            may.append("answer")
        if each.waits_for_document:
            may.append("document")
        if status == Status.ACCEPTED and not each.waits_for_document:
            may.append("lease")
    if each.is_running and not found.vacancy.is_cancelled and withdrawal_reasons(request.member, each.proposal):
        may.append("withdraw")
    pk = each.proposal.pk
    return {act: bound.get((pk, act)) or form_of(member_of(request), act, each) for act in may}


def _on_candidate(
    request: MemberRequest,
    pk: int,
    candidate: int,
    act: str,
    do: Callable[[Candidate, dict[str, Any]], str],
    *,
    by_landlord: bool = True,
) -> HttpResponse:
    """Load, check, do one act, say what happened."""
    vacancy = open_vacancy(request, pk)
    found = letting(vacancy, member_of(request))
    each = found.one(candidate)
    if each is None:
        raise Http404
    if by_landlord:
        refuse_unless(can_instruct(request.member, vacancy))
    form = form_of(member_of(request), act, each, request.POST)
    if form.is_valid():
        with refusals_on(form):
            result = do(each, form.cleaned_data)
            messages.success(request, result)
            return redirect(inbox_address(request) or reverse("letting", args=[pk]))
    return _show(request, found, {(candidate, act): form})


@acts_from("letting", "pk")
def offer_send(request: MemberRequest, pk: int, candidate: int) -> HttpResponse:
    """Send the offer to the candidate whose turn it is."""

    def do(each: Candidate, given: dict[str, Any]) -> str:
        offer = send_offer(proposal=each.proposal, by=request.user, **given)
        return f"Offre envoyée : réponse jusqu’au {day(offer.answer_by)} inclus. Imprimez le courrier du demandeur."

    return _on_candidate(request, pk, candidate, "offer", do)


@acts_from("letting", "pk")
def offer_answer(request: MemberRequest, pk: int, candidate: int) -> HttpResponse:
    """Record what the applicant answers; refused, the next rank is called at once."""

    def do(each: Candidate, given: dict[str, Any]) -> str:
        if each.offer is None:
            raise Refusal("Aucune offre n’est envoyée à ce candidat. Rechargez la page.")
        offer = answer_offer(offer=each.offer, by=request.user, **given)
        if offer.answer == offer.Answer.ACCEPTED:
            return "L’offre est acceptée : il reste à signer le bail."
        return f"Le refus est enregistré. {_next_words(request, pk)}"

    return _on_candidate(request, pk, candidate, "answer", do)


def _next_words(request: MemberRequest, pk: int, *, kept: bool = True) -> str:
    """Who is called after a loss, read again; else who is left. `kept`: the committee had kept the one lost."""
    found = letting(open_vacancy(request, pk), member_of(request))
    current = found.current
    if current is not None and current.offer is not None and not current.offer.answer:
        return f"Le rang suivant est appelé : il répond jusqu’au {day(current.offer.answer_by)} inclus."
    if found.turn is not None or current is not None:
        return ""
    left = sum(each.is_running and each.proposal.designation_id is not None for each in found.candidates)
    none_kept = "Plus aucun candidat n’est retenu. " if kept and left else ""
    return none_kept + (
        f"{left} candidat{'s' * (left > 1)} reste{'nt' * (left > 1)} en cours."
        if left
        else "Plus aucun candidat n’est en cours."
    )


@acts_from("letting", "pk")
def condition_document(request: MemberRequest, pk: int, candidate: int) -> HttpResponse:
    """Record the document that a condition awaited."""

    def do(each: Candidate, given: dict[str, Any]) -> str:
        if each.decision is None:
            raise Refusal("La commission n’a rien décidé pour ce candidat. Rechargez la page.")
        record_document(decision=each.decision, by=request.user, **given)
        return "La pièce est enregistrée : la condition est levée."

    return _on_candidate(request, pk, candidate, "document", do)


@acts_from("letting", "pk")
def lease_sign(request: MemberRequest, pk: int, candidate: int) -> HttpResponse:
    """Record the lease: the other candidates are released and notified."""

    def do(each: Candidate, given: dict[str, Any]) -> str:
        lease = sign_lease(proposal=each.proposal, by=request.user, **given)
        return signed_words(lease.signed_on, held=lease.holder_id is not None, released=released_by(lease))

    return _on_candidate(request, pk, candidate, "lease", do)


@acts_from("letting", "pk")
def candidate_withdraw(request: MemberRequest, pk: int, candidate: int) -> HttpResponse:
    """Take a candidate out: whoever proposed it, or the landlord, each for their own reasons."""

    def do(each: Candidate, given: dict[str, Any]) -> str:
        kept = each.proposal.status in Proposal.KEPT
        called = withdraw_proposal(proposal=each.proposal, by=request.user, **given)
        if called is not None:
            until = f"réponse jusqu’au {day(called.answer_by)} inclus"
            return f"La candidature est retirée. Le rang suivant est appelé : {until}."
        return f"La candidature est retirée. {_next_words(request, pk, kept=kept)}".strip()

    vacancy = open_vacancy(request, pk)
    each = letting(vacancy, member_of(request)).one(candidate)
    refuse_unless(each is None or bool(withdrawal_reasons(request.member, each.proposal)))
    return _on_candidate(request, pk, candidate, "withdraw", do, by_landlord=False)


@acts_from("letting", "pk")
def lease_undo(request: MemberRequest, pk: int) -> HttpResponse:
    """Undo the lease recorded by mistake."""
    vacancy = open_vacancy(request, pk)
    refuse_unless(can_instruct(request.member, vacancy))
    found = letting(vacancy, member_of(request))
    form = fresh(UndoForm, 0, "undo", data=request.POST)
    if form.is_valid():
        with refusals_on(form):
            if found.lease is None:
                raise Refusal("Aucun bail n’est signé pour ce logement. Rechargez la page.")
            undo_lease(lease=found.lease, why=form.cleaned_data["why"], by=request.user)
            messages.success(request, "Le bail est annulé ; le compte garde les deux écritures.")
            return redirect("letting", pk)
    return _show(request, found, {(0, "undo"): form})


@acts_from("letting", "pk")
def letting_give_back(request: MemberRequest, pk: int) -> HttpResponse:
    """Nobody is left: offer the unit again, as the convention counts the last loss."""
    vacancy = open_vacancy(request, pk)
    refuse_unless(can_instruct(request.member, vacancy))
    found = letting(vacancy, member_of(request))
    try:
        if found.routing is None:
            raise Refusal("Ce logement n’est plus orienté. Rechargez la page.")
        given = give_back(routing=found.routing, by=request.user)
    except Refusal as refusal:
        form = fresh(forms.Form, 0, "back", data={})
        form.is_valid()
        show_refusal(form, refusal)
        return _show(request, found, {(0, "back"): form})
    effect = "il compte quand même comme reçu" if given.counted else "il ne compte pas comme reçu"
    messages.success(request, f"{vacancy.unit} est rendu : {effect}.")
    return redirect("vacancy-detail", pk)


@require_safe
def letter(request: MemberRequest, pk: int) -> HttpResponse:
    """The letter that this candidate is due now; a page that says so when none is."""
    member = member_of(request)
    seen = Proposal.objects.visible_to(member).select_related(
        "application", "offer", "vacancy__unit__landlord__organisation", "vacancy__unit__commune"
    )
    seen = seen.select_related("vacancy__unit__programme", "routing__holder__organisation")
    proposal = get_object_or_404(seen, pk=pk)
    refuse_unless(can_instruct(member, proposal.vacancy))
    decision = proposal.decisions.filter(superseded_at=None).order_by("pk").first()
    kind = letter_kind(proposal, decision)
    unit = proposal.vacancy.unit
    if kind:
        record_access(
            member=member,
            keeper=unit.landlord.organisation,
            what=AccessRecord.What.LETTER,
            subject=str(unit),
        )
    offer = getattr(proposal, "offer", None)
    context = {
        "proposal": proposal,
        "application": proposal.application,
        "decision": decision,
        "offer": offer,
        "kind": kind,
        "title": TITLES[kind] if kind else "",
        "unit": unit,
        "landlord": unit.landlord.organisation,
        "may_correct": can_correct_organisation(member, unit.landlord.organisation),
        "dated": offer.sent_on if kind == Letter.OFFER and offer else timezone.localdate(),
    }
    return render(request, "households/letter.html", context)
