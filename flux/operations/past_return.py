"""Units given back before the account was kept here: entered at their date, and counted as they were then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from flux.models import FlowEntry, Return, Routing, Unit, Vacancy
from flux.operations.cancellation import COUNTED, reverse_in
from flux.operations.decision import Stage, entry
from flux.operations.ledgers import PastBook
from flux.operations.past import PastDates, check_past, enter_past, noon
from flux.operations.vacancy_dates import VacancyRefused
from flux.queries.returns import routing_effects
from flux.situation import LedgerSituation, seen_of
from reservations.models import ReservationHolder, User
from reservations.models.wall import atomic

Reason = Return.Reason


@dataclass(frozen=True, slots=True)
class PastReturn:
    """How a unit was given back. `counted` and `offered`: None, as the convention of the time says. `forfeited`: what
    it left above the cap, in millionths of a unit, gone to the landlord."""

    returned_on: date
    reason: str
    counted: bool | None = None
    offered: bool | None = None
    forfeited: int = 0
    text: str = ""


@atomic
def record_past_return(
    *,
    unit: Unit,
    holder: ReservationHolder,
    dates: PastDates,
    given: PastReturn,
    by: User,
    now: datetime | None = None,
    book: PastBook | None = None,
) -> Return:
    """Enter a unit that went to a holder and came back, before its landlord began to route here: its past routing
    (`record_past_routing`, of which the bounds hold), then its return, that the account counts as it was counted.

    Nobody is told and nothing routes the unit again: the past routing that follows says where it went; without one it
    is out of the flow, as after works.

    Raises VacancyRefused and Refusal as `record_past_routing`; VacancyRefused: a return before the routing or to come,
    no such reason, or a unit that goes on to a household.
    """
    now = now or timezone.now()
    check_past(dates, today=timezone.localdate(now))
    _check(holder, dates, given, today=timezone.localdate(now))
    kept = book or PastBook()
    with kept.trying():
        vacancy = enter_past(kept, unit, holder, dates, by=by, now=now)
    routing = Routing.objects.select_related("holder", "convention", "recommendation").get(
        vacancy=vacancy, closed_at=None
    )
    routing.vacancy = vacancy
    yearly = kept.ledger(unit, dates.notice_on)
    situation = kept.situation(kept.one_turn(yearly) if routing.one_turn else yearly)
    if given.reason == Reason.WORKS and yearly.credits_once:
        _take_back(kept, vacancy, on=given.returned_on)
    returned = _give_back(situation, routing, given, by=by)
    vacancy.closed_on = given.returned_on  # nobody lets it again from here: the routing that follows opens it anew
    vacancy.save(update_fields=["closed_on"])
    kept.gave_back.add(unit.pk)
    if book is None:
        kept.close(now=now)
    return returned


def _check(holder: ReservationHolder, dates: PastDates, given: PastReturn, *, today: date) -> None:
    if given.reason not in Reason.values:
        raise VacancyRefused("Dites pourquoi il a été rendu, en choisissant l’une des raisons.", field="reason")
    if not dates.proposed_on <= given.returned_on <= today:
        raise VacancyRefused(
            "Un logement est rendu après avoir été orienté, et au plus tard aujourd’hui : corrigez l’une des deux "
            "dates.",
            field="returned_on",
        )
    if given.forfeited and given.counted:
        raise VacancyRefused(
            "Un logement rendu qui compte pour son réservataire n’abandonne rien au bailleur : videz l’un des deux.",
            field="forfeited",
        )
    if given.forfeited and holder.is_not_reserved:
        raise VacancyRefused("Le bailleur ne s’abandonne rien à lui-même : videz cette cellule.", field="forfeited")


def _take_back(book: PastBook, vacancy: Vacancy, *, on: date) -> None:
    """What works take out of the flow credits and counts nothing more."""
    entries = list(FlowEntry.objects.filter(vacancy=vacancy, stage__in=COUNTED).order_by("pk"))
    for situation in list(book.situations.values()):
        own = [each for each in entries if each.ledger_id == situation.ledger.pk]
        if own:
            reverse_in(situation, vacancy, own, on=on)


def _give_back(situation: LedgerSituation, routing: Routing, given: PastReturn, *, by: User) -> Return:
    """As `return_vacancy` writes it, on the day it was."""
    at, vacancy, holder = noon(given.returned_on), routing.vacancy, routing.holder
    effect = routing_effects(routing, Return.SIDES[Reason(given.reason)])
    routing.closed_at = at
    routing.save(update_fields=["closed_at"])
    returned = Return.objects.create(
        routing=routing,
        reason=given.reason,
        counted=effect.consumed if given.counted is None else given.counted,
        offered=effect.offered if given.offered is None else given.offered,
        text=given.text.strip(),
        returned_at=at,
        returned_by=None if given.reason == Reason.NO_CANDIDATE else by,
    )
    entries = [entry(vacancy, holder, Stage.RETURNED, 1, now=at)]
    if given.reason == Reason.NO_CANDIDATE:
        entries.append(entry(vacancy, holder, Stage.LAPSED, 1, now=at))
    if not returned.offered:
        entries.append(entry(vacancy, holder, Stage.OFFERED, -1, now=at))
    if not returned.counted and not (returned.reason == Reason.WORKS and situation.ledger.credits_once):
        spread = situation.forgive(str(holder.pk), seen_of(routing))
        ledger = situation.ledger.pk
        entries.append(entry(vacancy, holder, Stage.ROUTED, -1, now=at, spread=spread, ledger=ledger))
    if given.forfeited:
        categories = seen_of(routing)
        lost, won = situation.forfeit_as_reported(str(holder.pk), given.forfeited, categories)
        landlord = situation.holders[situation.landlord]
        entries += [
            entry(vacancy, holder, Stage.FORFEITED, -given.forfeited, now=at, spread=lost),
            entry(vacancy, landlord, Stage.FORFEITED, given.forfeited, now=at, spread=won),
        ]
    FlowEntry.objects.bulk_create(entries)
    return returned
