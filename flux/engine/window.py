"""The routing rule, version 2 (docs/engine.md): every departure that is already known is planned, the first decided.

The four sieves are those of version 1, and so is whom they keep; among them, the choice is the first step of the best
plan of all the known departures: the one that goes least beyond the limits, then fills most lacks, then comes first in
the order of version 1. With one known departure it is version 1 exactly; with one territory and constant quotas it
keeps version 1's theorem, whatever is known, because it only chooses inside the band.

After W. Kubiak and S. Sethi, « A note on level schedules for mixed-model assembly lines », 1991: what a holder's m-th
unit of the window costs at each departure grows with m: the best plan is a cheapest assignment (`assignment`).

This version is frozen: its decisions replay under it for ever (`flux/engine/versions.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from flux.engine import rule
from flux.engine.allotment import cheapest
from flux.engine.facts import Decision, Situation

VERSION = 2

KNOWN_DEADLINE = "KNOWN_DEADLINE"
KNOWN_MIX = "KNOWN_MIX"


def limits(unit: int) -> tuple[int, int]:
    """How far from its due a holder may be after a known departure, and after the last one, in shares: what comes next
    is not known, and asks for more room."""
    return 4 * unit // 5, 2 * unit // 3


@dataclass(frozen=True, slots=True)
class Plan:
    """One way to serve every known departure: who has each, by how much the limits are passed (squared shares), and the
    lacks that it fills (shares)."""

    holders: tuple[str, ...]
    excess: int
    mix: int


class Window:
    """The known departures of one situation, the one to decide first, with the figures that plans are made of.

    `holders`: those that may be served one of them, by rank; `takers`: who may be served each, in order; `owed`, by
    holder: what it would be owed after each, in shares, if it were served none; `lacks`: of each departure, by holder;
    `limits`: one a departure.
    """

    def __init__(self, situation: Situation) -> None:
        known = situation.known
        self.unit = situation.unit
        seen = rule.Seen(situation)
        first = [h.id for h in rule.candidates(seen, situation.holders)]
        if situation.chain is not None:
            first = [situation.chain.holder]
        self.takers: list[frozenset[str]] = [frozenset(first), *(frozenset(one.may_take) for one in known)]
        concerned = frozenset().union(*self.takers)
        delays = seen.delay | {h.id: h.delay(self.unit) for h in situation.elsewhere}
        everybody = sorted((h.rank, h.id) for h in situation.everybody)
        self.holders = [key for _, key in everybody if key in concerned]
        self.owed: dict[str, list[int]] = {}
        for key in self.holders:
            owed = [delays[key]]
            for one in known:
                owed.append(owed[-1] + one.shares.get(key, 0))
            self.owed[key] = owed
        self.lacks: list[Mapping[str, int]] = [{h.id: sum(h.weighed) for h in situation.holders}]
        self.lacks += [one.lacks for one in known]
        usual, last = situation.limits or limits(self.unit)
        self.limits = [usual] * len(known) + [last]

    def gaps(self, holders: Sequence[str]) -> dict[str, list[int]]:
        """What each holder is owed after each departure, in shares, when these have them; below zero, it is ahead."""
        found = {}
        for key, owed in self.owed.items():
            served, gaps = 0, []
            for due, taker in zip(owed, holders, strict=True):
                served += self.unit * (taker == key)
                gaps.append(due - served)
            found[key] = gaps
        return found

    def plan(self, holders: Sequence[str]) -> Plan:
        """The plan in which these have the departures, with what it costs and fills."""
        excess = sum(
            max(0, abs(gap) - limit) ** 2
            for gaps in self.gaps(holders).values()
            for gap, limit in zip(gaps, self.limits, strict=True)
        )
        mix = sum(lacks.get(taker, 0) for taker, lacks in zip(holders, self.lacks, strict=True))
        return Plan(tuple(holders), excess, mix)

    def best(self, first: Sequence[str]) -> Plan:
        """The best plan among those that give the first departure to one of these, who come in order of preference.

        The smallest excess; then the largest mix; then who comes first in `first`; then, so that there is only one, the
        smallest rank at the second departure, at the third…: these are forecasts.
        """
        order = {key: place for place, key in enumerate(first)}
        size = len(self.lacks)
        radix = len(self.holders)
        whole = radix**size
        turns = [radix ** (size - 1 - step) for step in range(size)]

        def column(number: int, m: int) -> list[int]:
            """The price of each departure as the m-th that a holder has: excess, mix, then order, in one integer."""
            key, growth, prices = self.holders[number], 0, [self._forbidden * whole] * size
            owed = self.owed[key]
            for step in range(size - 1, -1, -1):
                limit, after = self.limits[step], owed[step] - m * self.unit
                beyond, before = max(0, abs(after) - limit), max(0, abs(after + self.unit) - limit)
                growth += beyond * beyond - before * before
                if key in self.takers[step] if step else key in order:
                    place = number if step else order[key]
                    price = growth * self._weight - self.lacks[step].get(key, 0)
                    prices[step] = price * whole + place * turns[step]
            return prices

        return self.plan([self.holders[number] for number in cheapest(size, radix, column)])

    @cached_property
    def _weight(self) -> int:
        """What one of excess weighs, beside lacks: more than all of them."""
        return 1 + 2 * sum(max((abs(lack) for lack in lacks.values()), default=0) for lacks in self.lacks)

    @cached_property
    def _forbidden(self) -> int:
        """A price above twice that of everything that is allowed, whatever is served to whom."""
        size = len(self.lacks)
        furthest = max(abs(due) for owed in self.owed.values() for due in owed) + (size + 1) * self.unit
        return 2 * (size + 1) * (size * furthest * furthest + 1) * (self._weight + 1)


def decide(situation: Situation) -> Decision:
    """Say to which holder the vacancy goes, all the known departures being planned, and rank the others behind it.

    Where a convention's chain names the destination, the plan only says what would come next.
    """
    first = rule.decide(situation)
    if not situation.known:
        return replace(first, version=VERSION)
    window = Window(situation)
    plan = window.best([rank.id for rank in first.ranking if rank.in_band])
    chosen, reason = plan.holders[0], first.reason
    if chosen != first.holder:
        reason = KNOWN_DEADLINE if window.best([first.holder]).excess > plan.excess else KNOWN_MIX
    return Decision(
        holder=chosen,
        reason=reason,
        ranking=tuple(sorted(first.ranking, key=lambda rank: rank.id != chosen)),
        version=VERSION,
        plan=plan.holders,
        excess=plan.excess,
        mix=plan.mix,
        version_1=first.holder,
    )
