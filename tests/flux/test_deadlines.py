"""Working days: from Monday to Friday, the public holidays of the whole of France left out."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flux.deadlines import deadline, is_working, working_days


@pytest.mark.parametrize(
    ("routed_on", "days", "until"),
    [
        (date(2026, 11, 24), 1, date(2026, 11, 25)),
        (date(2026, 11, 27), 1, date(2026, 11, 30)),  # a Friday: over the weekend
        (date(2026, 11, 28), 1, date(2026, 11, 30)),  # a Saturday
        (date(2026, 12, 24), 2, date(2026, 12, 29)),  # Christmas is a Friday
        (date(2026, 12, 14), 20, date(2027, 1, 13)),  # Christmas and New Year's Day
        (date(2026, 4, 3), 1, date(2026, 4, 7)),  # Easter Monday; Good Friday is worked
        (date(2026, 5, 13), 1, date(2026, 5, 15)),  # Ascension, a Thursday
        (date(2024, 2, 28), 2, date(2024, 3, 1)),  # a leap year
    ],
)
def test_deadline_counts_working_days_after_the_one_of_the_routing(routed_on: date, days: int, until: date) -> None:
    assert deadline(routed_on, days) == until


@pytest.mark.parametrize(
    "day",
    [(1, 1), (4, 6), (5, 1), (5, 8), (5, 14), (5, 25), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25), (11, 28)],
)
def test_no_holiday_is_worked(day: tuple[int, int]) -> None:
    assert not is_working(date(2026, *day))


@given(st.dates(date(2020, 1, 1), date(2040, 12, 31)), st.integers(1, 60))
def test_as_many_working_days_as_agreed_lie_between(routed_on: date, days: int) -> None:
    until = deadline(routed_on, days)
    between = [routed_on + timedelta(n) for n in range(1, (until - routed_on).days + 1)]
    assert is_working(until)
    assert sum(map(is_working, between)) == days


@pytest.mark.parametrize(
    ("routed_on", "days", "until"),
    [
        (date(2026, 4, 2), 1, date(2026, 4, 7)),  # Good Friday, then Easter Monday
        (date(2025, 12, 24), 1, date(2025, 12, 29)),  # Christmas, 26 December, then the weekend
    ],
)
def test_alsace_and_moselle_keep_good_friday_and_26_december(routed_on: date, days: int, until: date) -> None:
    """Code du travail, L3134-13; elsewhere both are worked."""
    assert deadline(routed_on, days, local=True) == until
    assert deadline(routed_on, days) < until


@given(since=st.dates(date(2020, 1, 1), date(2040, 12, 31)), days=st.integers(1, 60), local=st.booleans())
def test_what_remains_of_a_delay_is_the_whole_of_it_on_the_first_day(*, since: date, days: int, local: bool) -> None:
    until = deadline(since, days, local=local)
    assert working_days(since, until, local=local) == days
    assert working_days(until, until, local=local) == 0
    assert working_days(until, since, local=local) == 0
