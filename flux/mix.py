"""Mix equity: could chance alone have given one holder so uneven a mix? Pure: no Django, no clock, no chance.

The question, for each holder and each category (T3, PLAI, in QPV…): had as many units been drawn from the flow of its
perimeter without looking at the category, how many of the category would it hold? That number follows the
hypergeometric law (Fisher, 1935); over several parts of a perimeter, where its share is not the same, the sum of one
law a part. Against what it declared to need, a draw at the declared shares: the binomial law, each category of a
multinomial by itself. All are exact: nothing is simulated, so that the same figures always give the same answer.

A page asks the question many times over, and twenty true nulls at 5 % give one false alarm. So one level holds for
all of a page: each category is judged at 5 % divided by the number of categories that could alarm at all (Bonferroni,
by Tarone, 1990: those too small to ever do so count for nothing). The interval shown is the one that decides: outside,
something is to be explained; inside, nothing is. Under thirty units nothing is ever stated.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from flux.laws import Law, binomial, hypergeometric

#: The chance of one false alarm or more among all the categories of all the holders judged together.
LEVEL = 0.05

#: Under so many units offered, no verdict: « petit effectif ».
ENOUGH = 30

#: A declared need is never taken for purer than this: one unit of something else is no bias (the engine, for its part,
#: keeps one hundredth of the usual mix in what it aims at).
PUREST = Fraction(99, 100)

#: The category of units whose datum is missing: shown, never judged.
UNKNOWN = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a perimeter where the holder's share is the same: units by category, of the whole flow there and, among
    them, of what the holder was offered."""

    flow: Mapping[str, int]
    offered: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Case:
    """One holder on one axis: what it was offered by category, and the law that a blind draw gives each category.

    `expected` is the mean of each law. `base`: out of how many units the draw is, by category; empty when it is at
    declared shares.
    """

    offered: Mapping[str, int]
    expected: Mapping[str, Fraction]
    laws: Mapping[str, Law]
    base: Mapping[str, int]

    @property
    def drawn(self) -> int:
        return sum(self.offered.values())

    @property
    def is_enough(self) -> bool:
        return self.drawn >= ENOUGH


def against_flow(parts: Iterable[Part]) -> Case:
    """Against the flow of the holder's own perimeter: as many units drawn in each part of it, without looking.

    Raises ValueError when more is offered of a category than there is.
    """
    offered: dict[str, int] = {}
    base: dict[str, int] = {}
    expected: dict[str, Fraction] = {}
    laws: dict[str, Law] = {}
    for part in parts:
        population, drawn = sum(part.flow.values()), sum(part.offered.values())
        if any(count > part.flow.get(category, 0) for category, count in part.offered.items()):
            raise ValueError(f"more offered than there is: {part}")
        for category, marked in part.flow.items():
            if population and (marked or category in laws):
                base[category] = base.get(category, 0) + marked
                offered[category] = offered.get(category, 0) + part.offered.get(category, 0)
                expected[category] = expected.get(category, Fraction(0)) + Fraction(drawn * marked, population)
                law = hypergeometric(population, marked, drawn)
                laws[category] = laws[category] + law if category in laws else law
    return Case(offered, expected, laws, base)


def against_needs(offered: Mapping[str, int], weights: Mapping[str, int]) -> Case:
    """Against the shares that the holder declared: as many units drawn at those shares.

    Units whose datum is missing are left out: nobody can say whether they answer the need.
    """
    counted = {category: count for category, count in offered.items() if category != UNKNOWN}
    drawn, whole = sum(counted.values()), sum(weights.values())
    shares = {category: Fraction(weights.get(category, 0), whole) for category in {**weights, **counted}}
    return Case(
        {category: counted.get(category, 0) for category in shares},
        {category: drawn * share for category, share in shares.items()},
        {category: binomial(drawn, min(share, PUREST)) for category, share in shares.items()},
        {},
    )


class Verdict(StrEnum):
    """What can be stated of one category."""

    LESS = "LESS"  # fewer than chance explains
    EXPECTED = "EXPECTED"  # what chance explains
    MORE = "MORE"  # more than chance explains
    NOT_ASKED = "NOT_ASKED"  # the holder declared no need of it: what came of it is seen in what lacks elsewhere
    FEW = "FEW"  # too few units for anything to be stated
    UNKNOWN = "UNKNOWN"  # the datum is missing

    @property
    def alarms(self) -> bool:
        return self in (Verdict.LESS, Verdict.MORE)


@dataclass(frozen=True, slots=True)
class Reading:
    """One category of one holder: offered, expected, the counts that chance explains (both included), the verdict.

    `chance`: of a count as far out, by a blind draw, before any correction. `base`: units of it in the flow, or None.
    """

    category: str
    offered: int
    expected: Fraction
    low: int
    high: int
    chance: float
    verdict: Verdict
    base: int | None = None


@dataclass(frozen=True, slots=True)
class Judgment[K: Hashable]:
    """All that is judged together. `level`: that of each category; `asked`: among how many it was shared."""

    readings: Mapping[K, tuple[Reading, ...]]
    level: float
    asked: int

    def alarms(self, key: K) -> list[Reading]:
        """What is to be explained for one case, the least likely first."""
        return sorted((each for each in self.readings[key] if each.verdict.alarms), key=lambda each: each.chance)


def judge[K: Hashable](cases: Mapping[K, Case], level: float = LEVEL) -> Judgment[K]:
    """Judge cases together, so that a blind draw raises any alarm at all with a chance of at most `level`."""
    attainable = sorted(
        law.smallest_chance
        for case in cases.values()
        if case.is_enough
        for category, law in case.laws.items()
        if category != UNKNOWN
    )
    asked = next(
        count for count in range(1, len(attainable) + 2) if sum(each <= level / count for each in attainable) <= count
    )
    each = level / asked
    return Judgment(
        {key: tuple(_reading(case, category, each) for category in case.laws) for key, case in cases.items()},
        each,
        asked,
    )


def _reading(case: Case, category: str, level: float) -> Reading:
    law, offered = case.laws[category], case.offered[category]
    low, high = law.interval(level)
    return Reading(
        category,
        offered,
        case.expected[category],
        low,
        high,
        law.chance(offered),
        _verdict(case, category, level, offered - min(max(offered, low), high)),
        case.base.get(category),
    )


def _verdict(case: Case, category: str, level: float, outside: int) -> Verdict:
    if category == UNKNOWN:
        return Verdict.UNKNOWN
    if not case.base and not case.expected[category]:
        return Verdict.NOT_ASKED
    law = case.laws[category]
    is_certain = law.least == law.most  # the whole of the flow is of that category: there is nothing to draw
    if not case.is_enough or (law.smallest_chance > level and not is_certain):
        return Verdict.FEW
    return Verdict.MORE if outside > 0 else Verdict.LESS if outside < 0 else Verdict.EXPECTED
