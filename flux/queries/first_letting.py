"""What a first letting says in the accounts: its own ledger, and the yearly one where conventions count it."""

from __future__ import annotations

from dataclasses import dataclass

from flux.models import FlowEntry, Ledger, Vacancy
from reservations.models import ReservationHolder

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
