"""Days that conventions count, and the last day to act: one calendar for every delay.

The holidays are those of the whole of France (Code du travail, L3133-1), and, where a convention says so, the two
that Alsace and Moselle add (L3134-13): Good Friday and 26 December. Those of the overseas départements count as worked.
The day that opens a delay never counts (code de procédure civile, art. 641); what the parties agree on says which of
the next ones do.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from holidays import HolidayBase

#: What a day is, by convention: from Monday to Friday, holidays left out; any day; any day, the last one being worked;
#: any day, neither the first nor the last counting.
WORKING, CALENDAR, POSTPONED, CLEAR = "WORKING", "CALENDAR", "POSTPONED", "CLEAR"
#: A delay that would end on a Saturday, a Sunday or a holiday ends on the next worked day (CPC, art. 642).
ENDS_WORKED = (POSTPONED, CLEAR)

ONE = timedelta(1)


@dataclass(frozen=True, slots=True)
class Days:
    """How a convention counts days. `local`: the holidays of Alsace-Moselle too; `august`: does August count?"""

    unit: str = WORKING
    local: bool = False
    august: bool = True

    def counts(self, day: date) -> bool:
        """Is this day one of a delay?"""
        in_time = self.august or day.month != 8
        return in_time and (self.unit != WORKING or is_working(day, local=self.local))

    def may_end_on(self, day: date) -> bool:
        """May a delay end on this day? It counts, and is worked where the delay ends on a worked one."""
        return self.counts(day) and (self.unit not in ENDS_WORKED or is_working(day, local=self.local))


#: Working days, wherever no convention says otherwise.
NATIONAL = Days()


@cache
def _holidays(subdivision: str | None) -> HolidayBase:
    """Years are added as days are asked. The package is loaded with the first of them: most commands ask for none."""
    from holidays import country_holidays

    return country_holidays("FR", subdiv=subdivision)


def is_working(day: date, *, local: bool = False) -> bool:
    """Monday to Friday, and no public holiday; `local`: those of Alsace-Moselle too."""
    return day.weekday() < 5 and day not in _holidays("57" if local else None)


@lru_cache(maxsize=20_000)
def last_day(since: date, count: int, days: Days) -> date:
    """The last day to act, of a delay of `count` days opened on `since`, which does not count; itself when it is 0.

    A « jour franc » more is let go before the last day: neither the first nor the last counts.
    """
    if count <= 0:
        return since
    day, left = since, count + (days.unit == CLEAR)
    while left > 0:
        day += ONE
        left -= days.counts(day)
    while not days.may_end_on(day):
        day += ONE
    return day


@lru_cache(maxsize=20_000)
def elapsed(since: date, until: date, days: Days) -> int:
    """Days that count after `since`, up to `until` included; 0 when it is the same day, or before."""
    return sum(days.counts(since + timedelta(n)) for n in range(1, (until - since).days + 1))


def deadline(since: date, days: int, *, local: bool = False) -> date:
    """The `days`-th working day after `since`, whatever a convention counts: the terms of the law and of the house."""
    return last_day(since, days, Days(local=local))


def working_days(since: date, until: date, *, local: bool = False) -> int:
    """Working days after `since`, up to `until` included; 0 when it is the same day, or before."""
    return elapsed(since, until, Days(local=local))


def months_after(day: date, months: int) -> date:
    """The same day some months later, or before; the last one of a month that is too short."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def period_after(last: date, months: int) -> date:
    """The last day of the months that follow `last`, or, below 0, the eve of those that end with it: whole months of
    the calendar, of which the first begins on the day after a last one."""
    return months_after(last + ONE, months) - ONE
