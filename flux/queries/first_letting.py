"""What a first letting says in the accounts: its own ledger, and the yearly one where conventions count it."""

from __future__ import annotations

from dataclasses import dataclass

from flux.models import AllottedUnit, FlowEntry, Ledger, Programme, Vacancy
from reservations.models import Membership, ReservationHolder

Stage = FlowEntry.Stage


@dataclass(frozen=True, slots=True)
class YearlyEntry:
    """A first letting in the yearly ledger: the holders it credits (the landlord left out), who counts it as received.

    `credits` in millionths of a unit. `taken_by_landlord`: its destination's own convention does not count it.
    """

    ledger: Ledger
    credits: list[tuple[ReservationHolder, int]]
    receiver: ReservationHolder

    @property
    def taken_by_landlord(self) -> bool:
        return self.receiver.is_not_reserved


@dataclass(frozen=True, slots=True)
class FirstLetting:
    """What the sheet of a first letting adds: was the unit named for its holder, how it counts in the year, and
    whether the reader opens the ledger and the programme."""

    named: bool
    yearly: YearlyEntry | None
    ledger_seen: bool
    programme_seen: bool


def first_letting(vacancy: Vacancy, *, member: Membership) -> FirstLetting | None:
    """Read it, for a first letting that stands only. Four queries."""
    if vacancy.kind != Vacancy.Kind.FIRST_LETTING or vacancy.is_cancelled:
        return None
    return FirstLetting(
        named=AllottedUnit.objects.filter(unit=vacancy.unit_id).exists(),
        yearly=yearly_entry(vacancy),
        ledger_seen=Ledger.objects.visible_to(member).filter(pk=vacancy.ledger_id or 0).exists(),
        programme_seen=Programme.objects.visible_to(member).filter(pk=vacancy.unit.programme_id).exists(),
    )


def yearly_entry(vacancy: Vacancy) -> YearlyEntry | None:
    """How a first letting counts in the yearly percentages; None when it does not. One query."""
    entries = list(
        FlowEntry.objects.filter(
            vacancy=vacancy,
            ledger__kind=Ledger.Kind.ORDINARY,
            vacancy__kind=Vacancy.Kind.FIRST_LETTING,
            stage__in=[Stage.DUE, Stage.ROUTED],
        )
        .select_related("ledger__landlord__organisation", "ledger__departement", "holder__organisation")
        .order_by("pk")
    )
    received = [entry for entry in entries if entry.stage == Stage.ROUTED]
    if not received:
        return None
    return YearlyEntry(
        received[-1].ledger,
        [
            (entry.holder, entry.quantity)
            for entry in entries
            if entry.stage == Stage.DUE and not entry.holder.is_not_reserved
        ],
        received[-1].holder,
    )
