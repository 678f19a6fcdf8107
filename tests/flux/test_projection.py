"""Projection to 31 December: the band holds what happens, and closes on the account."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from flux.projection import BAND, AwaitedState, Band, Season, a_month, project, season, to_come

UNIT = 1_000_000
days = st.integers(0, 364)
years = st.lists(st.tuples(st.integers(0, 400), st.integers(0, 400)), max_size=3)
states = st.builds(
    AwaitedState,
    due=st.integers(0, 50 * UNIT),
    received=st.integers(0, 50),
    share=st.fractions(0, UNIT, max_denominator=7),
    gives_back=st.integers(-UNIT, UNIT),
    over=st.integers(0, 40),
    ceiling=st.none() | st.integers(0, 20 * UNIT),
)


# --- the season ----------------------------------------------------------------------------------------------------


def test_without_a_past_the_calendar_is_taken_and_stated_so() -> None:
    assert season(73, 365) == season(73, 365, [(20, 10)])
    assert (season(73, 365).left, season(73, 365).from_past) == (Fraction(1, 5), False)


def test_with_a_past_the_season_is_read_in_it() -> None:
    """Half of two years fell after the day, and a fifth of the calendar remains: much nearer to the half."""
    found = season(73, 365, [(100, 100), (150, 150)])
    assert found.from_past
    assert Fraction(45, 100) < found.left < Fraction(1, 2)


@given(days, years)
def test_the_season_is_a_part_of_the_year(left: int, past: list[tuple[int, int]]) -> None:
    found = season(left, 365, past)
    assert 0 <= found.left < 1
    assert found.variance >= 0
    assert bool(found.left) == bool(left)


def test_a_day_outside_the_year_is_refused() -> None:
    with pytest.raises(ValueError, match="365 days left of 365"):
        season(365, 365)


# --- the flow to come ----------------------------------------------------------------------------------------------


@given(st.integers(0, 3000), days, years, st.none() | st.fractions(0, 900, max_denominator=2))
def test_a_band_holds_what_is_expected(
    seen: int, left: int, past: list[tuple[int, int]], usual: Fraction | None
) -> None:
    band = to_come(seen, season(left, 365, past), usual)
    assert 0 <= band.low <= band.expected <= band.high


@given(st.integers(0, 500), st.integers(1, 100), st.integers(1, 364))
def test_more_so_far_is_more_to_come(seen: int, more: int, left: int) -> None:
    when = season(left, 365)
    few, many = to_come(seen, when), to_come(seen + more, when)
    assert few.expected < many.expected
    assert few.low <= many.low
    assert few.high <= many.high


@given(st.integers(0, 500), years)
def test_nothing_is_to_come_on_31_december(seen: int, past: list[tuple[int, int]]) -> None:
    assert to_come(seen, season(0, 365, past), Fraction(300)) == Band(0, Fraction(0), 0)


def test_a_large_flow_is_read_on_the_curve_that_it_would_be_counted_on() -> None:
    """Either side of the limit, the ends of the band follow on."""
    when = season(182, 365)
    counted, curve = to_come(1_950, when), to_come(2_050, when)
    assert counted.expected < 2_000 < curve.expected
    assert curve.low / float(curve.expected) == pytest.approx(counted.low / float(counted.expected), rel=0.02)
    assert curve.high / float(curve.expected) == pytest.approx(counted.high / float(counted.expected), rel=0.02)


def poisson(random: Random, mean: float) -> int:
    """Arrivals in a time of `mean`, one apart on average."""
    count, clock = 0, random.expovariate(1)
    while clock < mean:
        count, clock = count + 1, clock + random.expovariate(1)
    return count


@pytest.mark.parametrize("left", [330, 182, 60, 7])
@pytest.mark.parametrize("seasonal", [True, False])
@pytest.mark.parametrize("yearly", [40, 300])
def test_the_band_holds_the_truth_four_times_in_five(left: int, seasonal: bool, yearly: int) -> None:
    """Years drawn at a rate that moves by a fifth from one to the next, half of them in the last quarter or evenly."""
    random, held, trials = Random(left + yearly), 0, 150
    after = min(Fraction(1), Fraction(left, 91)) / 2 if seasonal else Fraction(left, 365)
    if seasonal and left > 91:
        after = Fraction(1, 2) + Fraction(left - 91, 274) / 2
    for _ in range(trials):
        rates = [yearly * random.uniform(0.9, 1.1) for _ in range(3)]
        past = [(poisson(random, rate * float(1 - after)), poisson(random, rate * float(after))) for rate in rates[:2]]
        seen, truth = poisson(random, rates[2] * float(1 - after)), poisson(random, rates[2] * float(after))
        band = to_come(seen, season(left, 365, past), Fraction(sum(map(sum, past)), 2))
        held += band.low <= truth <= band.high
    assert held >= trials * BAND - 3 * (trials * BAND * (1 - BAND)) ** 0.5


def test_the_band_is_no_wider_than_it_must() -> None:
    """At mid-year, 150 units in: some 150 to come, from 128 to 173."""
    band = to_come(150, season(182, 365, [(150, 150)] * 2), Fraction(300))
    assert 145 < band.expected < 155
    assert 40 <= band.high - band.low <= 52


# --- one holder ----------------------------------------------------------------------------------------------------


@given(states)
def test_on_31_december_the_band_is_the_account(state: AwaitedState) -> None:
    found = project(state, Band(0, Fraction(0), 0), UNIT)
    assert found.due == (state.due,) * 3
    assert found.received == (state.received,) * 3
    assert len(set(found.missing)) == 1


@given(states, st.integers(0, 400), days)
def test_low_expected_and_high_come_in_that_order(state: AwaitedState, seen: int, left: int) -> None:
    found = project(state, to_come(seen, season(left, 365)), UNIT)
    for low, expected, high in (found.due, found.received, found.missing):
        assert low <= expected <= high
    assert found.due[0] >= state.due
    assert found.received[0] >= state.received


@given(states, st.integers(0, 400), days, st.integers(1, UNIT))
def test_a_larger_share_is_never_due_less(state: AwaitedState, seen: int, left: int, more: int) -> None:
    assume(state.ceiling is None or state.gives_back >= 0)  # else the next test
    flow = to_come(seen, season(left, 365))
    larger = AwaitedState(state.due, state.received, state.share + more, state.gives_back, state.over, state.ceiling)
    few, many = project(state, flow, UNIT), project(larger, flow, UNIT)
    assert all(mine <= theirs for mine, theirs in zip(few.due, many.due, strict=True))
    assert all(mine <= theirs for mine, theirs in zip(few.missing, many.missing, strict=True))


@given(st.integers(0, 50 * UNIT), st.fractions(0, UNIT, max_denominator=7), st.integers(0, 400), days)
def test_what_is_received_is_within_one_unit_of_what_is_due(due: int, share: Fraction, seen: int, left: int) -> None:
    """For who is on its due today: the promise of the rule."""
    found = project(AwaitedState(due, due // UNIT, share), to_come(seen, season(left, 365)), UNIT)
    assert all(abs(owed - UNIT * got) < UNIT for owed, got in zip(found.due, found.received, strict=True))


def test_a_tenth_of_the_flow_is_due_a_tenth_of_what_comes() -> None:
    flow = Band(80, Fraction(100), 120)
    found = project(AwaitedState(due=30 * UNIT, received=29, share=Fraction(UNIT, 10)), flow, UNIT)
    assert found.due == (38 * UNIT, 40 * UNIT, 42 * UNIT)
    assert found.received == (38, 40, 42)
    assert found.missing == (9, 11, 13)


def test_what_an_earlier_year_gives_back_is_added_and_a_right_in_units_stops() -> None:
    flow = Band(80, Fraction(100), 120)
    back = project(AwaitedState(30 * UNIT, 30, Fraction(UNIT, 10), gives_back=UNIT, over=90), flow, UNIT)
    assert back.due == (38 * UNIT + round(Fraction(80 * UNIT, 90)), 41 * UNIT, 43 * UNIT)
    stopped = project(AwaitedState(30 * UNIT, 30, Fraction(UNIT, 10), ceiling=9 * UNIT), flow, UNIT)
    assert stopped.due == (38 * UNIT, 39 * UNIT, 39 * UNIT)


def test_units_a_month() -> None:
    assert a_month(12, 365) == 1
    assert a_month(3, 10) == 3
    assert a_month(3, 0) is None
    assert Season(Fraction(0), 0.0, from_past=False) == season(0, 365)


def test_under_a_ceiling_a_larger_share_pays_an_earlier_year_back_sooner() -> None:
    """Two millionths before the ceiling, two to pay back: a unit that credits one pays one back, the other both."""
    flow = to_come(40, season(36, 365))
    few, many = (
        project(AwaitedState(0, 0, Fraction(share), -2, over=1, ceiling=2), flow, UNIT).due for share in (1, 2)
    )
    assert few[1:] == (1, 1)
    assert many == (0, 0, 0)
