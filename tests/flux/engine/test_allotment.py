"""Sharing a programme by counts: exact at every step, and as agreed at the end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flux.engine.allotment import WrongCountsError, due_after, furthest_behind, step

UNIT = 1_000_000


@st.composite
def programmes(draw: st.DrawFn) -> tuple[list[int], int]:
    counts = draw(st.lists(st.integers(1, 60), min_size=1, max_size=8))
    return counts, sum(counts) + draw(st.integers(0, 60))


@given(programmes())
def test_steps_sum_to_one_home_each_and_to_the_counts_at_the_end(programme: tuple[list[int], int]) -> None:
    counts, units = programme
    total = [0] * (len(counts) + 1)
    for number in range(1, units + 1):
        shares = step(counts, units=units, number=number, unit=UNIT)
        assert sum(shares) == UNIT
        assert min(shares) >= 0
        total = [due + share for due, share in zip(total, shares, strict=True)]
        assert total == due_after(counts, units=units, done=number, unit=UNIT)
        assert all(
            abs(due * units - count * UNIT * number) < units
            for due, count in zip(total, [*counts, units - sum(counts)], strict=True)
        )
    assert total == [UNIT * count for count in (*counts, units - sum(counts))]


@given(programmes(), st.data())
def test_everyone_ends_with_its_count_whatever_is_named(programme: tuple[list[int], int], data: st.DataObject) -> None:
    counts, units = programme
    every = [*counts, units - sum(counts)]
    named = [data.draw(st.integers(0, count)) for count in counts]
    homes = data.draw(
        st.permutations([place for place, size in enumerate(named) for _ in range(size)] + [-1] * (units - sum(named)))
    )
    let, free = [0] * len(every), [count - size for count, size in zip(every, [*named, 0], strict=True)]
    for number, home in enumerate(homes, 1):
        place = home
        if home < 0:
            place = furthest_behind(every, let, free, units=units, number=number)
            free[place] -= 1
        let[place] += 1
    assert (let, free) == (every, [0] * len(every))


@given(programmes())
def test_without_names_nobody_waits_for_the_others_to_be_done(programme: tuple[list[int], int]) -> None:
    """Served by the furthest behind, the gap stays small: fewer homes than there are destinations, at every step."""
    counts, units = programme
    every = [*counts, units - sum(counts)]
    let = [0] * len(every)
    for number in range(1, units + 1):
        free = [count - done for count, done in zip(every, let, strict=True)]
        let[furthest_behind(every, let, free, units=units, number=number)] += 1
        gaps = [count * number - done * units for count, done in zip(every, let, strict=True)]
        assert max(map(abs, gaps)) < len(every) * units


def test_three_equal_counts_share_each_home_to_the_millionth() -> None:
    assert [step([1, 1, 1], units=3, number=number, unit=UNIT) for number in (1, 2, 3)] == [
        [333_333, 333_333, 333_334, 0],
        [333_333, 333_334, 333_333, 0],
        [333_334, 333_333, 333_333, 0],
    ]


def test_a_tie_goes_to_the_first_place_and_the_landlord_yields() -> None:
    assert furthest_behind([2, 2, 2], [0, 0, 0], [2, 2, 2], units=6, number=1) == 0
    assert furthest_behind([2, 2, 2], [1, 0, 0], [1, 2, 2], units=6, number=2) == 1
    assert furthest_behind([2, 2, 2], [1, 1, 0], [0, 0, 2], units=6, number=3) == 2


@pytest.mark.parametrize(
    ("counts", "units", "done"), [([3, 3], 5, 1), ([-1], 5, 1), ([1], 5, 6), ([1], 5, -1), ([], 0, 1)]
)
def test_counts_that_describe_no_programme_are_refused(counts: list[int], units: int, done: int) -> None:
    with pytest.raises(WrongCountsError):
        due_after(counts, units=units, done=done, unit=UNIT)


def test_nobody_free_is_refused() -> None:
    with pytest.raises(WrongCountsError):
        furthest_behind([1, 0], [1, 0], [0, 0], units=1, number=1)
