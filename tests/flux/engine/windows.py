"""Years in which some departures are known ahead, for the tests of version 2: any shares, territories and refusals."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from flux.engine.counters import Counter, Counters, Waiting
from flux.engine.facts import Decision, Situation
from flux.engine.window import decide
from tests.flux.engine.builders import LANDLORD

CATEGORIES = {"typology": ("T2", "T3", "T5", ""), "qpv": ("en QPV", "hors QPV")}


@dataclass
class Year:
    """A ledger and what waits in it, the first to be decided first."""

    counters: Counters
    queue: list[Waiting]

    def seen(self, window: int) -> Situation:
        """Credit the first one that waits, and freeze what its decision sees."""
        first, *others = self.queue
        self.counters.accrue(first.shares, first.categories)
        return self.counters.situation(
            first.shares,
            first.categories,
            sequence=first.registered,
            may_take=first.may_take,
            place=first.place,
            uniform=first.uniform,
            waiting=others,
            window=window,
        )

    def follow(
        self, window: Callable[[], int], version: Callable[[Situation], Decision] = decide
    ) -> Iterator[tuple[Situation, Decision]]:
        """Decide all that waits, each decision being followed: what was seen and decided, once it is."""
        while self.queue:
            seen = self.seen(window())
            decision = version(seen)
            self.give(decision.holder)
            yield seen, decision

    def give(self, holder: str) -> None:
        """The first one that waits goes to this holder."""
        first = self.queue.pop(0)
        self.counters.receive(holder, first.categories, sequence=first.registered)

    def furthest(self) -> int:
        """The largest |dû − reçu| now, in shares."""
        return max(abs(c.due - self.counters.unit * c.received) for c in self.counters.holders.values())


def ledger(count: int, unit: int, *, chance: random.Random) -> Counters:
    """A ledger at zero; ranks at random."""
    ids = [LANDLORD, *(f"H{number}" for number in range(1, count))]
    ranks = chance.sample(range(count), count)
    counters = Counters(unit=unit, landlord=LANDLORD, dimensions=tuple(CATEGORIES))
    counters.holders = {key: Counter(name=key, rank=rank) for key, rank in zip(ids, ranks, strict=True)}
    return counters


def cut(unit: int, holders: list[str], chance: random.Random) -> dict[str, int]:
    """Positive shares that sum to one unit."""
    cuts = sorted(chance.sample(range(1, unit), len(holders) - 1))
    return {key: high - low for key, low, high in zip(holders, [0, *cuts], [*cuts, unit], strict=True)}


def waiting(number: int, shares: dict[str, int], chance: random.Random, *, refusals: float) -> Waiting:
    """One vacancy, which some may not take."""
    allowed = frozenset(key for key in shares if chance.random() >= refusals)
    return Waiting(
        vacancy=f"v{number}",
        registered=number,
        shares=shares,
        categories={dimension: chance.choice(known) for dimension, known in CATEGORIES.items()},
        may_take=allowed if refusals else None,
        place=f"Commune {len(shares)}",
        label=f"Logement {number}",
    )


def one_territory(chance: random.Random, count: int, unit: int, vacancies: int) -> Year:
    """Constant quotas, the same everywhere; the landlord may have none."""
    counters = ledger(count, unit, chance=chance)
    having = [key for key in counters.holders if key != LANDLORD or chance.random() < 0.7 or count == 2]
    shares = cut(unit, having, chance)
    queue = [waiting(number, shares, chance, refusals=0) for number in range(1, vacancies + 1)]
    return Year(counters, queue)


def uniformly(year: Year, chance: random.Random) -> Year:
    """The same, where units lie in three communes and some conventions ask for uniformity over them."""
    year.counters.dimensions = (*year.counters.dimensions, "commune")
    asking = frozenset(key for key in year.counters.holders if chance.random() < 0.4)
    year.queue = [
        replace(
            each, categories={**each.categories, "commune": chance.choice("KLM")}, uniform=asking & set(each.shares)
        )
        for each in year.queue
    ]
    return year


def territories(chance: random.Random, count: int, unit: int, vacancies: int) -> Year:
    """Rights that bear on some communes only, and refusals; some shares of nothing."""
    counters = ledger(count, unit, chance=chance)
    others = [key for key in counters.holders if key != LANDLORD]
    communes = []
    for _ in range(3):
        here = [key for key in others if chance.random() < 0.6]
        shares = cut(unit, [*here, LANDLORD], chance)
        if here and chance.random() < 0.3:  # fully reserved
            shares[here[0]] += shares.pop(LANDLORD)
        communes.append(shares | {key: 0 for key in others if key not in shares and chance.random() < 0.3})
    refusals = chance.choice((0.0, 0.2))
    queue = [waiting(n, chance.choice(communes), chance, refusals=refusals) for n in range(1, vacancies + 1)]
    return Year(counters, queue)
