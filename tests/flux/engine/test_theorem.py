"""What the rule promises (docs/engine.md): one territory, constant quotas, less than one unit at every moment."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from flux.engine import rule
from flux.engine.counters import Counter, Counters
from tests.flux.engine.builders import LANDLORD

CATEGORIES = {
    "typology": ("T1", "T2", "T3", "T4", "T5", ""),
    "financing": ("PLAI", "PLUS", "PLS"),
    "qpv": ("en QPV", "hors QPV", ""),
}


def quotas(chance: random.Random, count: int, unit: int, *, skewed: bool) -> list[int]:
    """`count` positive shares that sum to one unit; some very small and one large when skewed."""
    if skewed:
        small = [chance.randint(1, max(1, unit // (20 * count))) for _ in range(count - 1)]
        return [*small, unit - sum(small)]
    cuts = sorted(chance.sample(range(1, unit), count - 1))
    return [high - low for low, high in zip([0, *cuts], [*cuts, unit], strict=True)]


@given(
    seed=st.integers(0, 2**32),
    count=st.integers(2, 12),
    unit=st.sampled_from((97, 100, 1001, 10_000, 999_999, 1_000_000)),
    skewed=st.booleans(),
    landlord_has_a_share=st.booleans(),
    units=st.integers(1, 150),
)
@settings(max_examples=120, deadline=None)
def test_nobody_is_ever_a_unit_away_from_its_due(
    *, seed: int, count: int, unit: int, skewed: bool, landlord_has_a_share: bool, units: int
) -> None:
    """|dû − reçu| ≤ 1 − 1/(2n − 2) unit after each unit, for any flow of categories.

    Shares are integers: where 2n − 2 does not divide the unit, the bound is that of the rule, less than one
    share above the exact one. The sums are checked at the same moments.
    """
    chance = random.Random(seed)
    ids = [LANDLORD, *(f"H{index}" for index in range(1, count))]
    shared = ids if landlord_has_a_share or count == 2 else ids[1:]
    shares = dict.fromkeys(ids, 0) | dict(zip(shared, quotas(chance, len(shared), unit, skewed=skewed), strict=True))
    counters = Counters(unit=unit, landlord=LANDLORD, dimensions=tuple(CATEGORIES))
    counters.holders = {key: Counter(name=key, rank=rank) for rank, key in enumerate(ids)}
    bound = unit - unit // (2 * count - 2)

    for sequence in range(1, units + 1):
        categories = {dimension: chance.choice(known) for dimension, known in CATEGORIES.items()}
        counters.accrue(shares, categories)
        decision = rule.decide(counters.situation(shares, categories, sequence=sequence))
        counters.receive(decision.holder, categories, sequence=sequence)

        delays = {key: counter.due - unit * counter.received for key, counter in counters.holders.items()}
        assert max(map(abs, delays.values())) <= bound
        assert sum(delays.values()) == 0
        assert sum(counter.due for counter in counters.holders.values()) == unit * sequence
        assert sum(counter.received for counter in counters.holders.values()) == sequence
        for key, counter in counters.holders.items():
            for dimension, known in CATEGORIES.items():
                assert sum(counter.lack(dimension, category, unit) for category in known) == delays[key]


def test_the_bound_is_reached_and_not_loose() -> None:
    """With equal quotas of three holders the first two units already cost 2/3; the bound, 3/4, is just above."""
    counters = Counters(unit=300, landlord=LANDLORD, dimensions=())
    counters.holders = {key: Counter(name=key, rank=rank) for rank, key in enumerate((LANDLORD, "A", "B"))}
    shares = {LANDLORD: 100, "A": 100, "B": 100}
    served, worst = [], 0
    for sequence in range(1, 4):
        counters.accrue(shares, {})
        decision = rule.decide(counters.situation(shares, {}, sequence=sequence))
        counters.receive(decision.holder, {}, sequence=sequence)
        served.append(decision.holder)
        worst = max(worst, *(abs(c.due - 300 * c.received) for c in counters.holders.values()))
    assert served == [LANDLORD, "A", "B"]
    assert worst == 200
