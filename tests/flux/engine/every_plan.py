"""Version 2 read aloud: every plan of the known departures is written down and judged (specification, section 2).

It shares nothing with the product but the facts it reads. The sieves are those of `reference`, version 1 read aloud.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

from flux.engine.facts import Situation
from tests.flux.engine import reference


@dataclass(frozen=True)
class Judged:
    """The decision of version 2, and the figures of the best plan."""

    holder: str
    reason: str
    excess: int
    mix: int


@dataclass(frozen=True)
class Plans:
    """All that section 2 names, for one situation of k ≥ 2 known departures."""

    unit: int
    delay: dict[str, int]
    shares: list[dict[str, int]]
    takers: list[set[str]]
    lacks: list[dict[str, int]]

    @classmethod
    def of(cls, situation: Situation) -> Plans:
        verdict = reference.decide(situation)
        everybody = [*situation.holders, *situation.elsewhere]
        return cls(
            unit=situation.unit,
            delay={h.id: h.due - situation.unit * h.received for h in everybody},
            shares=[{h.id: h.share for h in situation.holders}, *(dict(one.shares) for one in situation.known)],
            takers=[set(verdict.eligible), *(set(one.may_take) for one in situation.known)],
            lacks=[
                {h.id: reference.weighed(h) for h in situation.holders},
                *(dict(one.lacks) for one in situation.known),
            ],
        )

    def all(self, first: list[str]) -> Iterator[tuple[str, ...]]:
        return product(first, *(sorted(takers) for takers in self.takers[1:]))

    def limit(self, step: int) -> int:
        return 2 * self.unit // 3 if step == len(self.takers) - 1 else 4 * self.unit // 5

    def gap(self, holder: str, plan: tuple[str, ...], step: int) -> int:
        credited = sum(shares.get(holder, 0) for shares in self.shares[1 : step + 1])
        return self.delay[holder] + credited - self.unit * plan[: step + 1].count(holder)

    def beyond(self, plan: tuple[str, ...], step: int) -> int:
        """What one step adds to the excess: only who has the departures until then counts."""
        limit = self.limit(step)
        return sum(max(0, abs(self.gap(holder, plan, step)) - limit) ** 2 for holder in set.union(*self.takers))

    def excess(self, plan: tuple[str, ...]) -> int:
        return sum(self.beyond(plan, step) for step in range(len(plan)))

    def mix(self, plan: tuple[str, ...]) -> int:
        return sum(lacks.get(holder, 0) for holder, lacks in zip(plan, self.lacks, strict=True))


def band(situation: Situation) -> list[str]:
    """B, in the order of CRITERIA: 10·delay + lack(0), delay, share, least recently served, rank."""
    kept = reference.decide(situation).band

    def order(h):
        delay = Fraction(h.due) - situation.unit * h.received
        return (10 * delay + reference.weighed(h), delay, h.share, -h.last_served, -h.rank)

    return [h.id for h in sorted(situation.holders, key=order, reverse=True) if h.id in kept]


def decide(situation: Situation) -> Judged:
    """Every plan judged: smallest excess, largest mix, first earliest in B."""
    verdict, first, plans = reference.decide(situation), band(situation), Plans.of(situation)
    judged = {plan: (plans.excess(plan), -plans.mix(plan), first.index(plan[0])) for plan in plans.all(first)}
    best = min(judged, key=judged.__getitem__)
    chosen, reason = best[0], verdict.reason
    if len(first) > 1 and chosen != first[0]:
        least = min(excess for plan, (excess, _, _) in judged.items() if plan[0] == first[0])
        reason = "KNOWN_DEADLINE" if least > judged[best][0] else "KNOWN_MIX"
    return Judged(chosen, reason, judged[best][0], -judged[best][1])


def step_by_step(situation: Situation) -> Judged:
    """The same for long windows: after each departure, only how many each holder was served matters to what follows."""
    verdict, first, plans = reference.decide(situation), band(situation), Plans.of(situation)
    holders = sorted(set.union(*plans.takers))

    def best(of: list[str]) -> tuple[int, int, int]:
        reached = {(0,) * len(holders): (0, 0, 0)}
        for step, takers in enumerate(plans.takers):
            following: dict[tuple[int, ...], tuple[int, int, int]] = {}
            for served, (excess, mix, place) in reached.items():
                for number, holder in enumerate(holders):
                    if holder not in (of if step == 0 else takers):
                        continue
                    after = (*served[:number], served[number] + 1, *served[number + 1 :])
                    plan = [key for key, count in zip(holders, after, strict=True) for _ in range(count)]
                    found = (
                        excess + plans.beyond((*plan,), step),
                        mix - plans.lacks[step].get(holder, 0),
                        first.index(holder) if step == 0 else place,
                    )
                    following[after] = min(found, following.get(after, found))
            reached = following
        return min(reached.values())

    excess, mix, place = best(first)
    reason = verdict.reason
    if place:
        reason = "KNOWN_DEADLINE" if best(first[:1])[0] > excess else "KNOWN_MIX"
    return Judged(first[place], reason, excess, -mix)
