"""The known departures of one ledger: what waits and can be decided, in order, and whether the first one is firm."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from functools import cache

from flux.models import DecisionWindow, ExpectedHolder, Ledger, Vacancy
from flux.models.vacancy import VacancyQuerySet
from flux.queries.firm import firm_on
from flux.queries.rates import bearing
from reservations.models import Membership
from reservations.models.once import Once
from reservations.queries.rights import Right, over_commitment_at

logger = logging.getLogger(__name__)


@cache
def _next(most: int) -> Once[Vacancy]:
    def compose(ledger: int, after: int) -> VacancyQuerySet:
        entering = Vacancy.objects.filter(ledger=ledger, pk__gt=after, entered_as__isnull=True)  # by their own index
        first = entering.waiting().values("pk")[:most]
        return _read(Vacancy.objects.filter(pk__in=first))

    return Once(compose, ledger=-1, after=-2)


def waiting_after(ledger: Ledger, after: int, most: int) -> list[Vacancy]:
    """So many of those at most, after one of them (its id). One query: they are found first, then read."""
    return list(_next(most)(ledger=ledger.pk, after=after))


def _read(found: VacancyQuerySet) -> VacancyQuerySet:
    return found.select_related("unit__commune", "unit__programme", "expected").order_by("pk")


def waiting_in(ledger: Ledger) -> VacancyQuerySet:
    """What waits in a ledger, in order of registration, with what its decision reads and its forecast."""
    return _read(ledger.vacancies.waiting())


def first_covered(vacancy: Vacancy, held: Collection[Right], *, today: date) -> date | None:
    """The first day after its registration, `today` at the latest, on which one of these rights bears on a vacancy."""
    covering, since = vacancy.unit.commune.covering_ids(), vacancy.registered_on
    days = [right.starts_on for right in held if right.perimeter_id in covering and since < right.starts_on <= today]
    return min(days, default=None)


def can_be_decided(vacancy: Vacancy, held: Collection[Right]) -> bool:
    """Is its unit still in the stock, is a convention in force where it is, and do they promise the whole flow at most?
    Otherwise it is passed over, and its page says why."""
    if vacancy.unit.is_sold:
        logger.debug("Vacancy %s waits: its unit left the stock on %s", vacancy.pk, vacancy.unit.left_on)
        return False
    there = bearing(held, vacancy)
    if not there:
        logger.debug("Vacancy %s waits: no convention in %s", vacancy.pk, vacancy.unit.commune)
        return False
    excess = over_commitment_at(there, vacancy.unit.commune, vacancy.rights_on)
    if excess is not None:
        logger.debug("Vacancy %s waits: %s in %s", vacancy.pk, excess.total, excess.commune)
    return excess is None


def sorted_out(waiting: Iterable[Vacancy], held: Collection[Right]) -> tuple[list[Vacancy], list[Vacancy]]:
    """Among these that wait, in order: those that can be decided, and those that are passed over."""
    queue: list[Vacancy] = []
    passed: list[Vacancy] = []
    for vacancy in waiting:
        (queue if can_be_decided(vacancy, held) else passed).append(vacancy)
    return queue, passed


def queue_of(ledger: Ledger, held: Collection[Right], window: DecisionWindow) -> list[Vacancy]:
    """What waits in a ledger and can be decided, in order; nothing where departures are not planned together. One
    query, none then."""
    return sorted_out(waiting_in(ledger), held)[0] if window.plans else []


def is_firm(queue: Sequence[Vacancy], held: Collection[Right], window: DecisionWindow, *, today: date) -> bool:
    """Is the first of a queue to be decided now? As many departures as are planned together are known, or its time has
    come (`firm_on`)."""
    if not queue:
        return False
    return len(queue) >= window.length or firm_on(queue[0], bearing(held, queue[0]), window.days) <= today


def is_foreseen(queue: Sequence[Vacancy], *, today: date) -> bool:
    """Has each of a queue its forecast of the day?"""
    return all(hasattr(each, "expected") and each.expected.seen_on == today for each in queue)


def seen_among(ids: Collection[int], member: Membership) -> dict[int, Vacancy]:
    """Of these vacancies (ids), those that a person may see, by id, with their unit. One query."""
    found = Vacancy.declared.visible_to(member).filter(pk__in=ids).select_related("unit__commune", "unit__programme")
    return {each.pk: each for each in found.order_by("pk")}


def registered_before(vacancy: Vacancy) -> int:
    """How many departures of its ledger wait, were registered before it, and can be decided: those that have a forecast
    too. One query."""
    waiting = ExpectedHolder.objects.standing().filter(vacancy__ledger=vacancy.ledger_id, vacancy__lt=vacancy.pk)
    return waiting.count()
