"""Sharing whole units out."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flux.apportion import apportion


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        (100, {"T3": 3, "T2": 1}, {"T3": 75, "T2": 25}),
        (100, {"T3": 1, "T2": 1, "T1": 1}, {"T3": 34, "T2": 33, "T1": 33}),  # ties: the order given
        (2, {"b": 1, "a": 1, "c": 1}, {"b": 1, "a": 1, "c": 0}),
        (3, {"a": Fraction(1, 2), "b": Fraction(1, 2)}, {"a": 2, "b": 1}),
        (100, {"T3": 1, "T2": 0}, {"T3": 100, "T2": 0}),
        (1, {"a": 1, "b": 2}, {"a": 0, "b": 1}),
    ],
)
def test_apportion_is_by_largest_remainder(
    total: int, weights: dict[str, int] | dict[str, Fraction], parts: dict[str, int]
) -> None:
    assert apportion(total, weights) == parts


@given(
    st.integers(0, 1_000_000),
    st.dictionaries(st.text("abc", min_size=1), st.integers(0, 10**9), min_size=1).filter(lambda w: any(w.values())),
)
def test_apportion_gives_everything_and_stays_within_one_of_the_exact_part(total: int, weights: dict[str, int]) -> None:
    parts = apportion(total, weights)
    assert sum(parts.values()) == total
    for name, part in parts.items():
        assert abs(part - Fraction(total * weights[name], sum(weights.values()))) < 1
