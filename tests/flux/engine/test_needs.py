"""Declared needs brought to what the flow gives: the sums, what nobody can lose, and what it changes for the mix."""

from __future__ import annotations

import random
from collections.abc import Mapping

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from flux.apportion import apportion
from flux.engine import rule
from flux.engine.counters import Counter, Counters
from flux.engine.needs import Matrix, project

CATEGORIES = ("T1", "T2", "T3", "T4", "T5")
S = 1_000_000


def columns(matrix: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    return {name: sum(row.get(name, 0) for row in matrix.values()) for name in CATEGORIES}


@st.composite
def flows(draw: st.DrawFn) -> Matrix:
    """One to four territories, each with its own flow and its own holders: dues in millionths."""
    names = [f"H{number}" for number in range(draw(st.integers(1, 6)))]
    usual: Matrix = {name: dict.fromkeys(CATEGORIES, 0) for name in names}
    for _ in range(draw(st.integers(1, 4))):
        fallen = draw(st.lists(st.integers(0, 40), min_size=5, max_size=5))
        shares = apportion(S, {name: draw(st.integers(0, 50)) for name in names} | {"H0": draw(st.integers(1, 50))})
        for name, share in shares.items():
            for category, count in zip(CATEGORIES, fallen, strict=True):
                usual[name][category] += share * count
    return usual


WEIGHTS = st.dictionaries(st.sampled_from(CATEGORIES), st.integers(0, 100))
WISHES = st.dictionaries(st.sampled_from([f"H{number}" for number in range(7)]), WEIGHTS, max_size=6)


@given(flows(), WISHES)
@settings(deadline=None, max_examples=150)
def test_rows_and_columns_sum_exactly_and_nothing_is_negative(usual: Matrix, declared: Matrix) -> None:
    found = project(usual, declared)
    assert {name: sum(row.values()) for name, row in found.items()} == {
        name: sum(row.values()) for name, row in usual.items()
    }
    assert columns(found) == columns(usual)
    assert min(quantity for row in found.values() for quantity in row.values()) >= 0


@given(flows(), WISHES)
@settings(deadline=None, max_examples=50)
def test_same_wishes_give_the_same_mix_whatever_the_order(usual: Matrix, declared: Matrix) -> None:
    before = {name: dict(row) for name, row in usual.items()}
    found = project(usual, declared)
    assert project(usual, dict(reversed(declared.items()))) == found
    assert usual == before


@given(flows(), st.dictionaries(st.sampled_from(["H0", "H1"]), st.just({"T1": 0}), max_size=2))
@settings(deadline=None, max_examples=50)
def test_without_a_declaration_everybody_keeps_its_usual_mix(usual: Matrix, empty: Matrix) -> None:
    assert project(usual, {}) == usual
    assert project(usual, empty) == usual


@given(flows(), WISHES)
@settings(deadline=None, max_examples=100)
def test_who_declares_nothing_keeps_half_of_its_usual_mix(usual: Matrix, declared: Matrix) -> None:
    for name, row in project(usual, declared).items():
        if not any(declared.get(name, {}).values()):
            for category in CATEGORIES:
                assert 2 * row[category] >= usual[name][category] - 2 * len(usual) - 2


@given(flows(), WISHES, WEIGHTS, st.sampled_from(CATEGORIES), st.integers(1, 200))
@settings(deadline=None, max_examples=150)
def test_declaring_more_of_a_category_never_gives_less(
    usual: Matrix, others: Matrix, mine: dict[str, int], category: str, more: int
) -> None:
    """To within a few shares of rounding, of the million in a unit."""
    assume(any(mine.get(name, 0) for name in CATEGORIES if usual["H0"][name]))
    asked = mine | {category: mine.get(category, 0) + more}
    less = project(usual, others | {"H0": mine})
    better = project(usual, others | {"H0": asked})
    assert better["H0"][category] >= less["H0"][category] - 2 * len(usual) * len(CATEGORIES)


@given(flows(), st.sampled_from(CATEGORIES), st.integers(0, 200))
@settings(deadline=None, max_examples=100)
def test_asking_for_more_than_ones_usual_mix_never_gives_less_than_silence(
    usual: Matrix, category: str, more: int
) -> None:
    """The others having declared nothing: one's own mix with more of a category, against not declaring at all."""
    asked = usual["H0"] | {category: usual["H0"][category] + more * S}
    found = project(usual, {"H0": asked})
    assert found["H0"][category] >= usual["H0"][category] - 2 * len(usual) * len(CATEGORIES)


def test_a_need_is_met_by_what_the_others_lend() -> None:
    """100 units, half T2; A and B are due 10 each, the landlord 80. A wants T2 only, B nothing but T4."""
    flow = {"T2": 50, "T4": 50}
    usual = {
        name: {k: share * n for k, n in flow.items()}
        for name, share in (("A", S // 10), ("B", S // 10), ("NR", 800_000))
    }
    found = project(usual, {"A": {"T2": 1}, "B": {"T4": 1}})
    assert found["A"]["T2"] > 9_900_000
    assert found["B"]["T4"] > 9_900_000
    assert found["NR"] == {"T2": 40 * S, "T4": 40 * S}


def test_everybody_cannot_have_the_rare_category() -> None:
    """Ten T5 in a hundred units: when all want nothing else, all have the flow's mix, to within rounding."""
    usual = {name: {"T3": 30 * S, "T5": 10 * S // 3} for name in "ABC"}
    found = project(usual, {name: {"T5": 1} for name in "ABC"})
    assert all(abs(found[name]["T5"] - usual[name]["T5"]) <= 3 for name in "ABC")


def test_what_never_falls_vacant_where_one_has_a_right_is_not_promised() -> None:
    usual = {"A": {"T2": 10 * S, "T5": 0}, "NR": {"T2": 30 * S, "T5": 10 * S}}
    assert project(usual, {"A": {"T5": 100}}) == usual
    assert project(usual, {"A": {"T2": 1, "T5": 99}})["A"] == {"T2": 10 * S, "T5": 0}


def test_a_holder_unknown_here_changes_nothing() -> None:
    usual = {"NR": {"T2": S}, "A": {}}
    assert project(usual, {"Z": {"T2": 1}}) == usual
    assert project(usual, {"A": {"T2": 1}}) == usual


@pytest.mark.parametrize("kinds", [2, 6])
def test_extreme_wishes_settle_before_the_last_round(kinds: int) -> None:
    """Each wants one category only, and they add up to almost exactly the flow: the slowest case."""
    names = [f"T{number}" for number in range(kinds)]
    usual = {f"H{n}": dict.fromkeys(names, (10 + n) * S) for n in range(2 * kinds)}
    declared = {f"H{n}": {names[n % kinds]: 1} for n in range(2 * kinds)}
    found = project(usual, declared)
    for n in range(2 * kinds):
        assert 2 * found[f"H{n}"][names[n % kinds]] > sum(usual[f"H{n}"].values())


# --- what it changes for the mix -----------------------------------------------------------------------------------

FLOW = {
    "typology": {"T1": 8, "T2": 20, "T3": 38, "T4": 26, "T5": 8},
    "financing": {"PLAI": 15, "PLUS": 72, "PLS": 13},
    "qpv": {"en QPV": 30, "hors QPV": 70},
}
SHARES = {"ETAT": 250_000, "AGENTS": 50_000, "ALS": 200_000, "VILLE": 120_000, "EPCI": 60_000, "NR": 320_000}
NEEDS = {
    "ETAT": {"typology": {"T1": 20, "T2": 40, "T3": 25, "T4": 15}, "financing": {"PLAI": 50, "PLUS": 50}},
    "ALS": {"typology": {"T2": 30, "T3": 50, "T4": 20}, "financing": {"PLUS": 60, "PLS": 40}},
    "VILLE": {"typology": {"T4": 60, "T5": 40}, "qpv": {"en QPV": 50, "hors QPV": 50}},
    "EPCI": {"typology": {"T3": 40, "T4": 60}},
}


Targets = Mapping[str, Mapping[str, Mapping[str, int]]]


def live(targets: Targets, *, steer: bool, seed: int, units: int) -> tuple[int, int]:
    """The worst gap, in whole units, between what a holder that declared received in a category and its target on
    what it was due; and the largest delay of anybody, in millionths. Units are drawn one by one from the flow's mix."""
    chance = random.Random(seed)
    counters = Counters(unit=S, landlord="NR", dimensions=tuple(FLOW))
    counters.holders = {key: Counter(name=key, rank=rank) for rank, key in enumerate(SHARES)}
    received = {(holder, d, k): 0 for holder in SHARES for d, mix in FLOW.items() for k in mix}
    widest = 0
    for sequence in range(1, units + 1):
        unit = {d: chance.choices(list(mix), weights=list(mix.values()))[0] for d, mix in FLOW.items()}
        counters.accrue(SHARES, unit, targets=targets if steer else None)
        decision = rule.decide(counters.situation(SHARES, unit, sequence=sequence))
        counters.receive(decision.holder, unit, sequence=sequence)
        for dimension, category in unit.items():
            received[decision.holder, dimension, category] += 1
        widest = max(widest, *(abs(each.due - S * each.received) for each in counters.holders.values()))
    gaps = [
        abs(part - S * received[holder, dimension, category])
        for holder, mine in NEEDS.items()
        for dimension in mine
        for category, part in apportion(counters.holders[holder].due, targets[holder][dimension]).items()
    ]
    return max(gaps) // S, widest


@pytest.mark.parametrize(("units", "most"), [(300, (2, 3)), (1000, (1, 2))])
def test_declared_needs_bring_the_mix_near_to_them_and_cost_nothing_in_delay(units: int, most: tuple[int, int]) -> None:
    """Six holders, of which four declare, over five years drawn: the worst gap to the declared target falls each time,
    by a third over 300 units (measured: 14 → 9 on average) and by half over 1,000 (48 → 20); and nobody is ever a unit
    away from its due (docs/engine.md, section 3)."""
    usual = {
        d: {holder: {k: share * 3 * n for k, n in mix.items()} for holder, share in SHARES.items()}
        for d, mix in FLOW.items()
    }
    fitted = {d: project(usual[d], {holder: mine[d] for holder, mine in NEEDS.items() if d in mine}) for d in FLOW}
    targets = {holder: {d: fitted[d][holder] for d in FLOW} for holder in SHARES}
    years = [
        (live(targets, steer=False, seed=seed, units=units), live(targets, steer=True, seed=seed, units=units))
        for seed in range(5)
    ]
    assert all(steered < without for (without, _), (steered, _) in years)
    part, whole = most
    assert whole * sum(steered for _, (steered, _) in years) <= part * sum(without for (without, _), _ in years)
    assert max(delay for pair in years for _, delay in pair) <= S - S // (2 * len(SHARES) - 2)
