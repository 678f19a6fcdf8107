"""The acts on departures.

* Holding a unit and its open routing: what every act on its candidates does first, and what it states the routing.
* What waited because no convention was in force where it is: taken up on the first day that one is.
* What is forecast for the departures that wait in a ledger, its row locked: written beside them, in no account.
* « Décider maintenant »: a person has a departure decided before its time, under its own name.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import F, Q
from django.utils import timezone

from flux.models import (
    AskedDecision,
    DecisionWindow,
    ExpectedHolder,
    FlowEntry,
    FormerForecast,
    Ledger,
    Recommendation,
    Routing,
    Vacancy,
)
from flux.models.starting import first_day
from flux.operations.decision import RoutingRefused, already_cancelled, lock, open_batch
from flux.queries.conventions import bearing
from flux.queries.deadlines import proposing_from
from flux.queries.departures import first_covered, queue_of
from flux.queries.returns import clock
from flux.situation import LedgerSituation, OverCommitted, load
from flux.situation.earlier import plan
from flux.wakeups import wake_ledger
from reservations.deadlines import elapsed
from reservations.models import User
from reservations.models.guards import in_order
from reservations.models.wall import atomic
from reservations.queries.rights import Right
from reservations.refusals import Refusal
from reservations.words import plural, to, towards, upper_first


class HoldRefused(Refusal):
    """Meanwhile the unit is not where the person read it; the sentence says where it is."""


@dataclass(frozen=True, slots=True)
class Held:
    """A vacancy locked with its ledgers. `routing` is the one open now, locked too; None when it goes to nobody:
    subtracted from the flow (the landlord's own candidates), or not routed yet."""

    vacancy: Vacancy
    routing: Routing | None


def ledgers_of(vacancy: int) -> Q:
    """The ledgers where a vacancy (by id) has entries, or will, and those of later years, which carry it."""
    return ledgers_of_all([vacancy])


def ledgers_of_all(vacancies: Collection[int]) -> Q:
    """The same of several vacancies: looks at an index, and no join of the entries."""
    own = Vacancy.declared.filter(pk__in=vacancies).order_by().values("ledger")
    moved = FlowEntry.objects.filter(vacancy__in=vacancies).order_by().values("ledger")
    theirs = Q(landlord__ledgers__in=own) | Q(landlord__ledgers__in=moved)
    later = Ledger.objects.ordinary().filter(
        theirs,
        departement=F("landlord__ledgers__departement"),
        exercise__gt=F("landlord__ledgers__exercise"),
    )
    return Q(pk__in=own) | Q(pk__in=moved) | Q(pk__in=later.order_by().values("pk"))


def hold(vacancy: int, *, routing: int | None = None) -> Held:
    """Lock the ledgers of a vacancy (by id), the vacancy, then its open routing, in the order of every act of the flow.

    `routing`: the one that the person read. Raises HoldRefused: cancelled meanwhile, or routed elsewhere since. To be
    called inside the transaction of the act.
    """
    ledgers = ledgers_of(vacancy)
    list(in_order(Ledger.objects.filter(ledgers)))
    held = (
        in_order(Vacancy.declared.all())
        .select_related("unit__landlord__organisation", "unit__commune", "unit__programme")
        .get(pk=vacancy)
    )
    if held.is_cancelled:
        raise HoldRefused(already_cancelled(held))
    current = (
        in_order(Routing.objects.all())
        .select_related("holder__organisation", "convention", "acting")
        .filter(vacancy=held, closed_at=None)
        .order_by("pk")
        .first()
    )
    if routing is not None and (current is None or current.pk != routing):
        where = f"est orienté vers {towards(current.holder)}" if current else "n’est plus orienté"
        raise HoldRefused(f"Entre-temps, ce logement {where}. Relisez sa page, puis décidez de nouveau.")
    return Held(held, current)


@atomic
def record_answer(*, routing: Routing, on: date | None) -> None:
    """The holder sent its candidates on that day: its clock stops. None: it never did, and its clock never stopped."""
    routing.answered_on = on
    routing.save(update_fields=["answered_on"])


@atomic
def restart_clock(*, routing: Routing, on: date) -> None:
    """The candidates are lost, and the convention gives the holder a new delay from that day."""
    routing.answered_on, routing.clock_from, routing.clock_held = None, on, 0
    routing.save(update_fields=["answered_on", "clock_from", "clock_held"])


@atomic
def resume_clock(
    *, routing: Routing, kind: str, on: date, since: date | None = None, by_landlord: bool = False
) -> date | None:
    """The candidates are taken back: on that day the holder has left what it had when it sent them.

    The days since then are not its own (docs/decisions/0019), nor those since `since` when nothing was sent and it
    could not propose. Taken back by the landlord, it never has less than the next day that counts: it could not know.
    `kind` is that of the vacancy. The last day, None without a delay.
    """
    start = proposing_from(routing)
    since, routing.answered_on = max(routing.answered_on or since or on, start), None
    asked = clock(routing, kind, today=on)
    if asked is None or asked.until is None:
        record_answer(routing=routing, on=None)
        return None
    routing.clock_held += elapsed(since, on, asked.how)
    until = _until(routing, kind, on)
    if by_landlord and until <= on:
        routing.clock_held += elapsed(until, on, asked.how) + 1
        until = _until(routing, kind, on)
    routing.save(update_fields=["answered_on", "clock_held"])
    return until


def _until(routing: Routing, kind: str, on: date) -> date:
    read = clock(routing, kind, today=on)
    assert read is not None
    assert read.until is not None, "read before with a delay"
    return read.until


def nowhere(vacancy: Vacancy) -> str:
    """« Aucune convention n’est en vigueur à Sigean. », of a vacancy that waits for one."""
    return f"Aucune convention de réservation n’est en vigueur {to(vacancy.unit.commune)}."


def take_up(waiting: Collection[Vacancy], held: Collection[Right], *, today: date) -> None:
    """Write on each of these that wait, where no right bore on the day it was registered, the first day of one of
    `held` there; nothing where there is none yet. One statement, none when nothing is taken up.

    A vacancy is decided by the rights of its day; without any, by those of the first day that had some: it keeps its
    place, and nobody who had no right there that day is served by chance of the date of a signature.
    """
    found = []
    for vacancy in waiting:
        if not bearing(held, vacancy) and (day := first_covered(vacancy, held, today=today)) is not None:
            vacancy.covered_on = day
            found.append(vacancy)
    if found:
        Vacancy.objects.bulk_update(found, ["covered_on"])


#: What makes a forecast another one, and what is written of it.
COMPARED = ("holder_id", "rank", "known", "firm_on", "seen_on")
Cause = FormerForecast.Cause

WRITTEN = ("holder", "rank", "known", "since", "firm_on", "seen_on")


def foresee(situation: LedgerSituation, queue: Sequence[Vacancy], window: DecisionWindow, *, now: datetime) -> None:
    """Write where each of a queue would go if its first were decided now. Its forecasts were read with it.

    Where the destination is another one, the forecast of before is kept with what changed it. Two statements, for those
    that change; none when none does. The situation is used up (`plan`).
    """
    found = plan(situation, queue, window)
    drawn, changed = [], []
    cause = _cause(queue)
    for rank, departure in enumerate(found.departures if found else (), start=1):
        before: ExpectedHolder | None = getattr(departure.vacancy, "expected", None)
        same = before is not None and before.holder_id == departure.holder.pk
        after = ExpectedHolder(
            vacancy=departure.vacancy,
            holder=departure.holder,
            rank=rank,
            known=len(found.departures) if found else 0,
            since=before.since if before is not None and same else now,
            firm_on=departure.firm_on,
            seen_on=timezone.localdate(now),
        )
        if before is not None and not same:
            changed.append(_former(before, cause, now=now))
        if before is None or any(getattr(before, name) != getattr(after, name) for name in COMPARED):
            drawn.append(after)
    if drawn:
        ExpectedHolder.objects.bulk_create(
            drawn, update_conflicts=True, unique_fields=["vacancy"], update_fields=WRITTEN
        )
    FormerForecast.objects.bulk_create(changed)


def _cause(queue: Sequence[Vacancy]) -> Cause:
    """What a queue has that its forecasts had not: a departure more, one less, or the accounts alone moved."""
    before = [each.expected for each in queue if hasattr(each, "expected")]
    if len(before) < len(queue):
        return Cause.KNOWN
    if any(each.known > len(queue) for each in before):
        return Cause.DECIDED
    return Cause.MOVED


def _former(expected: ExpectedHolder, cause: Cause, *, now: datetime) -> FormerForecast:
    return FormerForecast(
        vacancy_id=expected.vacancy_id, holder_id=expected.holder_id, since=expected.since, until=now, cause=cause
    )


def forget(gone: Collection[Vacancy], *, now: datetime, cause: Cause = Cause.OVER) -> None:
    """These do not wait any more: nothing is forecast for them, and what was is kept. No query when nothing was."""
    had = [vacancy.expected for vacancy in gone if hasattr(vacancy, "expected")]
    if had:
        FormerForecast.objects.bulk_create(_former(each, cause, now=now) for each in had)
        ExpectedHolder.objects.filter(vacancy__in=[each.vacancy_id for each in had]).delete()


def foresee_again(ledger_id: int) -> None:
    """Once the transaction commits, have the forecasts of a ledger drawn anew, if it has some: its counters moved, or a
    known departure is gone. One query. A message that is lost is made up for by the next registration, or in the
    morning."""
    if ExpectedHolder.objects.filter(vacancy__ledger=ledger_id).exists():
        wake_ledger(ledger_id)


@atomic
def decide_now(*, vacancy: Vacancy, motive: str = "", by: User, now: datetime | None = None) -> Recommendation:
    """Decide a departure that waits for others to be known, without waiting any longer, and keep who asked and why.

    It goes first, followed by those that wait, in order of registration; its rank of the account is that of its
    decision. A `motive` is asked when it passes before departures registered earlier: holders read it. Whoever chooses
    what is decided when chooses, a little, to whom it goes (routing specification, version 2, sections 5 and 10).

    Raises RoutingRefused: decided already, cancelled, not planned with others, no convention or over 100 % promised
    there, or no motive where one is asked.
    """
    now = now or timezone.now()
    [state] = lock([vacancy.pk])
    vacancy = state.vacancy
    if state.recommendation is not None:
        raise RoutingRefused(f"{vacancy.unit} est déjà décidé, {to(state.recommendation.holder)}. Rechargez la page.")
    ledger = Ledger.objects.select_related("landlord").annotate(starts_on=first_day("landlord")).get(vacancies=vacancy)
    if ledger.starts_on is not None and ledger.starts_on > timezone.localdate(now):
        raise RoutingRefused(f"L’orientation commence le {ledger.starts_on:%d/%m/%Y} : rien n’est décidé d’ici là.")
    batch = open_batch(load(ledger), now=now)
    situation, window = batch.situation, batch.window
    if not window.plans:
        raise RoutingRefused(
            f"Chaque départ est décidé seul, dès son enregistrement : {vacancy.unit} le sera dans quelques secondes."
        )
    if not situation.held_at(vacancy):
        raise RoutingRefused(f"{nowhere(vacancy)} Une convention d’abord, l’orientation reprendra.")
    queue = queue_of(ledger, situation.rights, window)
    earlier = [each for each in queue if each.pk < vacancy.pk]
    if earlier and not motive.strip():
        raise RoutingRefused(
            f"{len(earlier)} {plural(len(earlier), 'départ enregistré,départs enregistrés')} plus tôt "
            f"{plural(len(earlier), 'attend,attendent')} aussi : dites pourquoi celui-ci passe avant, en une phrase. "
            "Les réservataires la liront.",
            field="motive",
        )
    others = [each for each in queue if each.pk != vacancy.pk]
    try:
        entered = situation.enter(vacancy, sequence=situation.ledger.sequence + 1, waiting=others, window=window.length)
    except OverCommitted as error:
        raise RoutingRefused(
            f"{upper_first(to(error.excess.commune))}, les conventions promettent plus de 100 % du flux : "
            "corrigez-en une d’abord, l’orientation reprendra."
        ) from error
    recommendation = batch.decide(vacancy, entered, vacancy.categories, attempt=1, due_at=now)
    batch.write()
    AskedDecision.objects.create(
        recommendation=recommendation,
        by=by,
        passed=len(earlier),
        known=min(window.length, 1 + len(others)),
        motive=motive.strip(),
    )
    forget([each for each in queue if each.pk == vacancy.pk], now=now)
    foresee(situation, others, window, now=now)
    return recommendation
