"""What became of a unit whose candidates are followed in another tool: the page where the landlord says it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from attributions.households.forms.outcome import Outcome, OutcomeForm
from attributions.households.models import Lease, Proposal
from attributions.households.operations.lease import record_outside_lease, undo_lease
from attributions.households.operations.outside import (
    date_outside_allocation,
    record_outside_allocation,
    record_outside_answer,
    undo_outside,
)
from attributions.households.permissions import can_instruct
from attributions.households.queries.file import open_routing
from flux.models import Vacancy
from flux.queries.outcome import dated_by_lease, outcomes
from reservations.forms.fields import refusals_on
from reservations.http import MemberRequest, member_of, refuse_unless
from reservations.models import User
from reservations.words import day, of, towards


@require_http_methods(["GET", "HEAD", "POST"])
def vacancy_outcome(request: MemberRequest, pk: int) -> HttpResponse:
    """Say that a unit is allocated, let, or that it was said by mistake; one with candidates here has its own page."""
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
