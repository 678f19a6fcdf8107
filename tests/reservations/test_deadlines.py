"""Days as conventions count them: « ouvrés », « calendaires » or « francs », in August or not."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reservations.deadlines import (
    CALENDAR,
    CLEAR,
    ENDS_WORKED,
    POSTPONED,
    WORKING,
    Days,
    deadline,
    elapsed,
    is_working,
    last_day,
    working_days,
)


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


#: A Monday, with no holiday near: 2 March 2026.
MONDAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("since", "count", "days", "until"),
    [
        # CPC, art. 641: « celui de l’acte (…) qui le fait courir ne compte pas »; art. 642: « Tout délai expire le
        # dernier jour à vingt-quatre heures. »
        (MONDAY, 3, Days(CALENDAR), date(2026, 3, 5)),
        (MONDAY, 5, Days(CALENDAR), date(2026, 3, 7)),  # a Saturday: nothing postpones it unless the parties say so
        # Art. 642: « Le délai qui expirerait normalement un samedi, un dimanche ou un jour férié ou chômé est prorogé
        # jusqu’au premier jour ouvrable suivant. »
        (MONDAY, 5, Days(POSTPONED), date(2026, 3, 9)),
        (date(2026, 4, 1), 3, Days(POSTPONED), date(2026, 4, 7)),  # Saturday before Easter Monday
        (date(2026, 4, 1), 2, Days(POSTPONED), date(2026, 4, 3)),  # Good Friday
        (date(2026, 4, 1), 2, Days(POSTPONED, local=True), date(2026, 4, 7)),  # chômé in Moselle (L3134-13)
        # « Un contrat est signé le 23 mars : un jour franc, la facture pourra être datée du 25 mars ; sept jours
        # francs, elle sera datée du 31 mars » (Compta Online, « Les jours francs : bien les compter »).
        (date(2026, 3, 23), 1, Days(CLEAR), date(2026, 3, 25)),
        (date(2026, 3, 23), 7, Days(CLEAR), date(2026, 3, 31)),
        (MONDAY, 4, Days(CLEAR), date(2026, 3, 9)),  # the day after the fourth is a Saturday
        (date(2026, 3, 6), 10, Days(CLEAR), date(2026, 3, 17)),
        # August does not count: what runs on 31 July goes on from 1 September.
        (date(2026, 7, 30), 2, Days(WORKING, august=False), date(2026, 9, 1)),
        (date(2026, 7, 30), 2, Days(CALENDAR, august=False), date(2026, 9, 1)),
        (date(2026, 8, 12), 1, Days(CALENDAR, august=False), date(2026, 9, 1)),
        (date(2027, 7, 30), 1, Days(POSTPONED, august=False), date(2027, 9, 1)),  # 31 July 2027 is a Saturday
        (date(2026, 7, 29), 1, Days(CLEAR, august=False), date(2026, 7, 31)),
        (date(2026, 7, 30), 1, Days(CLEAR, august=False), date(2026, 9, 1)),
        (MONDAY, 0, Days(CLEAR), MONDAY),
    ],
)
def test_last_day_of_each_kind_of_day(since: date, count: int, days: Days, until: date) -> None:
    assert last_day(since, count, days) == until


HOW = st.builds(Days, st.sampled_from([WORKING, CALENDAR, POSTPONED, CLEAR]), local=st.booleans(), august=st.booleans())


@given(st.dates(date(2020, 1, 1), date(2040, 12, 31)), st.integers(1, 60), HOW)
def test_no_day_agreed_is_lost_and_no_delay_ends_where_it_may_not(since: date, count: int, days: Days) -> None:
    """As many days as agreed count before it ends, one more when they are « francs », and nothing less before it."""
    until = last_day(since, count, days)
    assert days.may_end_on(until)
    assert days.august or until.month != 8
    assert days.unit == CALENDAR or is_working(until, local=days.local)
    asked = count + (days.unit == CLEAR)
    between = [each for n in range((until - since).days) if days.counts(each := since + timedelta(n + 1))]
    assert len(between) == elapsed(since, until, days) >= asked
    if days.unit not in ENDS_WORKED:
        assert len(between) == asked
    else:  # only days on which a delay may not end were added
        assert not any(days.may_end_on(each) for each in between[asked - 1 : -1])
    assert last_day(since, count + 1, days) >= until
