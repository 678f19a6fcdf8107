"""The other reading of a balance as its page writes it: what became of the units registered, and what leads there."""

from __future__ import annotations

from dataclasses import dataclass

from attributions.bilan.queries.balance import Balance
from attributions.bilan.queries.earlier import LateActs
from attributions.bilan.views.figures import Figure, opened
from flux.queries.cells import Measures
from reservations.models import ReservationHolder

#: What is shown of the units registered, and what the bridge tells, in their order.
SHOWN = ("offered", "returned", "allocated", "leased")
CROSSED = {
    "offered": "proposés",
    "allocated": "attribués",
    "leased": "loués",
    "returned": "rendus",
    "refused": "candidatures non abouties",
}


@dataclass(frozen=True, slots=True)
class BridgeRow:
    """One measure, from the units registered in the year to the acts done in it; (year, count) of what is in one
    alone."""

    words: str
    by_cohort: int
    later: list[tuple[int, int]]
    before: list[tuple[int, int]]
    by_act: int


@dataclass(frozen=True, slots=True)
class OtherReading:
    """`late`: acts of sealed years, with the year of the balance that says them, None for this one."""

    cohort: list[tuple[ReservationHolder, dict[str, Figure]]]
    whole: dict[str, Figure]
    bridge: list[BridgeRow]
    late: list[tuple[LateActs, int | None]]


def other_reading(read: Balance) -> OtherReading:
    """No query: the balance holds both readings."""

    def shown(measures: Measures, holder: int | None) -> dict[str, Figure]:
        return {name: opened(read, name, getattr(measures, name), holder=holder, by_cohort=True) for name in SHOWN}

    late = read.late
    return OtherReading(
        [(line.holder, shown(read.cohort.holder(line.holder.pk), line.holder.pk)) for line in read.lines],
        shown(read.cohort.total(), None),
        [_row(read, name, words) for name, words in CROSSED.items()],
        [*((each, None) for each in late.earlier), *((each, late.taken_by) for each in late.since)] if late else [],
    )


def _row(read: Balance, name: str, words: str) -> BridgeRow:
    bridge = read.bridge
    both = getattr(bridge.both, name)
    later = [(year, getattr(of, name)) for year, of in bridge.done_otherwise if getattr(of, name)]
    before = [(year, getattr(of, name)) for year, of in bridge.registered_otherwise if getattr(of, name)]
    return BridgeRow(
        words, both + sum(count for _, count in later), later, before, both + sum(count for _, count in before)
    )
