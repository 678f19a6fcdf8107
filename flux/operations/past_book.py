"""Past routings of one transaction, each account being locked and read once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Q
from django.utils import timezone

from flux.models import Ledger, OutsideFlow, Return, StockAssignment, Unit, Vacancy
from flux.operations.decision import write_lines
from flux.operations.known import foresee_again
from flux.operations.ledger import open_ledger, open_one_turn
from flux.situation import LedgerSituation, load
from reservations.models.locking import in_order
from reservations.refusals import Refusal


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
        standing = Vacancy.objects.filter(unit=unit, notice_on=on, source=Vacancy.Source.PAST)
        return standing.exclude(routings__closed_at=None).select_related("unit__commune", "unit__landlord").first()

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
