"""What became of a routed unit: the page where the landlord says it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from flux.forms.outcome import Outcome, OutcomeForm
from flux.models import Routing, Vacancy
from flux.operations.outcome import record_allocation, record_lease, withdraw_outcome
from flux.permissions import can_route
from flux.queries.outcome import outcomes
from reservations.forms.fields import show_refusal
from reservations.http import MemberRequest, member_of, refuse_unless
from reservations.models import User
from reservations.refusals import Refusal
from reservations.templatetags.french import day

DONE = {
    Outcome.ALLOCATED: "L’attribution de {unit} est enregistrée au {day}, pour {holder}.",
    Outcome.LEASED: "Le bail de {unit} est enregistré au {day}, pour {holder}.",
    Outcome.UNDONE: "C’est annulé pour {unit} : le compte de {holder} garde les deux écritures.",
}


@require_http_methods(["GET", "POST"])
def vacancy_outcome(request: MemberRequest, pk: int) -> HttpResponse:
    """Say that a unit is allocated, let, or that it was said by mistake."""
    vacancy = get_object_or_404(
        Vacancy.declared.visible_to(member_of(request)).select_related(
            "unit__landlord__organisation", "unit__commune", "unit__programme"
        ),
        pk=pk,
    )
    refuse_unless(can_route(request.member, vacancy))
    if vacancy.is_cancelled and request.method == "GET":
        return redirect("vacancy-detail", vacancy.pk)
    form = OutcomeForm(request.POST if request.method == "POST" else None, initial={"on": timezone.localdate()})
    if form.is_valid():
        try:
            done = _act(vacancy, form, request.user)
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            sentence = DONE[Outcome(form.cleaned_data["outcome"])]
            if form.cleaned_data["outcome"] == Outcome.UNDONE and outcomes([vacancy]):
                sentence += " L’attribution reste enregistrée : annulez-la aussi si elle n’a pas eu lieu."
            on = form.cleaned_data["on"]
            messages.success(request, sentence.format(unit=vacancy.unit, day=day(on) if on else "", holder=done.holder))
            return redirect("vacancy-detail", vacancy.pk)
    found = outcomes([vacancy]).get(vacancy.pk, {})
    routing = vacancy.routings.select_related("holder__organisation", "convention").filter(closed_at=None).first()
    context = {
        "vacancy": vacancy,
        "form": form,
        "routing": routing,
        "allocated_on": found.get("ALLOCATED"),
        "leased_on": found.get("LEASED"),
    }
    return render(request, "flux/vacancy_outcome.html", context, status=422 if form.errors else 200)


def _act(vacancy: Vacancy, form: OutcomeForm, by: User) -> Routing:
    given, today = form.cleaned_data, timezone.localdate()
    if given["outcome"] == Outcome.UNDONE:
        return withdraw_outcome(vacancy=vacancy, why=given["why"], by=by, today=today)
    act = record_lease if given["outcome"] == Outcome.LEASED else record_allocation
    return act(vacancy=vacancy, on=given["on"], by=by, today=today)
