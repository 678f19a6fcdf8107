"""Routing: the engine recommends, under the lock of the ledger; a person follows or overrides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cache

from django.utils import timezone

from flux.models import (
    ExpectedHolder,
    FlowEntry,
    FormerForecast,
    Ledger,
    Recommendation,
    Routing,
    Unit,
    Vacancy,
)
from flux.models.starting import first_day
from flux.operations.decision import (
    Batch,
    DecisionState,
    RoutingRefused,
    check_not_allocated,
    entry,
    lay_entries,
    lay_routings,
    lock,
    offered,
    open_in_place,
    open_routing,
    write_lines,
)
from flux.operations.departures import foresee, foresee_again, forget, nowhere, take_up
from flux.queries.compliance import coverage
from flux.queries.conventions import held_by_vacancy, name_delegates
from flux.queries.departures import chosen, is_firm, is_foreseen, sorted_out, waiting_after
from flux.situation import load, rights_in
from reservations.models import ReservationHolder, User
from reservations.models.categories import plural_of
from reservations.models.guards import in_order
from reservations.models.once import Once
from reservations.models.wall import atomic
from reservations.operations.apart import each_alone
from reservations.queries.parties import contingent_now
from reservations.words import day, to, towards

#: Vacancies handled in one transaction; the queries are the same for one as for all of them.
BATCH = 500

Stage = FlowEntry.Stage


# --- the engine's turn ---------------------------------------------------------------------------------------------


def route_waiting_vacancies(
    *, ledger_id: int, now: datetime | None = None, skip_locked: bool = False, anew: bool = True
) -> int:
    """Recommend a holder for every vacancy of a ledger that is firm, in order of registration; forecast the others.

    Which are firm, the landlord's `DecisionWindow` says: without one, all. Where no convention is in force, nothing is
    decided: the vacancy waits for one (docs/decisions/0049-no-convention-no-routing.md); nor before the day on which
    the landlord begins (`GoLive`). Returns how many were handled.
    Safe to run twice, or by many workers at once: the ledger's row is locked first, and what already has its
    recommendation is not waiting any more. With `skip_locked`, a ledger that another worker holds is left to it;
    without `anew`, forecasts of the day stand as long as no vacancy lacks its own.
    """
    now = now or timezone.now()
    handled, after = 0, 0
    while True:
        count, last = route_next(ledger_id=ledger_id, now=now, after=after, skip_locked=skip_locked, anew=anew)
        handled += count
        if last is None:
            return handled
        after = last


@cache
def _locked(skip_locked: bool) -> Once[Ledger]:
    return Once(
        lambda ledger: (
            in_order(Ledger.objects.all(), skip_locked=skip_locked)
            .select_related("landlord")
            .annotate(starts_on=first_day("landlord"))
            .filter(pk=ledger)
        ),
        ledger=-1,
    )


@atomic
def route_next(
    *, ledger_id: int, now: datetime, after: int = 0, skip_locked: bool = False, anew: bool = True
) -> tuple[int, int | None]:
    """Recommend a holder for the next vacancies of a ledger that come `after` one (its id), `BATCH` at most.

    How many were handled, and the last one looked at when others may follow it.
    """
    today = timezone.localdate(now)
    ledger = next(iter(_locked(skip_locked)(ledger=ledger_id)), None)
    if ledger is None or (ledger.starts_on is not None and ledger.starts_on > today):
        return 0, None
    there = chosen(ledger, today)
    window = there.window
    most = BATCH + window.length
    waiting = waiting_after(ledger, after, most)
    if not waiting:
        return 0, None
    held, more, queue = rights_in(ledger), True, list[Vacancy]()
    while more:
        more = len(waiting) == most
        take_up(waiting, held, today=today)
        known, passed = sorted_out(waiting, held)
        queue += known
        forget(passed, now=now, cause=FormerForecast.Cause.MOVED)
        if len(queue) >= window.length or not more:
            break
        # However many are passed over, as many are known as are planned together.
        waiting = waiting_after(ledger, waiting[-1].pk, most)
    foreseen = not window.plans or not queue or (not anew and is_foreseen(queue, today=today))
    if foreseen and not is_firm(queue, held, window, today=today):
        return 0, None
    batch = Batch(load(ledger, held, there), now, there.automatic, window)
    decided: list[Vacancy] = []
    while len(decided) < BATCH and is_firm(queue, held, window, today=today):
        if more and decided and len(queue) < window.length:  # others may be known, that were not read
            break
        _recommend(batch, queue)
        decided.append(queue.pop(0))
    if decided:
        batch.write()
        forget(decided, now=now)
    if decided and (more or is_firm(queue, held, window, today=today)):
        return len(decided), decided[-1].pk
    if window.plans:
        foresee(batch.situation, queue, window, now=now)
    return len(decided), None


def _recommend(batch: Batch, queue: Sequence[Vacancy]) -> None:
    """Decide the first of a queue in memory, the others being known.

    What it credits is dated of its registration where nothing waits; otherwise of its decision: until then nothing is
    in the account.
    """
    vacancy, window = queue[0], batch.window
    entered = batch.situation.enter(
        vacancy, sequence=batch.situation.ledger.sequence + 1, waiting=queue[1 : window.length], window=window.length
    )
    due_at = batch.now if window.plans else vacancy.registered_at
    batch.decide(vacancy, entered, vacancy.categories, attempt=1, due_at=due_at)


def sweep_waiting_vacancies(*, now: datetime | None = None) -> int:
    """Route what a lost message left behind in any ledger, and what the morning makes firm. Returns how many were
    handled.

    Only ledgers where a vacancy has not been looked at, or not today, are locked: what waits for others to be known
    costs nothing until then. Works in place and sends no message, so that a broker that comes back finds no flood of
    duplicates.
    """
    now = now or timezone.now()
    behind = Vacancy.objects.to_reach(timezone.localdate(now))
    ledgers = behind.order_by("ledger").values_list("ledger", flat=True).distinct()

    def routed(ledger: int | None) -> int:
        assert ledger is not None, "a vacancy of the flow has its ledger, by a constraint"
        return route_waiting_vacancies(ledger_id=ledger, now=now, skip_locked=True, anew=False)

    return each_alone("flux.routing", list(ledgers), routed, name="ledger:{}".format, now=now)


# --- a person's turn -----------------------------------------------------------------------------------------------


@atomic
def confirm_recommendations(
    *, vacancies: Iterable[int], by: User, seen: Mapping[int, int] | None = None, now: datetime | None = None
) -> list[Routing]:
    """Follow the recommendation of each of these vacancies. All are routed, or none.

    `seen`: {vacancy id: id of the recommendation that the person read}; another one made since is not followed.
    Raises RoutingRefused when one is not waiting for a confirmation any more, or waits for another one.
    """
    now = now or timezone.now()
    locked = lock(vacancies)
    held = held_by_vacancy([current.vacancy for current in locked])
    routings, followed = [], []
    for current in locked:
        vacancy, recommendation = current.vacancy, _decided(current)
        followed.append(recommendation)
        if current.routing is not None:
            raise RoutingRefused(
                f"{vacancy.unit} est déjà orienté vers {towards(current.routing.holder)}. Rechargez la page."
            )
        if seen is not None and seen.get(vacancy.pk, recommendation.pk) != recommendation.pk:
            raise RoutingRefused(
                f"Entre-temps, {vacancy.unit} a été rendu et recommandé de nouveau, {to(recommendation.holder)}. "
                "Relisez la fiche, puis décidez de nouveau."
            )
        routings.append(open_in_place(vacancy, recommendation.holder, recommendation, held[vacancy.pk], now=now))
        routings[-1].routed_by = by
    name_delegates(routings)
    lay_routings(routings)
    lay_entries(
        [
            moved
            for routing, recommendation in zip(routings, followed, strict=True)
            for moved in _confirmed(routing, recommendation, now=now)
        ]
    )
    for routing, recommendation in zip(routings, followed, strict=True):
        if routing.holder != recommendation.holder:
            _move_count(recommendation, recommendation.holder, routing.holder, now=now)
    return routings


def _confirmed(routing: Routing, recommendation: Recommendation, *, now: datetime) -> Iterable[FlowEntry]:
    """What waited for a person is routed: to whom it was recommended, or to who has its place since."""
    rank = recommendation.sequence if routing.holder != recommendation.holder else None
    ledger = recommendation.ledger_id
    yield entry(routing.vacancy, recommendation.holder, Stage.AWAITING, -1, now=now, ledger=ledger)
    yield entry(routing.vacancy, routing.holder, Stage.ROUTED, 1, now=now, sequence=rank, ledger=ledger)
    yield from offered(routing.vacancy, routing.holder, 1, now=now)


def until_decided(vacancy: Vacancy) -> str:
    """What a departure that waits is waiting for, and until when; what to do. Two queries."""
    if vacancy.unit.is_sold:
        return f"il est {out_of_stock(vacancy.unit)}."
    expected = ExpectedHolder.objects.filter(vacancy=vacancy).first()
    if expected is None and not coverage(vacancy.unit, on=vacancy.rights_on).covered:
        return f"{nowhere(vacancy)} Il sera orienté, à sa place, quand une convention y sera en vigueur."
    if expected is None:
        return "attendez quelques secondes et rechargez la page."
    return (
        "il attend que d’autres départs soient connus. Il sera décidé "
        f"le {expected.firm_on:%d/%m/%Y} au plus tard ; pour ne pas attendre, demandez qu’il soit décidé maintenant."
    )


def out_of_stock(unit: Unit) -> str:
    """« sorti du parc le 3 mars 2026 (vendu autrement) : annulez… », of a unit that falls vacant no more."""
    return (
        f"sorti du parc le {day(unit.left_on)} ({unit.get_left_why_display()}) : annulez sa déclaration. S’il y est "
        "encore, importez-le de nouveau sans motif de sortie"
    )


def _decided(state: DecisionState) -> Recommendation:
    """The latest recommendation. Raises RoutingRefused when there is none, or when the unit has left the flow."""
    unit = state.vacancy.unit
    if state.recommendation is None and state.vacancy.kind in Vacancy.BESIDE:
        raise RoutingRefused(
            f"{unit} est hors du flux : il va à qui a un droit sur lui, et à un autre pour un tour s’il le rend."
        )
    if state.recommendation is None:
        raise RoutingRefused(f"{unit} n’a pas encore de recommandation : {until_decided(state.vacancy)}")
    if unit.is_sold:
        raise RoutingRefused(f"{unit} est {out_of_stock(unit)}.")
    if state.is_out:
        raise RoutingRefused(
            f"{unit} a quitté le flux pour travaux : remettez-le en location, sur sa fiche, quand il redevient louable."
        )
    return state.recommendation


@atomic
def route_elsewhere(
    *,
    vacancy: Vacancy,
    holder: ReservationHolder,
    motive: str,
    motive_text: str,
    by: User,
    instead_of: ReservationHolder | None = None,
    was_routed: bool | None = None,
    now: datetime | None = None,
) -> Routing:
    """Send a vacancy to another holder than the one it is recommended for, or already routed to.

    The counters follow: the first holder no longer counts it as received, the new one does; recommendations
    already made for other vacancies stand. `instead_of` is the holder the person saw, and
    `was_routed` whether it was already routed there or only recommended: when either has changed since, nothing is
    done, so that nobody overturns a colleague's decision unread.

    Raises RoutingRefused: no motive, a holder without a right there (nor the place of one that has), or whose
    convention says that it does not take this unit while nothing says that it agrees, the same holder, or a page out
    of date.
    """
    now = now or timezone.now()
    [state] = lock([vacancy.pk])
    vacancy, current, recommendation = state.vacancy, state.routing, _decided(state)
    holder = contingent_now(holder, timezone.localdate(now))
    held_by = current.holder if current else recommendation.holder
    if instead_of is not None and instead_of != held_by:
        raise RoutingRefused(
            f"Entre-temps, ce logement est passé {to(held_by)}. Relisez la fiche, puis décidez de nouveau."
        )
    if was_routed is not None and was_routed != (current is not None):
        raise RoutingRefused(
            f"Entre-temps, ce logement a été orienté vers {towards(held_by)}. Relisez la fiche, puis décidez "
            "de nouveau."
        )
    if holder == held_by:
        raise RoutingRefused(
            f"Ce logement est déjà pour {towards(holder)} : choisissez une autre destination.", field="holder"
        )
    if holder.pk in state.returned:
        raise RoutingRefused(f"{holder} a déjà rendu ce logement : choisissez une autre destination.", field="holder")
    if motive not in Routing.Motive.values or not motive_text.strip():
        raise RoutingRefused(
            "Dites pourquoi, en choisissant un motif et en écrivant une phrase : elle sera lue par les réservataires.",
            field="motive_text" if motive in Routing.Motive.values else "motive",
        )
    ranked = _ranked(recommendation, holder, timezone.localdate(now))
    if ranked is None:
        raise RoutingRefused(
            f"{holder} n’a pas de droit là où se trouve ce logement : choisissez une destination du classement.",
            field="holder",
        )
    _check_declined(recommendation, ranked, motive)
    if current is not None:
        check_not_allocated(current)
        current.closed_at = now
        current.save(update_fields=["closed_at"])
    held = held_by_vacancy([vacancy])[vacancy.pk]
    routing = open_routing(vacancy, ranked, recommendation, held, now=now)
    routing.holder, routing.routed_by, routing.motive, routing.motive_text = holder, by, motive, motive_text.strip()
    name_delegates([routing])
    routing.save()
    ledger = recommendation.ledger_id
    lay_entries(
        [
            entry(vacancy, held_by, Stage.ROUTED if current else Stage.AWAITING, -1, now=now, ledger=ledger),
            entry(vacancy, holder, Stage.ROUTED, 1, now=now, sequence=recommendation.sequence, ledger=ledger),
            *(offered(vacancy, held_by, -1, now=now) if current else []),
            *offered(vacancy, holder, 1, now=now),
        ]
    )
    _move_count(recommendation, held_by, holder, now=now)
    foresee_again(recommendation.ledger_id)
    return routing


def _ranked(recommendation: Recommendation, holder: ReservationHolder, on: date) -> ReservationHolder | None:
    """Under which name a ranking has a holder: its own, or that of one whose place it has since. One query, for a
    holder that the ranking does not name."""
    ids = [int(row["id"]) for row in recommendation.ranking]
    if holder.pk in ids:
        return holder
    united = ReservationHolder.objects.filter(pk__in=ids, organisation__merged_into__isnull=False)
    found = united.select_related("organisation").order_by("pk")
    return next((each for each in found if contingent_now(each, on) == holder), None)


def _check_declined(recommendation: Recommendation, holder: ReservationHolder, motive: str) -> None:
    """A holder gets what its convention says it does not take only when it asks for it, or agrees to it."""
    [facts] = [row for row in recommendation.situation["holders"] if row["id"] == str(holder.pk)]
    if facts.get("declines") and motive not in Routing.WILLING:
        raise RoutingRefused(
            f"Selon sa convention, {holder} ne prend pas {plural_of(facts['declines'])} : il faut son accord ou sa "
            "demande, choisissez ce motif ou une autre destination.",
            field="motive",
        )


def _move_count(
    recommendation: Recommendation, giver: ReservationHolder, taker: ReservationHolder, *, now: datetime
) -> None:
    """Move one received unit between two lines of the ledger, in the categories that the recommendation saw."""
    situation = load(recommendation.ledger)
    situation.admit([taker])
    situation.move(str(giver.pk), str(taker.pk), recommendation)
    write_lines(situation, on=timezone.localdate(now))
