"""Largest remainder: sums, bounds, ties, and why nobody recomputes it in the year."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flux.conversion.figures import WrongSharesError, whole_units

SHARES = st.lists(st.integers(0, 50), min_size=1, max_size=6).filter(any)


def shares_of(weights: list[int]) -> dict[str, Fraction]:
    return {f"H{place}": Fraction(weight, sum(weights)) for place, weight in enumerate(weights)}


@given(st.integers(0, 1000), SHARES)
def test_targets_sum_to_the_total_and_stay_within_one_unit(total: int, weights: list[int]) -> None:
    shares = shares_of(weights)
    given_out = whole_units(total, shares)
    assert list(given_out) == list(shares)
    assert sum(given_out.values()) == total
    assert all(abs(given_out[name] - total * share) < 1 for name, share in shares.items())
    assert all(given_out[name] == 0 for name, share in shares.items() if not share)


def test_one_more_unit_may_take_one_away() -> None:
    """Why in-year routing never recomputes it: the third holder may already have received both."""
    shares = shares_of([6, 6, 2])
    assert list(whole_units(10, shares).values()) == [4, 4, 2]
    assert list(whole_units(11, shares).values()) == [5, 5, 1]


def test_equal_remainders_go_in_the_order_of_the_shares() -> None:
    assert whole_units(1, {"A": Fraction(1, 2), "B": Fraction(1, 2)}) == {"A": 1, "B": 0}
    assert whole_units(1, {"B": Fraction(1, 2), "A": Fraction(1, 2)}) == {"B": 1, "A": 0}
    assert list(whole_units(2, shares_of([1, 1, 1])).values()) == [1, 1, 0]


@pytest.mark.parametrize(
    "shares",
    [
        {},
        {"A": Fraction(1, 2)},
        {"A": Fraction(1, 2), "B": Fraction(51, 100)},
        {"A": Fraction(3, 2), "B": Fraction(-1, 2)},
    ],
)
def test_shares_that_do_not_make_a_whole_are_refused_and_never_rescaled(shares: dict[str, Fraction]) -> None:
    with pytest.raises(WrongSharesError):
        whole_units(10, shares)


def test_a_total_below_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="-1 units"):
        whole_units(-1, {"A": Fraction(1)})
