"""The acts on ledgers.

* Opening the ledger that a vacancy enters, locked; several of them, in the one order of locks.
* Past routings of one transaction, each account being locked and read once.
* The first letting of a unit of a new programme: to whom the agreed allotment gives it, and in which accounts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Count, Q
from django.utils import timezone

from flux.engine.allotment import furthest_behind, step
from flux.engine.counters import Spread
from flux.models import (
    Allotment,
    AllottedUnit,
    FlowEntry,
    Ledger,
    OutsideFlow,
    Programme,
    Return,
    Routing,
    StockAssignment,
    Unit,
    Vacancy,
)
from flux.operations.decision import write_lines
from flux.operations.departures import foresee_again
from flux.operations.entries import carry_over, year_before
from flux.queries.conventions import applied, held_by_vacancy, name_delegates
from flux.situation import LedgerSituation, load
from reservations.models.convention import UNIT
from reservations.models.guards import in_order
from reservations.queries.parties import contingent_now
from reservations.queries.rights import over_commitment_at
from reservations.refusals import Refusal
from reservations.words import to, upper_first

#: No ledger.
NONE = Q(pk__in=[])


def hold_for(unit: Unit, on: date, *, first: bool = False, yearly: bool = False, also: Q = NONE) -> list[Ledger]:
    """Lock, oldest year first, every ledger that an act on a unit touches: those of first lettings and of the yearly
    percentages of its département for the year of a day, opened when they are not, and `also` others of the same
    département, of that year or before. Returns those of `also`.

    The yearly one is locked, when it is opened, with that of first lettings, which a convention may count in it; what
    opening it would carry over from the year before is locked first.
    """
    there = Q(landlord=unit.landlord_id, departement=unit.commune.departement_id)
    own = there & Q(exercise=on.year, kind=Ledger.Kind.ORDINARY)
    opened = Ledger.objects.filter(own).exists()
    carried = NONE if opened else there & Q(exercise=on.year - 1, kind=Ledger.Kind.ORDINARY)
    asked = set(Ledger.objects.filter(also).order_by().values_list("pk", flat=True))
    held = _held(Q(pk__in=asked, exercise__lt=on.year) | carried)
    if first:
        open_ledger(unit, on, kind=Ledger.Kind.FIRST_LETTING)
    held += _held(Q(pk__in=asked, exercise__gte=on.year) | (own if first else NONE))
    if yearly:
        open_ledger(unit, on)
    return [ledger for ledger in held if ledger.pk in asked]


def _held(which: Q) -> list[Ledger]:
    return list(in_order(Ledger.objects.filter(which)).select_related("landlord", "departement"))


def open_first_lettings(unit: Unit, on: date) -> Ledger:
    """The ledger of first lettings of the unit's département for that exercise, locked; then the yearly one, when it is
    opened, that a convention may count them in. To be called before what counts a vacancy by its class."""
    hold_for(unit, on, first=True)
    return open_ledger(unit, on, kind=Ledger.Kind.FIRST_LETTING)


def open_ledger(unit: Unit, on: date, *, kind: Ledger.Kind = Ledger.Kind.ORDINARY) -> Ledger:
    """The ledger of the unit's département for that exercise, locked: rows are numbered in the order they commit.

    The one of the yearly percentages is opened with what the year before carries over. Who needs several ledgers locks
    them by `hold_for`.
    """
    return open_account(unit.landlord_id, unit.commune.departement_id, on, kind=kind)


def open_one_turn(yearly: Ledger) -> Ledger:
    """The account of the units that are handed on for one turn beside a yearly one, which is held: it is locked after
    it, and opened by the first of them."""
    on = date(yearly.exercise, 12, 31)
    return open_account(yearly.landlord_id, yearly.departement_id, on, kind=Ledger.Kind.ONE_TURN)


def open_account(
    landlord: int, departement: int | None, on: date, *, kind: Ledger.Kind = Ledger.Kind.ORDINARY
) -> Ledger:
    """The same ledger, of a landlord and a département (ids)."""
    key = {"landlord_id": landlord, "departement_id": departement, "exercise": on.year, "kind": kind}
    known = in_order(Ledger.objects.filter(**key)).select_related("landlord", "departement")
    opened = known.first()
    if opened is None:
        ledger = Ledger(**key)
        before = year_before(ledger) if kind == Ledger.Kind.ORDINARY else None  # the oldest is locked first
        Ledger.objects.bulk_create([ledger], ignore_conflicts=True)  # another clerk may open it first
        opened = known.get()
        if before is not None:
            carry_over(before=before, ledger=opened)
    return opened


@dataclass(slots=True)
class PastBook:
    """Past routings of one transaction: each account is locked and read once, whatever their number, and written by
    `close`. A routing that is refused has moved nothing of what is held here."""

    ledgers: dict[tuple[int, int | None, int], Ledger] = field(default_factory=dict)
    limits: dict[int, tuple[date | None, date | None]] = field(default_factory=dict)
    situations: dict[int, LedgerSituation] = field(default_factory=dict)
    bearing: dict[int, bool] = field(default_factory=dict)
    left: dict[int, date | None] = field(default_factory=dict)  # when each unit (id) left the stock
    outside: set[int] = field(default_factory=set)  # units (ids) that were ever outside what shares bear on
    #: Units (ids) that were given back in the past: their notice may be there, with nobody.
    gave_back: set[int] = field(default_factory=set)

    def hold(self, units: Collection[int]) -> None:
        """Lock these units (ids), and read which of them ever bore a right in stock or were outside what shares bear
        on, or were given back. Four queries."""
        locked = in_order(Unit.objects.all()).filter(pk__in=units)
        left: dict[int, date | None] = dict(locked.values_list("pk", "left_on"))
        self.left |= left
        self.bearing |= dict.fromkeys(left, False)
        borne = StockAssignment.objects.filter(unit__in=units).order_by().values_list("unit", flat=True)
        self.bearing |= dict.fromkeys(borne.distinct(), True)
        self.outside |= set(OutsideFlow.objects.filter(unit__in=units).order_by().values_list("unit", flat=True))
        past = Return.objects.filter(routing__vacancy__unit__in=units, routing__vacancy__source=Vacancy.Source.PAST)
        self.gave_back |= set(past.order_by().values_list("routing__vacancy__unit", flat=True))

    def hold_ledgers(self, units: Iterable[Unit], *, since: int) -> None:
        """Lock the accounts of these units from a year on, in the one order, before any of them moves: lines come in
        that of their file, and what an account of the past moves, later ones carry. One query."""
        places = {(unit.landlord_id, unit.commune.departement_id) for unit in units}
        there = Q(landlord__in={landlord for landlord, _ in places}, departement__in={place for _, place in places})
        list(in_order(Ledger.objects.ordinary().filter(there, exercise__gte=since)))

    def given_back(self, unit: Unit, on: date) -> Vacancy | None:
        """The notice of that day, taken over, that nobody has since it was given back. A query, for a unit that was."""
        if unit.pk not in self.gave_back:
            return None
        current = Vacancy.objects.filter(unit=unit, notice_on=on, source=Vacancy.Source.PAST)
        return current.exclude(routings__closed_at=None).select_related("unit__commune", "unit__landlord").first()

    def bears(self, unit: Unit, on: date) -> bool:
        """Did it bear a right in stock that day? Asked of those that ever bore one."""
        if unit.pk not in self.bearing:
            self.hold([unit.pk])
        return self.bearing[unit.pk] and StockAssignment.objects.living(on).filter(unit=unit).exists()

    def is_outside(self, unit: Unit, on: date) -> bool:
        """Was it outside what shares bear on that day? Asked after `bears`, of those that ever were."""
        return unit.pk in self.outside and OutsideFlow.objects.in_force(on).filter(unit=unit).exists()

    def ledger(self, unit: Unit, on: date) -> Ledger:
        """The account of a unit for the year of a day, locked."""
        key = (unit.landlord_id, unit.commune.departement_id, on.year)
        if key not in self.ledgers:
            self.ledgers[key] = open_ledger(unit, on)
        return self.ledgers[key]

    def one_turn(self, ledger: Ledger) -> Ledger:
        """The account of the units that are handed on for one turn beside this one, locked after it."""
        key = (ledger.landlord_id, ledger.departement_id, -ledger.exercise)
        if key not in self.ledgers:
            self.ledgers[key] = open_one_turn(ledger)
        return self.ledgers[key]

    def situation(self, ledger: Ledger) -> LedgerSituation:
        """Its counters, as the routings recorded before left them."""
        if ledger.pk not in self.situations:
            self.situations[ledger.pk] = load(ledger)
        return self.situations[ledger.pk]

    @contextmanager
    def trying(self) -> Iterator[None]:
        """One routing: what it opened is forgotten when it is refused, as its savepoint takes it back."""
        known, held = set(self.ledgers), set(self.bearing)
        try:
            yield
        except Refusal:
            self.bearing = {unit: bears for unit, bears in self.bearing.items() if unit in held}
            for key in set(self.ledgers) - known:
                ledger = self.ledgers.pop(key)
                self.limits.pop(ledger.pk, None)
                self.situations.pop(ledger.pk, None)
            raise

    def close(self, *, now: datetime) -> None:
        """Write what moved, account by account."""
        for situation in self.situations.values():
            situation.ledger.save(update_fields=["sequence"])
            write_lines(situation, on=timezone.localdate(now))
            foresee_again(situation.ledger.pk)


Stage = FlowEntry.Stage


class FirstLettingRefused(Refusal):
    """This unit has no place in the allotment of its programme."""


def let_first(*, vacancy: Vacancy, programme: Programme, now: datetime) -> Routing:
    """Give a first letting its destination at once, and write it in the accounts. In the caller's transaction.

    `programme` is the vacancy's, its row locked and its allotment agreed. The unit goes to the holder it is named
    for, else to the one furthest behind its part of the units let so far, the landlord included for what nobody was
    allotted. The ledger of first lettings is credited by exact proportions (`flux.engine.allotment`).

    Where conventions in force that day count first lettings, the unit also enters the yearly ledger: their holders
    are credited with their shares, the landlord with all the rest, and it counts as received by the destination when
    its own convention is one of them, else by the landlord (routing specification, section 1).

    Raises FirstLettingRefused when the allotment has no unit left for this one, or when the conventions that count
    first lettings promise more than the whole.
    """
    allotments = list(programme.allotments.select_related("holder__organisation").order_by("pk"))
    chosen, number = _destination(programme, allotments, vacancy)
    held = held_by_vacancy([vacancy])[vacancy.pk]
    inside = [right for right in held if right.convention.first_letting_counts and not right.suspended]
    if excess := over_commitment_at(inside, vacancy.unit.commune, vacancy.registered_on):
        raise FirstLettingRefused(
            f"{upper_first(to(excess.commune))}, les conventions qui comptent les premières locations promettent "
            "plus de 100 % : corrigez l’une d’elles, puis déclarez ce logement."
        )
    ledger = open_ledger(vacancy.unit, vacancy.registered_on, kind=Ledger.Kind.FIRST_LETTING)
    situation = load(ledger)
    on = timezone.localdate(now)
    holders = [contingent_now(allotment.holder, on) for allotment in allotments]
    taker = contingent_now(chosen.holder, on) if chosen else situation.holders[situation.landlord]
    situation.admit(holders)
    counts = [allotment.units for allotment in allotments]
    shares = step(counts, units=programme.expected_units or 0, number=number, unit=UNIT)
    keys = [*(str(holder.pk) for holder in holders), situation.landlord]
    # Before its entries: the folds count a unit in the account that it belongs to.
    vacancy.ledger, vacancy.allotment, vacancy.entered_as = ledger, chosen, vacancy.categories
    vacancy.save(update_fields=["ledger", "allotment", "entered_as"])
    credited: Counter[str] = Counter()
    for key, share in zip(keys, shares, strict=True):  # two that became one have both shares
        credited[key] += share
    _enter(situation, vacancy, credited, taker=str(taker.pk), now=now)
    if inside:
        yearly = load(open_ledger(vacancy.unit, vacancy.registered_on))
        counted = any(contingent_now(right.holder, on) == taker for right in inside)
        yearly.admit([taker])
        _enter(
            yearly,
            vacancy,
            yearly.shares_of(inside),
            taker=str(taker.pk) if counted else yearly.landlord,
            now=now,
        )
    right = applied(held, taker) or (applied(held, chosen.holder) if chosen else None)
    routing = Routing(vacancy=vacancy, holder=taker, convention=right.convention if right else None, routed_at=now)
    name_delegates([routing])
    routing.save()
    return routing


def _destination(programme: Programme, allotments: list[Allotment], vacancy: Vacancy) -> tuple[Allotment | None, int]:
    """The allotment that takes the unit (None: the landlord), and how many units of the programme that makes."""
    units = programme.expected_units or 0
    let = dict(
        Vacancy.objects.filter(unit__programme=programme, kind=Vacancy.Kind.FIRST_LETTING, ledger__isnull=False)
        .order_by()
        .values_list("allotment")
        .annotate(Count("pk"))
    )
    number = sum(let.values()) + 1
    if number > units:
        raise FirstLettingRefused(
            f"La répartition du programme {programme} est épuisée, {units} sur {units} : vérifiez le programme de ce "
            "logement."
        )
    named = {
        row.unit_id: row.allotment_id for row in AllottedUnit.objects.filter(allotment__in=allotments).order_by("pk")
    }
    by_id = {allotment.pk: allotment for allotment in allotments}
    if vacancy.unit_id in named:
        return by_id[named[vacancy.unit_id]], number
    gone = set(
        Vacancy.objects.filter(unit__in=named, kind=Vacancy.Kind.FIRST_LETTING, ledger__isnull=False)
        .order_by()
        .values_list("unit", flat=True)
    )
    kept = [sum(of == pk and unit not in gone for unit, of in named.items()) for pk in by_id]
    counts = [allotment.units for allotment in allotments]
    counts.append(units - sum(counts))
    received = [*(let.get(pk, 0) for pk in by_id), let.get(None, 0)]
    free = [count - got - wait for count, got, wait in zip(counts, received, [*kept, 0], strict=True)]
    if max(free) <= 0:
        raise FirstLettingRefused(
            f"Dans la répartition du programme {programme}, les logements qui restent sont tous désignés, et celui-ci "
            "ne l’est pas : vérifiez son programme."
        )
    place = furthest_behind(counts, received, free, units=units, number=number)
    return (allotments[place] if place < len(allotments) else None), number


def _enter(situation: LedgerSituation, vacancy: Vacancy, shares: dict[str, int], *, taker: str, now: datetime) -> None:
    """Write one unit in a ledger: what it credits, what it gives back of earlier years, who received it."""
    ledger = situation.ledger
    ledger.sequence += 1
    credited = situation.credit(shares, vacancy)
    situation.receive(taker, vacancy.categories, sequence=ledger.sequence)

    def entry(key: str, stage: Stage, quantity: int, spread: Spread | None = None) -> FlowEntry:
        return FlowEntry(
            ledger=ledger,
            holder=situation.holders[key],
            vacancy=vacancy,
            stage=stage,
            quantity=quantity,
            spread=spread,
            sequence=ledger.sequence if stage == Stage.ROUTED else None,
            on=vacancy.registered_on if stage in FlowEntry.OWED else timezone.localdate(now),
        )

    spreads, carried_spreads = credited.spreads, credited.carried_spreads
    FlowEntry.objects.bulk_create(
        [
            *(entry(key, Stage.DUE, share, spreads.get(key)) for key, share in shares.items() if share),
            *(entry(key, Stage.CARRIED, given, carried_spreads.get(key)) for key, given in credited.carried.items()),
            entry(taker, Stage.ROUTED, 1),
            *([entry(taker, Stage.OFFERED, 1)] if ledger.pk == vacancy.ledger_id else []),
        ]
    )
    write_lines(situation, on=timezone.localdate(now))
    ledger.save(update_fields=["sequence"])
