"""The geometry of charts: nothing outside the frame, one measure for every bar, nothing lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flux.templatetags.drawing import STEPS, Scale, longest_first, slots, stack, step_of

FIGURES = st.integers(-(10**9), 10**9)


@given(st.lists(FIGURES, max_size=40))
def test_bars_stay_in_the_frame_and_stand_on_zero(values: list[int]) -> None:
    scale = Scale.over(values, least=1, top=24, height=136)
    for value in values:
        y, height = scale.bar(value)
        assert y >= 24 - 1e-6
        assert y + height <= 160 + 1e-6
        assert scale.axis == pytest.approx(y + height if value >= 0 else y)


@given(FIGURES, FIGURES)
def test_heights_are_in_the_proportion_of_the_figures(one: int, other: int) -> None:
    scale = Scale.over([one, other], least=1, top=0, height=100)
    heights = scale.bar(one)[1], scale.bar(other)[1]
    assert heights[0] * abs(other) == pytest.approx(heights[1] * abs(one), rel=1e-6, abs=1e-3)


@given(st.integers(1, 10**7))
def test_axis_has_at_most_five_marks_and_reaches_the_top(high: int) -> None:
    step = step_of(high)
    assert step in STEPS
    assert high <= 5 * step


@given(st.integers(1, 60))
def test_columns_share_the_width(count: int) -> None:
    found = slots(count, margin=7.5)
    assert found[0].left == 7.5
    assert found[-1].left + found[-1].width == pytest.approx(100)
    for slot in found:
        x, width = slot.inside(0.5)
        assert x + width / 2 == pytest.approx(slot.middle)


@given(st.lists(st.integers(0, 500), max_size=8))
def test_stack_loses_nothing(parts: list[int]) -> None:
    piled = stack(parts)
    assert [high - low for low, high in piled] == parts
    assert (piled[-1][1] if piled else 0) == sum(parts)


@given(st.lists(st.tuples(st.integers(0, 50), st.text("abc", max_size=3))), st.integers(1, 10))
def test_rows_are_ordered_and_the_smallest_kept_together(rows: list[tuple[int, str]], most: int) -> None:
    shown, rest = longest_first(rows, lambda row: row, most=most)
    assert sorted(shown + rest) == sorted(rows)
    assert [size for size, _ in shown + rest] == sorted((size for size, _ in rows), reverse=True)
    assert len(rest) != 1
    assert len(shown) <= most + 1
