"""Laws of counts: those of the textbook."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flux.laws import Law, binomial, gamma_poisson, hypergeometric


@given(st.integers(0, 80), st.data())
def test_the_hypergeometric_law_is_the_one_of_the_textbook(population: int, data: st.DataObject) -> None:
    marked, drawn = data.draw(st.integers(0, population)), data.draw(st.integers(0, population))
    law = hypergeometric(population, marked, drawn)
    for count in range(drawn + 1):
        exact = Fraction(comb(marked, count) * comb(population - marked, drawn - count), comb(population, drawn))
        assert abs(_weight(law, count) - float(exact)) < 1e-12


@given(st.integers(0, 80), st.fractions(0, 1, max_denominator=50))
def test_the_binomial_law_is_the_one_of_the_textbook(drawn: int, share: Fraction) -> None:
    law = binomial(drawn, share)
    for count in range(drawn + 1):
        exact = comb(drawn, count) * share**count * (1 - share) ** (drawn - count)
        assert abs(_weight(law, count) - float(exact)) < 1e-12


def _weight(law: Law, count: int) -> float:
    return law.weights[count - law.least] if law.least <= count <= law.most else 0.0


def test_the_law_of_a_sum_is_that_of_one_urn_when_the_shares_are_the_same() -> None:
    """Two draws with replacement of 5 and 7 units are one of 12."""
    whole, summed = binomial(12, Fraction(1, 3)), binomial(5, Fraction(1, 3)) + binomial(7, Fraction(1, 3))
    assert summed.least == whole.least
    assert summed.weights == pytest.approx(whole.weights)


def test_a_draw_beyond_its_population_is_refused() -> None:
    with pytest.raises(ValueError, match="5 drawn, 2 marked, of 4"):
        hypergeometric(4, 2, 5)


@given(st.integers(1, 300), st.data(), st.floats(1e-6, 0.5))
def test_outside_the_interval_is_below_the_level(population: int, data: st.DataObject, level: float) -> None:
    marked, drawn = data.draw(st.integers(0, population)), data.draw(st.integers(0, population))
    law = hypergeometric(population, marked, drawn)
    low, high = law.interval(level)
    mean = Fraction(drawn * marked, population)
    assert low <= mean <= high or high - low == 0 or low - 1 < mean < high + 1
    for count in range(law.least, law.most + 1):
        assert (low <= count <= high) == (law.chance(count) > level)


@given(st.floats(0.01, 500), st.floats(0.001, 3))
def test_the_gamma_poisson_law_has_the_mean_and_the_variance_asked(mean: float, spread: float) -> None:
    law = gamma_poisson(mean, spread)
    found = sum(law.weights[i] * (law.least + i) for i in range(len(law.weights)))
    square = sum(law.weights[i] * (law.least + i - found) ** 2 for i in range(len(law.weights)))
    assert found == pytest.approx(mean, rel=1e-6)
    assert square == pytest.approx(mean + spread * mean**2, rel=1e-6)


def test_nothing_to_come_is_certain() -> None:
    assert gamma_poisson(0.0, 0.0) == Law(0, (1.0,))
