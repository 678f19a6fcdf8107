"""Routing: the engine recommends, under the lock of the ledger; a person follows or overrides."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from flux.engine import versions
from flux.engine.wording import sentence
from flux.models import FlowEntry, Ledger, LedgerLine, Recommendation, Routing, RoutingPolicy, Vacancy
from flux.situation import LedgerSituation, OverCommitted, load
from reservations.models import ReservationHolder, User
from reservations.refusals import Refusal

logger = logging.getLogger(__name__)

#: Vacancies handled in one transaction; the queries are the same for one as for all of them.
BATCH = 500

Stage = FlowEntry.Stage


class RoutingRefused(Refusal):
    """The routing asked for cannot be done; the sentence says what to do next."""


# --- the engine's turn ---------------------------------------------------------------------------------------------


def route_waiting_vacancies(*, ledger_id: int, now: datetime | None = None, skip_locked: bool = False) -> int:
    """Recommend a holder for every vacancy that waits in a ledger, in order of registration.

    Returns how many were handled. Safe to run twice, or by many workers at once: the ledger's row is locked
    first, and what already has its recommendation is not waiting any more. With `skip_locked`, a ledger that
    another worker holds is left to it.
    """
    now = now or timezone.now()
    handled = 0
    after = 0
    while True:
        batch = _route_batch(ledger_id, now, after, skip_locked)
        handled += batch.handled
        if batch.last is None:
            return handled
        after = batch.last


@dataclass(slots=True)
class _Batch:
    """What one transaction writes."""

    recommendations: list[Recommendation] = field(default_factory=list)
    routings: list[Routing] = field(default_factory=list)
    entries: list[FlowEntry] = field(default_factory=list)
    last: int | None = None

    @property
    def handled(self) -> int:
        return len(self.recommendations)


@transaction.atomic
def _route_batch(ledger_id: int, now: datetime, after: int, skip_locked: bool) -> _Batch:
    batch = _Batch()
    ledger = (
        Ledger.objects.select_for_update(of=("self",), skip_locked=skip_locked)
        .select_related("landlord")
        .filter(pk=ledger_id)
        .first()
    )
    if ledger is None:
        return batch
    waiting = list(
        ledger.vacancies.waiting()
        .filter(pk__gt=after)
        .select_related("unit__commune", "unit__programme")
        .order_by("pk")[:BATCH]
    )
    if not waiting:
        return batch
    situation = load(ledger)
    automatic = RoutingPolicy.objects.is_automatic(ledger.landlord, timezone.localdate(now))
    for vacancy in waiting:
        _recommend(situation, vacancy, batch, now=now, automatic=automatic)
    if batch.recommendations:
        _write(ledger, situation, batch)
    batch.last = waiting[-1].pk if len(waiting) == BATCH else None
    return batch


def _recommend(situation: LedgerSituation, vacancy: Vacancy, batch: _Batch, *, now: datetime, automatic: bool) -> None:
    """Decide one vacancy in memory. Where over 100 % is promised it goes on waiting, and its page says why."""
    ledger = situation.ledger
    sequence = ledger.sequence + 1
    try:
        entered = situation.enter(vacancy, sequence=sequence)
    except OverCommitted as error:
        logger.debug("Vacancy %s waits: %s", vacancy.pk, error)
        return
    ledger.sequence, facts = sequence, entered.facts
    decision = versions.VERSIONS[versions.CURRENT](facts)
    situation.receive(decision.holder, vacancy, sequence=sequence)
    holder = situation.holders[decision.holder]
    recommendation = Recommendation(
        vacancy=vacancy,
        ledger=ledger,
        sequence=sequence,
        holder=holder,
        reason=decision.reason,
        sentence=sentence(facts, decision),
        situation=facts.as_json(),
        ranking=decision.ranking_as_json(),
        engine_version=decision.version,
        fingerprint=facts.fingerprint(),
        recorded_at=now,
    )
    batch.recommendations.append(recommendation)
    batch.entries += [
        _entry(vacancy, situation.holders[key], Stage.DUE, share, now=vacancy.registered_at)
        for key, share in entered.shares.items()
        if share
    ]
    batch.entries += [
        _entry(vacancy, situation.holders[key], Stage.CARRIED, step, now=vacancy.registered_at)
        for key, step in entered.carried.items()
    ]
    if automatic:
        batch.routings.append(Routing(vacancy=vacancy, holder=holder, recommendation=recommendation, routed_at=now))
    batch.entries.append(_entry(vacancy, holder, Stage.ROUTED if automatic else Stage.AWAITING, 1, now=now))


def _write(ledger: Ledger, situation: LedgerSituation, batch: _Batch) -> None:
    """Five statements, whatever the number of vacancies."""
    Recommendation.objects.bulk_create(batch.recommendations)
    Routing.objects.bulk_create(batch.routings)
    FlowEntry.objects.bulk_create(batch.entries)
    _write_lines(situation)
    ledger.save(update_fields=["sequence"])


def sweep_waiting_vacancies(*, now: datetime | None = None) -> int:
    """Route what waits in every ledger: what a lost message left behind. Returns how many were handled.

    Works in place and sends no message, so that a broker that comes back finds no flood of duplicates.
    """
    ledgers = Vacancy.objects.waiting().order_by("ledger").values_list("ledger", flat=True).distinct()
    handled = 0
    for ledger in ledgers:
        assert ledger is not None, "a vacancy of the flow has its ledger, by a constraint"
        try:
            handled += route_waiting_vacancies(ledger_id=ledger, now=now, skip_locked=True)
        except Exception:  # one ledger at fault must not make all the others wait: it is told, and tried again
            logger.exception("Ledger %s could not be routed", ledger)
    return handled


def _entry(vacancy: Vacancy, holder: ReservationHolder, stage: Stage, quantity: int, *, now: datetime) -> FlowEntry:
    assert vacancy.ledger_id is not None, "a vacancy of the flow has its ledger, by a constraint"
    return FlowEntry(
        ledger_id=vacancy.ledger_id,
        holder=holder,
        vacancy=vacancy,
        stage=stage,
        quantity=quantity,
        on=timezone.localdate(now),
    )


# --- a person's turn -----------------------------------------------------------------------------------------------


@transaction.atomic
def confirm_recommendations(*, vacancies: Iterable[int], by: User, now: datetime | None = None) -> list[Routing]:
    """Follow the recommendation of each of these vacancies. All are routed, or none.

    Raises RoutingRefused when one is not waiting for a confirmation any more.
    """
    now = now or timezone.now()
    locked = _lock(vacancies)
    routings = []
    for vacancy, recommendation, routing in locked:
        if recommendation is None:
            raise RoutingRefused(
                f"{vacancy.unit} n’a pas encore de recommandation : attendez quelques secondes et rechargez la page."
            )
        if routing is not None:
            raise RoutingRefused(f"{vacancy.unit} est déjà orienté vers {routing.holder}. Rechargez la page.")
        routings.append(Routing(vacancy=vacancy, holder=recommendation.holder, recommendation=recommendation))
    for routing in routings:
        routing.routed_at, routing.routed_by = now, by
    Routing.objects.bulk_create(routings)
    FlowEntry.objects.bulk_create(
        _entry(routing.vacancy, routing.holder, stage, quantity, now=now)
        for routing in routings
        for stage, quantity in ((Stage.AWAITING, -1), (Stage.ROUTED, 1))
    )
    return routings


@transaction.atomic
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

    Raises RoutingRefused: no motive, a holder without a right there, the same holder, or a page out of date.
    """
    now = now or timezone.now()
    [(vacancy, recommendation, current)] = _lock([vacancy.pk])
    if recommendation is None:
        raise RoutingRefused("Ce logement n’a pas encore de recommandation : attendez quelques secondes.")
    held_by = current.holder if current else recommendation.holder
    if instead_of is not None and instead_of != held_by:
        raise RoutingRefused(
            f"Entre-temps, ce logement est passé à {held_by}. Relisez la fiche, puis décidez de nouveau."
        )
    if was_routed is not None and was_routed != (current is not None):
        raise RoutingRefused(
            f"Entre-temps, ce logement a été orienté vers {held_by}. Relisez la fiche, puis décidez de nouveau."
        )
    if holder == held_by:
        raise RoutingRefused(f"Ce logement est déjà pour {holder} : choisissez une autre destination.", field="holder")
    if motive not in Routing.Motive.values or not motive_text.strip():
        raise RoutingRefused(
            "Dites pourquoi, en choisissant un motif et en écrivant une phrase : elle sera lue par les réservataires.",
            field="motive_text" if motive in Routing.Motive.values else "motive",
        )
    if str(holder.pk) not in {row["id"] for row in recommendation.ranking}:
        raise RoutingRefused(
            f"{holder} n’a pas de droit là où se trouve ce logement : choisissez une destination du classement.",
            field="holder",
        )
    if current is not None:
        current.closed_at = now
        current.save(update_fields=["closed_at"])
    routing = Routing.objects.create(
        vacancy=vacancy,
        holder=holder,
        recommendation=recommendation,
        routed_at=now,
        routed_by=by,
        motive=motive,
        motive_text=motive_text.strip(),
    )
    FlowEntry.objects.bulk_create(
        [
            _entry(vacancy, held_by, Stage.ROUTED if current else Stage.AWAITING, -1, now=now),
            _entry(vacancy, holder, Stage.ROUTED, 1, now=now),
        ]
    )
    _move_count(recommendation, held_by, holder)
    return routing


def _lock(vacancies: Iterable[int]) -> Sequence[tuple[Vacancy, Recommendation | None, Routing | None]]:
    """Lock the ledgers of these vacancies, in one order, then read where each vacancy stands."""
    ids = list(vacancies)
    ledgers = Ledger.objects.filter(vacancies__in=ids).order_by().values("pk")
    list(Ledger.objects.select_for_update().filter(pk__in=ledgers).order_by("pk"))
    found = (
        Vacancy.objects.filter(pk__in=ids, kind=Vacancy.Kind.IN_FLOW)
        .select_related("unit__commune", "unit__programme")
        .prefetch_related(
            "recommendations__holder__organisation",
            "recommendations__ledger__landlord",
            "routings__holder__organisation",
        )
        .order_by("pk")
    )
    standing = [
        (
            vacancy,
            next(iter(vacancy.recommendations.all()), None),
            next((routing for routing in vacancy.routings.all() if routing.closed_at is None), None),
        )
        for vacancy in found
    ]
    if not ids or len(standing) != len(set(ids)):
        raise RoutingRefused("Choisissez au moins un logement du flux, puis recommencez.")
    return standing


def _move_count(recommendation: Recommendation, giver: ReservationHolder, taker: ReservationHolder) -> None:
    """Move one received unit between two lines of the ledger, in the categories that the recommendation saw."""
    situation = load(recommendation.ledger)
    situation.move(str(giver.pk), str(taker.pk), recommendation)
    _write_lines(situation)


def _write_lines(situation: LedgerSituation) -> None:
    """Write back the lines whose figures moved. One statement."""
    LedgerLine.objects.bulk_create(
        situation.lines(),
        update_conflicts=True,
        unique_fields=["ledger", "holder"],
        update_fields=["due", "received", "last_served", "profile"],
    )
