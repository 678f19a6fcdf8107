"""The plan of the known departures of a ledger, as it would be if the first were decided now: nothing is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flux.engine import versions
from flux.engine.facts import Decision, Situation
from flux.models import DecisionWindow, Ledger, Vacancy
from flux.queries.firm import firm_on, in_turn
from flux.queries.known import queue_of
from flux.situation.ledger import LedgerSituation
from flux.situation.loading import load
from reservations.models import ReservationHolder


@dataclass(frozen=True, slots=True)
class PlannedDeparture:
    """One known departure: where it would go, and the day on which it is decided at the latest."""

    vacancy: Vacancy
    holder: ReservationHolder
    firm_on: date


@dataclass(frozen=True, slots=True)
class Plan:
    """The known departures in order of registration, the first being the next to be decided; what its decision would
    see and say (`flux.engine.forecast` draws the table from both)."""

    departures: tuple[PlannedDeparture, ...]
    facts: Situation
    decision: Decision


def plan(situation: LedgerSituation, queue: Sequence[Vacancy], window: DecisionWindow) -> Plan | None:
    """Plan what waits in a ledger; None when nothing does. No query. The situation is used up: in it, and nowhere else,
    the first departure is credited."""
    known = queue[: window.length]
    if not known:
        return None
    days = in_turn(firm_on(each, situation.held_at(each), window.days) for each in known)
    entered = situation.enter(known[0], sequence=situation.ledger.sequence + 1, waiting=known[1:], window=window.length)
    decision = versions.VERSIONS[versions.version_of(window.length)](entered.facts)
    holders = decision.plan or (decision.holder,)
    departures = tuple(
        PlannedDeparture(vacancy, situation.holders[holder], day)
        for vacancy, holder, day in zip(known, holders, days, strict=True)
    )
    return Plan(departures, entered.facts, decision)


def planned(ledger: Ledger, *, today: date) -> Plan | None:
    """The plan of a ledger as it stands; None when nothing waits there, or departures are not planned together. Eight
    queries, whatever waits; one when there is nothing to plan."""
    window = DecisionWindow.objects.of(ledger.landlord, today)
    if not window.plans:
        return None
    situation = load(ledger)
    return plan(situation, queue_of(ledger, situation.rights, window), window)
