"""Giving a unit back: the holder its own, the landlord whichever is routed."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect

from flux.engine.wording import counted
from flux.models import Return, Routing, Vacancy
from flux.permissions import return_reasons
from flux.queries.returning import counted_words, forfeited_by
from flux.queries.vacancies import standing, with_destinations
from flux.templatetags.dwelling import towards
from flux.views.sheet import render_sheet, return_form_of, sheet_vacancy
from reservations.http import MemberRequest, acts_from, member_of
from reservations.models.convention import UNIT
from reservations.refusals import Refusal


@acts_from("vacancy-detail", "pk")
def vacancy_return(request: MemberRequest, pk: int, give_back: Callable[..., Return]) -> HttpResponse:
    """Give back the unit of one vacancy. Its holder goes home: the file is no longer its own.

    `give_back` is the act of the storey above, which knows the candidates: what `return_vacancy` takes.
    """
    member = member_of(request)
    vacancy = sheet_vacancy(member, pk)
    routing = _read(vacancy, request.POST.get("routing", ""))
    if routing is None or not return_reasons(member, routing):
        raise PermissionDenied
    form = return_form_of(member, routing, request.POST)
    if form.is_valid():
        try:
            given = give_back(by=request.user, **form.cleaned_data)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _said(given))
            return redirect("vacancy-detail", vacancy.pk) if member.is_landlord else redirect("home")
    return render_sheet(request, vacancy, return_form=form)


def _read(vacancy: Vacancy, posted: str) -> Routing | None:
    """The routing that the person read, closed since or not; else the one that is open."""
    read = (routing for routing in vacancy.routings.all() if str(routing.pk) == posted)
    return next(read, standing(vacancy)[1])


def _said(given: Return) -> str:
    """What happened to the account, and where the unit goes."""
    vacancy = with_destinations(Vacancy.objects.filter(pk=given.routing.vacancy_id)).get()
    recommendation, opened = standing(vacancy)
    effect = counted_words(offered=given.offered, consumed=given.counted)
    if lost := forfeited_by(given):
        effect += f" ; {counted(lost, UNIT)} dû au-delà du plafond revient au bailleur"
    if recommendation is None or given.reason == Return.Reason.WORKS:
        return f"{vacancy.unit} est rendu et sort du flux ({effect})."
    going = f"{'orienté vers' if opened else 'recommandé pour'} {towards(str(recommendation.holder))}"
    return f"{vacancy.unit} est rendu ({effect}). Il est maintenant {going}."
