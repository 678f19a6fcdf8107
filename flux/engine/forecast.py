"""What the known departures are planned to become, for the reader: the table, each holder's path, and what if another.

Pure, like the decision that it reads again: only the first departure is decided, all the rest is a forecast. Needs a
situation that has known departures (`Situation.known`); steps are counted from 1, the vacancy to decide.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flux.engine.facts import Decision, Rank, Situation
from flux.engine.window import Plan, Window


@dataclass(frozen=True, slots=True)
class Departure:
    """One known departure of the plan: which vacancy (empty for the one to decide: the caller knows it), its categories
    in the order of the situation's dimensions, who has it, and what that fills there, in shares."""

    step: int
    vacancy: str
    label: str
    place: str
    categories: tuple[str, ...]
    holder: str
    lack: int

    @property
    def decided(self) -> bool:
        """The only row that is a decision; the others are a forecast."""
        return self.step == 1


@dataclass(frozen=True, slots=True)
class Path:
    """What one holder is owed along a plan, in shares: now (the vacancy to decide credited, not given), then the lowest
    and the highest after any of the known departures; `beyond`: it passes a limit."""

    holder: str
    name: str
    now: int
    lowest: int
    highest: int
    beyond: bool


@dataclass(frozen=True, slots=True)
class Peak:
    """How far one holder is from its due after one of the known departures: `gap` in shares, below zero when it is
    ahead; `over` is what it passes the limit by, 0 when it does not."""

    holder: str
    step: int
    gap: int
    over: int


@dataclass(frozen=True, slots=True)
class Supposed:
    """The best plan if this holder had the vacancy, and the furthest that anybody goes in it: first beyond its limit,
    then from its due."""

    holder: str
    plan: Plan
    worst: Peak

    @property
    def others(self) -> tuple[str, ...]:
        """Who would have the other known departures: a forecast."""
        return self.plan.holders[1:]


def departures(situation: Situation, plan: Sequence[str]) -> tuple[Departure, ...]:
    """The known departures in order, with whom a plan gives each."""
    lacks = Window(situation).lacks
    facts = [
        ("", "", situation.place, situation.categories),
        *((one.vacancy, one.label, one.place, one.categories) for one in situation.known),
    ]
    return tuple(
        Departure(step, *fact, holder=holder, lack=filled.get(holder, 0))
        for step, (fact, holder, filled) in enumerate(zip(facts, plan, lacks, strict=True), 1)
    )


def paths(situation: Situation, plan: Sequence[str]) -> tuple[Path, ...]:
    """The path of each holder that may be served one of them, by rank."""
    window, names = Window(situation), names_of(situation)
    return tuple(
        Path(
            holder=key,
            name=names[key],
            now=window.owed[key][0],
            lowest=min(gaps),
            highest=max(gaps),
            beyond=any(abs(gap) > limit for gap, limit in zip(gaps, window.limits, strict=True)),
        )
        for key, gaps in window.gaps(plan).items()
    )


def supposed(situation: Situation, ranking: Sequence[Rank]) -> dict[str, Supposed]:
    """What if another: the best plan that gives the vacancy to each holder of the safe set, by id, in the order of the
    ranking. One plan each: for a screen, not for a list."""
    window = Window(situation)
    return {rank.id: suppose(window, rank.id) for rank in ranking if rank.safe}


def suppose(window: Window, holder: str) -> Supposed:
    """The best plan if this holder had the vacancy. It may take it: it is one of `window.takers[0]`."""
    plan = window.best([holder])
    return Supposed(holder, plan, max(peaks(window, plan), key=lambda peak: (peak.over, abs(peak.gap))))


def peaks(window: Window, plan: Plan) -> list[Peak]:
    """Where everybody stands after each departure: the earliest first, then by rank."""
    gaps = window.gaps(plan.holders)
    return [
        Peak(key, step, gaps[key][step - 1], max(0, abs(gaps[key][step - 1]) - limit))
        for step, limit in enumerate(window.limits, 1)
        for key in window.holders
    ]


def turning_point(window: Window, instead: Plan, plan: Plan) -> Peak:
    """What speaks most against a plan beside a better one: where somebody goes further beyond the limit."""
    pairs = zip(peaks(window, instead), peaks(window, plan), strict=True)
    return max(pairs, key=lambda pair: pair[0].over - pair[1].over)[0]


def plan_of(decision: Decision) -> Plan:
    """The plan that a decision was the first step of."""
    return Plan(decision.plan, decision.excess, decision.mix)


def rivals(ranking: Sequence[Rank]) -> int:
    """Among how many the known departures chose: those of the band."""
    return sum(rank.in_band for rank in ranking)


def names_of(situation: Situation) -> dict[str, str]:
    """The name of each holder, by id."""
    return {holder.id: holder.name for holder in situation.everybody}


def inside_of(situation: Situation) -> dict[str, str]:
    """The name of each holder inside a sentence, by id."""
    return {holder.id: holder.inside or holder.name for holder in situation.everybody}
