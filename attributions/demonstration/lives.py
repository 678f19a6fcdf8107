"""Units whose life is longer than one letting: works found and ended, works that go on, a technical vacancy that ends,
a unit in stock that its holder hands on for one turn. Each by the act that a person does."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from attributions.households.operations.silence import give_unit_back, say_no_candidate
from flux.models import Return, Routing, Vacancy
from flux.operations.resuming import resume_vacancy
from flux.operations.routing import confirm_recommendations, route_waiting_vacancies
from reservations.models import Landlord, User


def routed(landlord: Landlord) -> QuerySet[Routing]:
    """Units of the flow that somebody has, and for whom no candidate was received yet; the latest first."""
    found = Routing.objects.filter(vacancy__landlord=landlord, vacancy__kind=Vacancy.Kind.IN_FLOW, closed_at=None)
    free = found.filter(answered_on=None).exclude(vacancy__entries__stage="ALLOCATED")
    return free.select_related("vacancy", "holder__organisation", "acting").order_by("-pk")


def find_works(routing: Routing, clerk: User, *, text: str, now: datetime) -> Vacancy:
    """The landlord finds works in a unit that somebody has: nobody is due it any more."""
    give_unit_back(routing=routing, reason=Return.Reason.WORKS, text=text, by=clerk, now=now)
    return routing.vacancy


def let_again(vacancy: Vacancy, clerk: User, *, now: datetime) -> Vacancy:
    """Works end, or a technical vacancy does: the unit is decided at once, and the recommendation is followed."""
    after = resume_vacancy(vacancy=vacancy, by=clerk, now=now)
    if after.kind == Vacancy.Kind.IN_FLOW:
        assert after.ledger_id is not None
        route_waiting_vacancies(ledger_id=after.ledger_id, now=now)
        waiting = Vacancy.objects.to_confirm().filter(pk=after.pk)
        confirm_recommendations(vacancies=list(waiting.values_list("pk", flat=True)), by=clerk, now=now)
    return after


def end_technical_vacancy(landlord: Landlord, clerk: User, *, now: datetime) -> None:
    """The oldest one that is closed to nobody; none in the first days of a year."""
    found = Vacancy.objects.filter(landlord=landlord, kind=Vacancy.Kind.TECHNICAL, closed_on=None).order_by("pk")
    if (vacancy := found.first()) is not None:
        let_again(vacancy, clerk, now=now)


def hand_on_one_in_stock(landlord: Landlord, clerk: User, *, now: datetime) -> None:
    """The holder of a unit in stock has nobody for it: it goes on for one turn, as the landlord confirms."""
    kept = Routing.objects.filter(
        vacancy__landlord=landlord,
        vacancy__kind=Vacancy.Kind.STOCK,
        vacancy__is_let=False,
        closed_at=None,
        one_turn=False,
        answered_on=None,
    )
    routing = kept.select_related("vacancy", "holder__organisation").order_by("pk").last()
    if routing is None:
        return
    by = User.objects.filter(memberships__organisation=routing.holder.organisation_id).order_by("pk")[0]
    say_no_candidate(routing=routing, text="Aucun de nos demandeurs n’a de voiture.", by=by, now=now)
    waiting = Vacancy.objects.to_confirm().filter(pk=routing.vacancy_id)
    confirm_recommendations(vacancies=list(waiting.values_list("pk", flat=True)), by=clerk, now=now)
