"""Earlier.

* What units that entered the flow between the first day of a convention and its signature would have owed its
  holders, had it been signed: what is shown before signing is what is then settled (docs/decisions/0118).
* The plan of the known departures of a ledger, as it would be if the first were decided now: nothing is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef, Q, Sum

from flux.engine import versions
from flux.engine.counters import Spread
from flux.engine.facts import Decision, Situation
from flux.models import DecisionWindow, FlowEntry, Ledger, Vacancy
from flux.queries.conventions import bearing
from flux.queries.departures import firm_on, in_turn, queue_of
from flux.situation.ledger import LedgerSituation
from flux.situation.loading import load
from reservations.models import Convention, ReservationHolder
from reservations.models.convention import UNIT
from reservations.queries.rights import Right, rights_in

Stage = FlowEntry.Stage


@dataclass(frozen=True, slots=True)
class Earlier:
    """What one account would have owed one holder: `amount` in millionths, `parts` by dimension and category, of
    `units` that entered the flow on the days `since` to `until`."""

    holder: ReservationHolder
    amount: int
    parts: Spread
    units: int
    since: date
    until: date


def settled_from(convention: Convention) -> date | None:
    """The first day whose units it owes once it is recorded as signed; None for those of no day. Its own first day,
    where its text settles what precedes the signature, or where it was signed by then; else the day after the last
    signature, that a paper may bear long before it is recorded. Of an order, its first day or none, as it says."""
    if convention.earlier_dues == Convention.EarlierDues.SETTLED:
        return convention.starts_on
    if convention.is_order or convention.signed_on is None:
        return None
    if convention.signed_on <= convention.starts_on:
        return convention.starts_on
    return convention.signed_on + timedelta(days=1)


def earlier_ledgers(convention: Convention, *, since: date | None = None) -> list[Ledger]:
    """The yearly accounts of the landlord that some unit entered since its first day, or `since`, the oldest first."""
    entered = Vacancy.objects.filter(
        _period(convention, since), entries__ledger=OuterRef("pk"), entries__stage=Stage.DUE
    )
    first = since or convention.starts_on
    found = Ledger.objects.ordinary().filter(Exists(entered), landlord=convention.landlord_id, exercise__gte=first.year)
    return list(found.select_related("landlord", "departement").order_by("exercise", "pk"))


def earlier_dues(
    situation: LedgerSituation, convention: Convention, *, since: date | None = None, before: datetime | None = None
) -> list[Earlier]:
    """What one account would have owed each holder of a convention, signed or not, for the units that it credited
    since its first day, or `since`; `before`: credited until then only. Four queries, one more for units a year.

    A right of N units a year stops there. Nothing is written."""
    mine, ledger = rights_in(convention), situation.ledger
    credited = FlowEntry.objects.filter(ledger=ledger, stage=Stage.DUE)
    if before is not None:
        credited = credited.filter(recorded_at__lt=before)
    counted = credited.order_by().values("vacancy").annotate(due=Sum("quantity")).exclude(due=0)
    units = (
        Vacancy.objects.filter(_period(convention, since), pk__in=counted.values("vacancy"))
        .select_related("unit__commune", "unit__programme")
        .order_by("pk")
    )
    held_on = [(unit, bearing(mine, unit)) for unit in units]
    each_holder = {right.holder.pk: right.holder for right in mine}  # one may have several rights, one after another
    in_units = {right.holder.pk for right in mine if right.yearly_units is not None}
    found = (_of_one(situation, each, held_on, in_units=pk in in_units) for pk, each in each_holder.items())
    return [each for each in found if each is not None]


def owed_before(convention: Convention) -> list[tuple[Ledger, Earlier]]:
    """What each account would have owed, as things stand: what is shown before signing. A few queries an account."""
    return [(ledger, each) for ledger in earlier_ledgers(convention) for each in earlier_dues(load(ledger), convention)]


def _of_one(
    situation: LedgerSituation, holder: ReservationHolder, units: list[tuple[Vacancy, list[Right]]], *, in_units: bool
) -> Earlier | None:
    credited = _credited(situation, holder) if in_units else 0
    amount, days, parts = 0, [], {dimension: dict[str, int]() for dimension in situation.counters.dimensions}
    key = str(holder.pk)
    situation.admit([holder])
    for unit, held in units:
        own = [each for each in held if each.holder.pk == holder.pk]
        share = sum(each.share for each in own)
        for most in (each.yearly_units for each in own if each.yearly_units is not None):
            share = min(share, UNIT * most - credited - amount)
        if share <= 0:
            continue
        categories = unit.entered_as or unit.categories
        spread = situation.spread_of(key, share, unit, categories, held)
        for dimension, totals in parts.items():
            for name, part in spread.get(dimension, {categories[dimension]: share}).items():
                totals[name] = totals.get(name, 0) + part
        amount += share
        days.append(unit.rights_on)
    return Earlier(holder, amount, parts, len(days), min(days), max(days)) if days else None


def _credited(situation: LedgerSituation, holder: ReservationHolder) -> int:
    """What an account credited to a holder already, in millionths: a right of N units a year stops there."""
    shared = Q(stage=Stage.DUE) | Q(settled__isnull=False)
    own = FlowEntry.objects.filter(shared, ledger=situation.ledger, holder=holder)
    return own.aggregate(due=Sum("quantity"))["due"] or 0


def _period(convention: Convention, since: date | None) -> Q:
    """On vacancies: their rights are those of a day of the convention, the days before `since` apart."""
    days = (since or convention.starts_on, convention.ends_on)
    return Q(covered_on__range=days) | Q(covered_on=None, registered_on__range=days)


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
