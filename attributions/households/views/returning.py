"""Giving a unit back: the holder its own, the landlord whichever is routed."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from attributions.households.operations.silence import give_unit_back
from attributions.households.pages.returning import GivingBack, foreseen_table
from attributions.households.queries.file import anybody_sent
from flux.engine.wording import counted
from flux.forms.returning import ReturnForm
from flux.models import Return, Routing, Vacancy
from flux.permissions import can_propose, return_reasons
from flux.queries.returning import asked_of, choices, foreseen, forfeited_by
from flux.queries.sheet import sheet
from flux.queries.vacancies import standing, with_destinations
from flux.views.sheet import may_give_back, sheet_vacancy
from flux.words import counted_words
from reservations.forms.fields import refusals_on
from reservations.http import MemberRequest, inbox_address, member_of
from reservations.models import Membership
from reservations.models.convention import UNIT
from reservations.words import day, towards

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
            messages.success(request, _said(given))
            page = reverse("vacancy-detail", args=[vacancy.pk]) if member.is_landlord else reverse("home")
            return redirect(inbox_address(request) or page)
    [only, *others] = offered
    told = None if others else foreseen(routing, only.reason, today=today)
    context = {
        "vacancy": vacancy,
        "unit": vacancy.unit,
        "form": form,
        "foreseen": told,
        "account": foreseen_table(routing, told) if told else None,
        "said": GivingBack(
            routing,
            None if others else only,
            told,
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
    return next(read, standing(vacancy)[1])


def _given_up(vacancy: Vacancy, member: Membership) -> date | None:
    """The day that the organisation had the unit no more, given back or taken; None when it never had it."""
    own = [
        routing.closed_at
        for routing in vacancy.routings.all()
        if routing.closed_at and member.organisation_id in (routing.holder.organisation_id, routing.acting_id)
    ]
    return timezone.localdate(max(own)) if own else None


def _said(given: Return) -> str:
    """What happened to the account, and where the unit goes."""
    vacancy = with_destinations(Vacancy.objects.filter(pk=given.routing.vacancy_id)).get()
    recommendation, opened = standing(vacancy)
    effect = counted_words(offered=given.offered, consumed=given.counted)
    if lost := forfeited_by(given):
        effect += f" ; {counted(lost, UNIT)} dû au-delà du plafond de la convention revient au bailleur"
    if recommendation is None or given.reason == Return.Reason.WORKS:
        return f"{vacancy.unit} est rendu et sort du flux ({effect})."
    going = f"{'orienté vers' if opened else 'recommandé pour'} {towards(recommendation.holder)}"
    return f"{vacancy.unit} est rendu ({effect}). Il est maintenant {going}."
