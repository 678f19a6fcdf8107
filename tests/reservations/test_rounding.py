"""One rounding, half away from zero, the same for a page, a paper, a sentence and a file."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attributions.bilan.queries.publics import Tally
from attributions.bilan.queries.state_rights import Ratio
from attributions.templatetags.mix_charts import tenth
from flux.conversion.figures import figure as of_a_formula
from flux.engine import wording
from flux.words import gap, rounded_percent, units
from reservations.exports.page import words
from reservations.exports.spreadsheet import Column, Kind
from reservations.models.convention import UNIT
from reservations.rounding import Exact, adding_up, figure, nearest, rate_of, rounded, short, steps
from reservations.words import euros, hundredths, tenths


@pytest.mark.parametrize(
    ("millionths", "read"),
    [
        (11_865_000, "11,87"),  # half to even would say 11,86
        (11_864_999, "11,86"),
        (2_675_000, "2,68"),  # as a float, under the half
        (145_000, "0,15"),
        (-11_865_000, "−11,87"),
        (-4_999, "0,00"),
        (1_204_565_000, "1\u202f204,57"),
    ],
)
def test_a_due_reads_alike_on_screen_on_paper_in_a_sentence_and_in_a_formula(millionths: int, read: str) -> None:
    exact = Decimal(millionths) / UNIT
    assert units(millionths) == wording.units(millionths, UNIT) == read
    assert words(Column("Dû", Kind.DECIMAL), exact) == read
    assert figure(exact) == figure(Fraction(millionths, UNIT)) == hundredths(exact) == read
    assert of_a_formula(Fraction(millionths, UNIT)) == read
    signed = read if read.startswith(("−", "0,00")) else f"+{read}"
    assert gap(millionths) == words(Column("Écart", Kind.DECIMAL, "+0.00;-0.00;0.00"), exact) == signed


@given(st.integers(-(10**15), 10**15), st.integers(1, 10**9))
def test_the_nearest_is_never_further_than_a_half_and_a_half_goes_away_from_zero(part: int, whole: int) -> None:
    found, exact = nearest(part, whole), Fraction(part, whole)
    assert abs(found - exact) <= Fraction(1, 2)
    if abs(found - exact) == Fraction(1, 2):
        assert abs(found) > abs(exact)
    assert nearest(-part, whole) == -found


@given(st.lists(st.integers(-(10**9), 10**9)), st.integers(1, 10**7))
def test_lines_rounded_together_add_up_to_their_sum_and_none_is_a_whole_away(parts: list[int], whole: int) -> None:
    found = adding_up(parts, whole)
    assert sum(found) == nearest(sum(parts), whole)
    assert all(abs(each - Fraction(part, whole)) < 1 for each, part in zip(found, parts, strict=True))
    assert adding_up([12_400_000, 700_000, 300_000], UNIT) == [12, 1, 0]


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**12), max_value=10**12))
def test_it_is_what_decimals_call_half_up(value: Decimal) -> None:
    assert rounded(value, 2) == value.quantize(Decimal("0.01"), ROUND_HALF_UP)


def test_a_float_is_refused_rather_than_rounded_from_beside_its_figure() -> None:
    given: Exact = 2.675  # type: ignore[assignment]
    with pytest.raises(TypeError, match="is a float"):
        steps(given, 2)


@pytest.mark.parametrize(
    ("read", "shown"),
    [
        (short(12), "12"),
        (short(Decimal("12.50")), "12,50"),
        (tenths(Decimal("65.35")), "65,4"),
        (tenths(Decimal("65.00")), "65"),
        (tenth(Fraction(1, 4)), "0,3"),
        (tenth(Fraction(-25, 100)), "−0,3"),
        (tenth(Fraction(1196, 100)), "12"),
        (euros(Decimal("517.205")), "517,21\u202f€"),
        (euros(23403), "23\u202f403\u202f€"),
        (rounded_percent(125_050), "12,51\u202f%"),
        (rounded_percent(49), "moins de 0,01\u202f%"),
    ],
)
def test_figures_of_other_kinds_go_through_it_too(read: str, shown: str) -> None:
    assert read == shown


@pytest.mark.parametrize(
    ("part", "whole", "rate"),
    [
        (20, 44, 455_000),  # 45.4545… %
        (1, 16, 63_000),  # 6.25 %: half up
        (1, 32, 31_000),  # 3.125 %
        (0, 7, 0),
        (7, 7, 1_000_000),
        (0, 0, None),
    ],
)
def test_a_share_reads_alike_everywhere(part: int, whole: int, rate: int | None) -> None:
    assert rate_of(part, whole) == rate
    assert Ratio(part, whole).rate == Ratio(part, whole, is_ceiling=False).rate == rate
    assert Tally(part, whole, 0).rate == rate
