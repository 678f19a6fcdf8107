"""What is read of departures.

* The known departures of one ledger: what waits and can be decided, in order, and whether the first one is firm.
* When a departure that waits for others to be known becomes firm by time alone (routing specification, version 2,
  section 5).
* What a holder may expect: departures whose destination is forecast to be its own, so that it prepares candidates.
* A forecast, never a promise; without an address, which is read once the unit is routed there.
* What was chosen for a ledger and bears on its decisions of a day: read together, its row being locked.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery, Window
from django.db.models.functions import JSONObject

from flux.models import CarriedOver, DecisionWindow, ExpectedHolder, Ledger, NeedsDeclaration, RoutingPolicy, Vacancy
from flux.models.needs import Targets
from flux.models.vacancy import VacancyQuerySet
from flux.queries.conventions import bearing
from reservations.deadlines import Days, deadline, is_working, last_day
from reservations.models import Convention, Membership
from reservations.models.once import Once
from reservations.models.together import Steps, stepwise, whole
from reservations.queries.rights import Right, over_commitment_at


def firm_on(vacancy: Vacancy, held: Collection[Right], days: int) -> date:
    """The day on which a departure is firm by time alone, that of its registration at the earliest. No query.

    It has waited `days` working days; or it will be free so soon that a holder would lose some of its own delay to
    propose. Who the holder is nobody knows yet: the longest delay of the rights that bear there (`held`) is read, so
    that the day does not move with the forecast, and that nobody loses a day whoever gets the unit.
    """
    local = any(right.convention.local_holidays for right in held)
    asked = _times_to_propose(held, local=local)
    day, waited = vacancy.registered_on, 0
    while waited < days and all(
        last_day(deadline(day, days, local=how.local), longest, how) <= vacancy.available_on for longest, how in asked
    ):
        day += timedelta(1)
        waited += is_working(day, local=local)
    return day


def _times_to_propose(held: Iterable[Right], *, local: bool) -> set[tuple[int, Days]]:
    """The delays to propose of those who look for their candidates themselves, each in its days. The landlord, on its
    own part, has none."""
    return {(0, Days(local=local))} | {
        (right.convention.proposal_days, right.convention.days)
        for right in held
        if not right.suspended
        and right.convention.proposal_days
        and right.convention.management == Convention.Management.DIRECT
    }


def in_turn(days: Iterable[date]) -> list[date]:
    """The day on which each is decided at the latest, from the days on which each would be firm, in order of
    registration: none is decided before those registered earlier."""
    found: list[date] = []
    for day in days:
        found.append(max(day, found[-1]) if found else day)
    return found


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
    waiting = ExpectedHolder.objects.active().filter(vacancy__ledger=vacancy.ledger_id, vacancy__lt=vacancy.pk)
    return waiting.count()


#: Shown on a home; the list of vacancies has them all.
SHOWN = 10


@dataclass(frozen=True, slots=True)
class Coming:
    """The forecasts that concern a holder, the first to be decided first (`SHOWN` at most), and how many there are."""

    shown: Sequence[ExpectedHolder]
    count: int


@stepwise
def coming(member: Membership) -> Steps[Coming]:
    """Read them, with their unit, its commune and its landlord, counted as they are put in order. One query."""
    found = yield from whole(expected_for(member).annotate(every=Window(Count("pk")))[:SHOWN], *READ_WITH)
    return Coming(found, vars(found[0])["every"] if found else 0)


#: What is read with a forecast.
READ_WITH = (
    "holder__organisation",
    "vacancy__unit__commune",
    "vacancy__unit__programme",
    "vacancy__unit__landlord__organisation",
)


def expected_for(member: Membership) -> QuerySet[ExpectedHolder]:
    """All of them, the first to be decided first."""
    return ExpectedHolder.objects.coming_to(member).select_related(*READ_WITH).order_by("firm_on", "rank", "vacancy_id")


@dataclass(frozen=True, slots=True)
class Chosen:
    """By the landlord for that day, its `window` and whether it routes at once (`automatic`); by holders, the targets
    of their `needs`. `carries`: an earlier year left something to give."""

    window: DecisionWindow
    automatic: bool
    needs: Targets
    carries: bool


def _chosen_read(ledger: int, on: date) -> QuerySet[Ledger, tuple[object, ...]]:
    windows = DecisionWindow.objects.filter(landlord=OuterRef("landlord"), starts_on__lte=on).order_by("-starts_on")
    policies = RoutingPolicy.objects.filter(landlord=OuterRef("landlord"), starts_on__lte=on).order_by("-starts_on")
    needs = NeedsDeclaration.objects.filter(ledger=OuterRef("pk")).order_by("-pk")
    return Ledger.objects.filter(pk=ledger).values_list(
        Subquery(windows.values(window=JSONObject(length="length", days="days"))[:1]),
        Subquery(policies.values("mode")[:1]),
        Subquery(needs.values("targets")[:1]),
        Exists(CarriedOver.objects.filter(ledger=OuterRef("pk"))),
    )


_once = Once(_chosen_read, ledger=-1, on=date(1, 1, 1))


def chosen(ledger: Ledger, on: date) -> Chosen:
    """As `DecisionWindow.objects.of`, `RoutingPolicy.objects.is_automatic` and `NeedsDeclaration.objects.targets` say,
    each apart. One query, made after the ledger is locked: what a lock that waited reads beside its row may be older.
    """
    [(window, mode, needs, carries)] = _once(ledger=ledger.pk, on=on)
    return Chosen(
        window=DecisionWindow(landlord=ledger.landlord, **(window or {})),
        automatic=mode == RoutingPolicy.Mode.AUTOMATIC,
        needs=needs or {},
        carries=carries,
    )
