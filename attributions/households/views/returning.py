"""The screens of returning.

* Giving a unit back: the holder its own, the landlord whichever is routed.
* What became of a unit whose candidates are followed in another tool: the page where the landlord says it.
* Cancelling a declared vacancy, or reclassifying it: the page says first what is taken back, and from whom.
"""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from attributions.households.forms.applications import Outcome, OutcomeForm
from attributions.households.models import Lease, Proposal
from attributions.households.operations.calls import cancel_followed, reclassify_followed
from attributions.households.operations.lease import record_outside_lease, undo_lease
from attributions.households.operations.silence import give_unit_back
from attributions.households.operations.withdrawals import (
    date_outside_allocation,
    record_outside_allocation,
    record_outside_answer,
    undo_outside,
)
from attributions.households.pages.candidacies import answer, besides, prevented, taken_words, ways
from attributions.households.pages.returning import GivingBack, foreseen_table
from attributions.households.permissions import can_instruct
from attributions.households.queries.file import anybody_sent, open_routing
from flux.engine.wording import counted
from flux.forms.vacancies import CancellationForm, ReturnForm
from flux.models import Return, Routing, Vacancy
from flux.operations.decision import already_cancelled
from flux.permissions import can_cancel_vacancy, can_propose, return_reasons
from flux.queries.first_letting import dated_by_lease, outcomes, taken_back
from flux.queries.returns import asked_of, choices, foreseen, forfeited_by
from flux.queries.sheet import sheet
from flux.queries.units import class_of, programme_places, stock_of
from flux.queries.vacancies import latest_routing, with_destinations
from flux.views.sheet import may_give_back, sheet_vacancy
from flux.words import counted_words
from reservations.forms.fields import refusals_on
from reservations.http import MemberRequest, inbox_address, member_of, refuse_unless
from reservations.models import Membership, User
from reservations.models.convention import UNIT
from reservations.words import day, of, towards

ALLOCATED = "la commission l’a attribué à un ménage, ou son bail est signé"


@require_http_methods(["GET", "HEAD", "POST"])
def vacancy_return(request: MemberRequest, pk: int) -> HttpResponse:
    """Say what giving back the unit of one vacancy does, then do it. Its holder goes home: the file is no longer its
    own. A unit that is not to be given back any more is read on its sheet."""
    member, today = member_of(request), timezone.localdate()
    vacancy = sheet_vacancy(member, pk)
    routing = _read(vacancy, request.POST.get("routing", ""))
    ours = routing is not None and bool(return_reasons(member, routing))
    if request.method != "POST" and not ours and (gone := _given_up(vacancy, member)):
        messages.info(request, f"{vacancy.unit} n’est plus orienté vers vous depuis le {day(gone)}.")
        return redirect("vacancy-detail", vacancy.pk)
    if request.method != "POST" and (routing is None or vacancy.is_cancelled):
        messages.info(request, f"{vacancy.unit} n’est orienté vers personne : il n’y a rien à rendre.")
        return redirect("vacancy-detail", vacancy.pk)
    if routing is None or not ours:
        raise PermissionDenied
    offered = choices(routing, return_reasons(member, routing), today=today)
    if not offered or (request.method != "POST" and not may_give_back(member, sheet(vacancy, today=today))):
        messages.info(request, f"{vacancy.unit} ne se rend pas : {_why_not(routing, today)}.")
        return redirect("vacancy-detail", vacancy.pk)
    typed = request.POST if request.method == "POST" else None
    form = ReturnForm(typed, vacancy=vacancy, choices=offered, initial={"routing": routing})
    if form.is_valid():
        with refusals_on(form):
            given = give_unit_back(by=request.user, **form.cleaned_data)
            messages.success(request, _outcome_words(given))
            page = reverse("vacancy-detail", args=[vacancy.pk]) if member.is_landlord else reverse("home")
            return redirect(inbox_address(request) or page)
    [only, *others] = offered
    effects = None if others else foreseen(routing, only.reason, today=today)
    context = {
        "vacancy": vacancy,
        "unit": vacancy.unit,
        "form": form,
        "foreseen": effects,
        "account": foreseen_table(routing, effects) if effects else None,
        "words": GivingBack(
            routing,
            None if others else only,
            effects,
            asked_of(routing, today=today),
            by_landlord=member.is_landlord,
            ours=member.organisation_id in (routing.holder.organisation_id, routing.acting_id),
            held=not member.is_landlord and anybody_sent(routing),
        ),
        "may_propose": routing.answered_on is None and can_propose(member, vacancy, routing),
    }
    return render(request, "households/vacancy_return.html", context, status=422 if form.errors else 200)


def _why_not(routing: Routing, today: date) -> str:
    """Why a unit that is routed is not given back."""
    asked = asked_of(routing, today=today)
    if routing.by_its_own_right and asked is not None and asked.runs and not asked.late:
        return f"{routing.acting or routing.holder} peut proposer jusqu’au {day(asked.until)} inclus"
    if routing.by_its_own_right and (asked is None or asked.until is None):
        return "aucun délai ne court : son titulaire dit lui-même s’il n’a pas de candidat"
    return ALLOCATED


def _read(vacancy: Vacancy, posted: str) -> Routing | None:
    """The routing that the person read, closed since or not; else the one that is open."""
    read = (routing for routing in vacancy.routings.all() if str(routing.pk) == posted)
    return next(read, latest_routing(vacancy)[1])


def _given_up(vacancy: Vacancy, member: Membership) -> date | None:
    """The day that the organisation had the unit no more, given back or taken; None when it never had it."""
    own = [
        routing.closed_at
        for routing in vacancy.routings.all()
        if routing.closed_at and member.organisation_id in (routing.holder.organisation_id, routing.acting_id)
    ]
    return timezone.localdate(max(own)) if own else None


def _outcome_words(given: Return) -> str:
    """What happened to the account, and where the unit goes."""
    vacancy = with_destinations(Vacancy.objects.filter(pk=given.routing.vacancy_id)).get()
    recommendation, opened = latest_routing(vacancy)
    effect = counted_words(offered=given.offered, consumed=given.counted)
    if lost := forfeited_by(given):
        effect += f" ; {counted(lost, UNIT)} dû au-delà du plafond de la convention revient au bailleur"
    if recommendation is None or given.reason == Return.Reason.WORKS:
        return f"{vacancy.unit} est rendu et sort du flux ({effect})."
    going = f"{'orienté vers' if opened else 'recommandé pour'} {towards(recommendation.holder)}"
    return f"{vacancy.unit} est rendu ({effect}). Il est maintenant {going}."


@require_http_methods(["GET", "HEAD", "POST"])
def vacancy_outcome(request: MemberRequest, pk: int) -> HttpResponse:
    """Say that a unit is allocated, let, or that it was stated by mistake; one with candidates here has its own
    page."""
    vacancy = get_object_or_404(
        Vacancy.declared.visible_to(member_of(request)).select_related(
            "unit__landlord__organisation", "unit__commune", "unit__programme"
        ),
        pk=pk,
    )
    refuse_unless(can_instruct(request.member, vacancy))
    if vacancy.is_cancelled and request.method != "POST":
        return redirect("vacancy-detail", vacancy.pk)
    if followed_here(vacancy):
        return redirect("letting", vacancy.pk)
    found = outcomes([vacancy]).get(vacancy.pk, {})
    undated = dated_by_lease(found)
    form = OutcomeForm(
        request.POST if request.method == "POST" else None,
        initial={"on": timezone.localdate()},
        in_account=vacancy.ledger_id is not None,
        allocated="ALLOCATED" in found,
        undated=undated,
    )
    if form.is_valid():
        with refusals_on(form):
            messages.success(request, _act(vacancy, form, request.user))
            return redirect("vacancy-detail", vacancy.pk)
    lease = Lease.objects.filter(vacancy=vacancy, cancelled_at=None).order_by("pk").first()
    context = {
        "vacancy": vacancy,
        "form": form,
        "routing": open_routing(vacancy),
        "allocated_on": found.get("ALLOCATED"),
        "undated": undated,
        "leased_on": lease.signed_on if lease else found.get("LEASED"),
    }
    return render(request, "households/vacancy_outcome.html", context, status=422 if form.errors else 200)


def followed_here(vacancy: Vacancy) -> bool:
    """Are its candidates followed here: some that were sent in the running, or one housed?"""
    here = Proposal.objects.sent().filter(vacancy=vacancy)
    return here.live().exists() or here.filter(status=Proposal.Status.HOUSED).exists()


def _act(vacancy: Vacancy, form: OutcomeForm, by: User) -> str:
    """Do it, and say what was done."""
    given = form.cleaned_data
    if given["outcome"] == Outcome.UNDONE:
        return _undo(vacancy, given["why"], by)
    if given["outcome"] == Outcome.LEASED:
        facts = {name: given[name] for name in form.FACTS}
        lease = record_outside_lease(
            vacancy=vacancy, signed_on=given["on"], facts=facts, by=by, allocated_on=given.get("allocated_on")
        )
        pour = f", pour {towards(lease.holder)}" if lease.holder else ""
        return f"Le bail de {vacancy.unit} est enregistré au {day(lease.signed_on)}{pour}."
    if given["outcome"] == Outcome.ANSWERED:
        routing = record_outside_answer(vacancy=vacancy, on=given["on"], by=by)
        return f"Les candidats {of(routing.holder)} sont enregistrés au {day(given['on'])} : son délai est arrêté."
    if given["outcome"] == Outcome.DATED:
        on = given["on"]
        date_outside_allocation(vacancy=vacancy, on=on, by=by)
        return f"L’attribution de {vacancy.unit} est datée du {day(on)} : elle compte au bilan {on.year}."
    routing = record_outside_allocation(vacancy=vacancy, on=given["on"], by=by)
    return f"L’attribution de {vacancy.unit} est enregistrée au {day(given['on'])}, pour {towards(routing.holder)}."


def _undo(vacancy: Vacancy, why: str, by: User) -> str:
    """The lease with its allocation; else what the account alone knows."""
    lease = Lease.objects.filter(vacancy=vacancy, cancelled_at=None).order_by("pk").first()
    if lease is not None:
        undo_lease(lease=lease, why=why, by=by)
        return f"Le bail de {vacancy.unit} est annulé, et son attribution aussi : le compte garde les écritures."
    answered = not outcomes([vacancy])
    routing = undo_outside(vacancy=vacancy, why=why, by=by)
    if answered:
        return f"C’est annulé pour {vacancy.unit} : {routing.holder} a de nouveau des candidats à proposer."
    sentence = f"C’est annulé pour {vacancy.unit} : le compte {of(routing.holder)} garde les deux écritures."
    if outcomes([vacancy]):
        sentence += " L’attribution reste enregistrée : annulez-la aussi si elle n’a pas eu lieu."
    return sentence


@require_http_methods(["GET", "HEAD", "POST"])
def vacancy_cancel(request: MemberRequest, pk: int) -> HttpResponse:
    """Cancel one vacancy, or declare it again under another kind; its candidates are released."""
    vacancy = get_object_or_404(
        Vacancy.declared.visible_to(member_of(request)).select_related(
            "unit__landlord__organisation", "unit__commune", "unit__programme", "cancelled_by"
        ),
        pk=pk,
    )
    refuse_unless(can_cancel_vacancy(request.member, vacancy))
    if vacancy.is_cancelled:
        messages.error(request, already_cancelled(vacancy))
        return redirect("vacancy-detail", vacancy.pk)
    today = timezone.localdate()
    stock = stock_of(vacancy.unit, on=today)
    classed = class_of(vacancy.unit, on=today, stock=stock)
    form = CancellationForm(
        request.POST if request.method == "POST" else None,
        vacancy=vacancy,
        classed=classed,
        places=[] if classed else programme_places(vacancy.unit, on=today),
    )
    if form.is_valid():
        with refusals_on(form):
            after = _cancellation_act(vacancy, form, request.user)
            messages.success(request, _cancellation_words(vacancy, after))
            return redirect("vacancy-detail", after.pk)
    routing = vacancy.routings.select_related("holder__organisation").filter(closed_at=None).first()
    allocated = bool(outcomes([vacancy]))
    taken = taken_back(vacancy)
    context = {
        "vacancy": vacancy,
        "form": form,
        "answer": answer(vacancy, routing, len(taken)),
        "prevented": prevented(vacancy, allocated=allocated, followed_here=allocated and followed_here(vacancy)),
        "ways": ways(form, vacancy, today.year if today.year != vacancy.registered_on.year else None),
        "taken": taken_words(taken),
        "besides": besides(vacancy, routing, stock),
    }
    return render(request, "households/vacancy_cancel.html", context, status=422 if form.errors else 200)


def _cancellation_act(vacancy: Vacancy, form: CancellationForm, by: User) -> Vacancy:
    given = form.cleaned_data
    if given["reason"] != Vacancy.Cancellation.RECLASSIFIED:
        return cancel_followed(vacancy=vacancy, reason=given["reason"], text=given["text"], by=by)
    return reclassify_followed(
        vacancy=vacancy,
        kind=given["kind"],
        exclusion=given["exclusion"],
        stock_right=given.get("stock_right"),
        text=given["text"],
        by=by,
    )


def _cancellation_words(before: Vacancy, after: Vacancy) -> str:
    """What happened, and what follows."""
    if after.pk == before.pk:
        return f"{before.unit} est annulé : il ne compte plus pour personne."
    return f"{before.unit} est déclaré de nouveau, {after.get_kind_display()} : l’ancienne déclaration est annulée."
