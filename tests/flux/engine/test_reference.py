"""The product's rule says what the slow reference says, on situations of every shape."""

from __future__ import annotations

import random

from hypothesis import example, given, settings
from hypothesis import strategies as st

from flux.engine import rule
from flux.engine.counters import Counter, Counters
from flux.engine.facts import Decision, Situation
from tests.flux.engine import reference
from tests.flux.engine.builders import LANDLORD, holder, situation

UNITS = (1, 7, 10, 100, 101, 1009, 10_000)


@st.composite
def any_situation(draw: st.DrawFn) -> Situation:
    """Any delays, lacks, ranks and refusals, reachable or not: the rule is total."""
    unit = draw(st.sampled_from(UNITS))
    count = draw(st.integers(1, 7))
    ranks = draw(st.permutations(range(count)))
    smallest_share = max(1, unit // 50)  # the reference counts steps one by one
    rows = [
        holder(
            LANDLORD if index == 0 else f"H{index}",
            unit=unit,
            rank=ranks[index],
            share=draw(st.sampled_from((0, smallest_share)) if index == 0 else st.integers(smallest_share, unit)),
            delay=draw(st.integers(-3 * unit, 3 * unit)),
            lacks=(draw(st.integers(-2 * unit, 2 * unit)), draw(st.sampled_from((0, unit, -unit)))),
            last_served=draw(st.integers(0, 3)),
            weights=draw(st.sampled_from(((), (), (1, 6)))),
            may_take=draw(st.booleans()) if index == 0 else draw(st.sampled_from((True, True, True, False))),
        )
        for index in range(count)
    ]
    return situation(
        *draw(st.permutations(rows)), unit=unit, dimensions=("typology", "qpv"), categories=("T3", "hors QPV")
    )


def assert_same(seen: Situation, decision: Decision) -> None:
    expected = reference.decide(seen)
    flagged = {
        flag: frozenset(rank.id for rank in decision.ranking if getattr(rank, flag))
        for flag in ("eligible", "must_soon", "safe", "in_band")
    }
    assert (decision.holder, decision.reason) == (expected.holder, expected.reason)
    assert flagged == {
        "eligible": expected.eligible,
        "must_soon": expected.must_soon,
        "safe": expected.safe,
        "in_band": expected.band,
    }


@given(any_situation())
@settings(max_examples=500, deadline=None)
@example(situation(holder(LANDLORD, share=0, delay=250), holder("A", share=100, delay=-150)))
@example(situation(holder(LANDLORD, share=50, delay=50), holder("A", share=50, delay=50, rank=1)))
def test_decision_is_that_of_the_reference(seen: Situation) -> None:
    assert_same(seen, rule.decide(seen))


@given(seed=st.integers(0, 2**32), unit=st.sampled_from((100, 101, 10_000)), count=st.integers(2, 8))
@settings(max_examples=60, deadline=None)
def test_decision_is_that_of_the_reference_along_a_year_of_two_communes(seed: int, unit: int, count: int) -> None:
    """Situations that a ledger reaches: rights in one commune only, refusals of a category, a person's overrides."""
    chance = random.Random(seed)
    ids = [LANDLORD, *(f"H{index}" for index in range(1, count))]
    counters = Counters(unit=unit, landlord=LANDLORD, dimensions=("typology", "qpv"))
    counters.holders = {key: Counter(name=key, rank=rank) for rank, key in enumerate(ids)}
    communes = [shares_in_a_commune(chance, ids, unit) for _ in range(2)]
    reasons = set()
    for sequence in range(1, 41):
        shares = chance.choice(communes)
        categories = {"typology": chance.choice(("T2", "T3", "T5")), "qpv": chance.choice(("", "en QPV"))}
        counters.accrue(shares, categories)
        takers = frozenset(key for key in ids if chance.random() < 0.9)
        seen = counters.situation(shares, categories, sequence=sequence, may_take=takers)
        decision = rule.decide(seen)
        assert_same(seen, decision)
        reasons.add(decision.reason)
        overridden = chance.random() < 0.1
        eligible = [rank.id for rank in decision.ranking if rank.eligible]
        counters.receive(chance.choice(eligible) if overridden else decision.holder, categories, sequence=sequence)
    assert reasons <= {rule.ONLY_ONE, rule.DEADLINE, rule.TIE, rule.LARGEST_DELAY, rule.PROFILE}


def shares_in_a_commune(chance: random.Random, ids: list[str], unit: int) -> dict[str, int]:
    """Shares of some of the holders, at least a fiftieth each; the landlord has the remainder, sometimes nothing."""
    holders = [key for key in ids if key != LANDLORD and chance.random() < 0.8]
    left, shares = unit, {}
    for key in holders:
        shares[key] = min(left, chance.randint(unit // 50, max(unit // 50, unit // 3)))
        left -= shares[key]
    if shares and chance.random() < 0.2:
        shares[holders[0]] += left
        left = 0
    return shares | {LANDLORD: left}
