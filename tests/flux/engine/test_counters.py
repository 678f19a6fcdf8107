"""Dues, units received, lacks: the fold of what happened in one ledger."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flux.engine.counters import Counter, Counters, Waiting, WrongSharesError
from flux.engine.facts import HolderFacts

T3_PLUS = {"typology": "T3", "financing": "PLUS"}


def counters(*ids: str) -> Counters:
    return Counters(
        unit=100,
        landlord="NR",
        dimensions=("typology", "financing"),
        holders={key: Counter(name=f"Nom de {key}", rank=rank) for rank, key in enumerate(ids)},
    )


def test_accrue_credits_each_share_in_total_and_in_each_category() -> None:
    ledger = counters("A", "B", "NR")
    ledger.accrue({"A": 30, "B": 0, "NR": 70}, T3_PLUS)
    ledger.accrue({"A": 30, "NR": 70}, {"typology": "T5", "financing": "PLUS"})
    assert ledger.holders["A"].due == 60
    assert ledger.holders["A"].profile == {
        "typology": {"T3": [30, 0], "T5": [30, 0]},
        "financing": {"PLUS": [60, 0]},
    }
    assert (ledger.holders["B"].due, ledger.holders["B"].profile) == (0, {})


def test_a_step_of_an_earlier_year_goes_where_its_holder_takes_units() -> None:
    """Given back on its targets, to the sign of the step; the landlord’s, which has none, where the unit is."""
    ledger = counters("A", "NR")
    spreads = ledger.carry({"A": -30, "NR": 30}, T3_PLUS, targets={"A": {"typology": {"T2": 1, "T4": 2}}})
    assert spreads == {"A": {"typology": {"T2": -10, "T4": -20}}}
    assert ledger.holders["A"].profile == {
        "typology": {"T2": [-10, 0], "T4": [-20, 0]},
        "financing": {"PLUS": [-30, 0]},
    }
    assert ledger.holders["NR"].profile == {"typology": {"T3": [30, 0]}, "financing": {"PLUS": [30, 0]}}


@pytest.mark.parametrize(
    "shares",
    [{"A": 30, "NR": 69}, {"A": 31, "NR": 70}, {"A": -10, "NR": 110}, {"A": 100, "NR": 1}, {}],
)
def test_accrue_refuses_shares_that_do_not_make_one_unit_and_credits_nothing(shares: dict[str, int]) -> None:
    ledger = counters("A", "NR")
    before = copy.deepcopy(ledger)
    with pytest.raises(WrongSharesError):
        ledger.accrue(shares, T3_PLUS)
    assert ledger == before


def test_receive_counts_one_unit_and_the_rank_at_which_it_came() -> None:
    ledger = counters("A", "NR")
    ledger.receive("A", T3_PLUS, sequence=5)
    assert ledger.holders["A"] == Counter(
        name="Nom de A",
        rank=0,
        received=1,
        last_served=5,
        profile={"typology": {"T3": [0, 1]}, "financing": {"PLUS": [0, 1]}},
    )
    assert ledger.holders["A"].lack("typology", "T3", 100) == -100


def test_last_served_never_goes_back_when_an_older_unit_comes_by_re_routing() -> None:
    ledger = counters("A", "NR")
    ledger.receive("A", T3_PLUS, sequence=5)
    ledger.receive("A", T3_PLUS, sequence=2)
    assert (ledger.holders["A"].received, ledger.holders["A"].last_served) == (2, 5)


def test_give_up_undoes_the_count_and_keeps_what_is_due() -> None:
    ledger = counters("A", "NR")
    ledger.accrue({"A": 30, "NR": 70}, T3_PLUS)
    ledger.receive("A", T3_PLUS, sequence=1)
    ledger.give_up("A", T3_PLUS)
    assert (ledger.holders["A"].due, ledger.holders["A"].received) == (30, 0)
    assert ledger.holders["A"].profile == {"typology": {"T3": [30, 0]}, "financing": {"PLUS": [30, 0]}}


def test_lack_of_a_category_never_seen_is_zero() -> None:
    assert counters("A").holders["A"].lack("typology", "T6+", 100) == 0


def test_usual_mix_is_what_was_due_in_the_other_categories() -> None:
    ledger = counters("A", "NR")
    for typology, share in (("T3", 30), ("T4", 20)):
        ledger.accrue({"A": share, "NR": 100 - share}, {"typology": typology, "financing": "PLUS"})
    assert ledger.holders["A"].usual_mix("typology") == {"T3": 30, "T4": 20}
    assert ledger.holders["A"].usual_mix("typology", without=frozenset({"T3"})) == {"T4": 20}
    assert ledger.flow_mix("typology", without=frozenset({"T3"})) == {"T4": 100}


def test_lack_of_a_unit_is_what_is_due_in_its_categories_less_what_was_received_weighed() -> None:
    ledger = counters("A", "NR")
    ledger.accrue({"A": 30, "NR": 70}, T3_PLUS)
    ledger.receive("A", {"typology": "T3", "financing": "PLAI"}, sequence=1)
    assert ledger.holders["A"].lack_of(T3_PLUS, 100) == (30 - 100) + 30
    assert ledger.holders["A"].lack_of(T3_PLUS, 100, (6, 1)) == 6 * (30 - 100) + 30


def known(shares: dict[str, int], may_take: frozenset[str] | None = None) -> Waiting:
    return Waiting("v1", 1, shares, T3_PLUS, may_take)


def test_a_known_departure_is_for_those_with_a_share_that_may_take_it_and_the_landlord() -> None:
    shares = {"A": 30, "B": 20, "C": 0, "NR": 50}
    assert known(shares).takers("NR") == {"A", "B", "NR"}
    assert known(shares, frozenset({"B", "C"})).takers("NR") == {"B", "NR"}


@pytest.mark.parametrize("shares", [{"A": 30, "NR": 69}, {"A": 31, "NR": 70}, {"A": -10, "NR": 110}])
def test_a_known_departure_whose_shares_do_not_make_one_unit_is_refused(shares: dict[str, int]) -> None:
    ledger = counters("A", "NR")
    with pytest.raises(WrongSharesError):
        ledger.situation({"A": 30, "NR": 70}, T3_PLUS, sequence=1, waiting=[known(shares)], window=2)
    assert ledger.situation({"A": 30, "NR": 70}, T3_PLUS, sequence=1, waiting=[known(shares)]).known == ()


@pytest.mark.parametrize(("holder", "amount"), [("A", 0), ("A", -1), ("NR", 10)])
def test_nothing_and_the_landlord_forfeit_nothing(holder: str, amount: int) -> None:
    ledger = counters("A", "NR")
    with pytest.raises(ValueError, match="did not forfeit"):
        ledger.forfeit_as_reported(holder, amount, T3_PLUS)
    ledger.forfeit_as_reported("A", 10, T3_PLUS)
    assert (ledger.holders["A"].due, ledger.holders["NR"].due) == (-10, 10)


def test_situation_sees_holders_with_a_share_here_and_the_landlord_by_rank() -> None:
    ledger = counters("C", "B", "NR", "A")
    ledger.accrue({"A": 60, "C": 40, "B": 0}, T3_PLUS)
    seen = ledger.situation({"A": 60, "C": 40, "B": 0}, T3_PLUS, sequence=1)
    assert [row.id for row in seen.holders] == ["C", "NR", "A"]
    assert seen.holders[0] == HolderFacts(
        id="C", name="Nom de C", rank=0, share=40, due=40, received=0, last_served=0, may_take=True, lacks=(40, 40)
    )
    assert seen.holders[1].share == 0
    assert (seen.unit, seen.sequence, seen.landlord) == (100, 1, "NR")
    assert (seen.dimensions, seen.categories) == (("typology", "financing"), ("T3", "PLUS"))


def test_may_take_removes_a_candidate_and_not_its_due() -> None:
    ledger = counters("A", "B", "NR")
    shares = {"A": 30, "B": 20, "NR": 50}
    ledger.accrue(shares, T3_PLUS)
    seen = ledger.situation(shares, T3_PLUS, sequence=1, may_take=frozenset({"B"}))
    assert [(row.id, row.due, row.may_take) for row in seen.holders] == [
        ("A", 30, False),
        ("B", 20, True),
        ("NR", 50, False),
    ]


def test_situation_is_frozen_and_does_not_follow_the_counters() -> None:
    ledger = counters("A", "NR")
    ledger.accrue({"A": 30, "NR": 70}, T3_PLUS)
    seen = ledger.situation({"A": 30, "NR": 70}, T3_PLUS, sequence=1)
    ledger.receive("A", T3_PLUS, sequence=1)
    assert [row.received for row in seen.holders] == [0, 0]
    with pytest.raises(AttributeError):
        seen.holders[0].due = 0  # type: ignore[misc]


HOLDERS = ("A", "B", "NR")
CATEGORY = st.fixed_dictionaries(
    {"typology": st.sampled_from(("T2", "T3", "")), "financing": st.sampled_from(("PLUS", "PLS"))}
)


@given(
    st.lists(
        st.tuples(
            CATEGORY,
            st.integers(0, 100).flatmap(lambda a: st.tuples(st.just(a), st.integers(0, 100 - a))),
            st.sampled_from(HOLDERS),
            st.none() | st.sampled_from(HOLDERS),
        ),
        max_size=40,
    )
)
@settings(deadline=None)
def test_checksums_hold_after_any_routing_and_any_override(story) -> None:
    """Σ delay = 0 once the unit is assigned, Σ received, Σ due, and Σ lack = delay for each holder and dimension."""
    ledger = counters(*HOLDERS)
    for sequence, (categories, (a, b), served, overridden) in enumerate(story, 1):
        ledger.accrue({"A": a, "B": b, "NR": 100 - a - b}, categories)
        assert sum(h.due - 100 * h.received for h in ledger.holders.values()) == 100
        ledger.receive(served, categories, sequence=sequence)
        if overridden:
            ledger.give_up(served, categories)
            ledger.receive(overridden, categories, sequence=sequence)
        assert sum(h.due - 100 * h.received for h in ledger.holders.values()) == 0
        assert sum(h.received for h in ledger.holders.values()) == sequence
        assert sum(h.due for h in ledger.holders.values()) == 100 * sequence
        for one in ledger.holders.values():
            for dimension in ledger.dimensions:
                lacks = [one.lack(dimension, category, 100) for category in one.profile.get(dimension, {})]
                assert sum(lacks) == one.due - 100 * one.received
