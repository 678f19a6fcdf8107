"""Days that conventions count: jours ouvrés, from Monday to Friday, public holidays left out.

The holidays are those of the whole of France (Code du travail, L3133-1); the days that only Alsace, Moselle or
the overseas départements keep count as worked, so that one convention has one deadline wherever it bears.
"""

from __future__ import annotations

from datetime import date, timedelta

from holidays import country_holidays

#: Years are added as days are asked.
HOLIDAYS = country_holidays("FR")


def is_working(day: date) -> bool:
    """Monday to Friday, and no public holiday."""
    return day.weekday() < 5 and day not in HOLIDAYS


def deadline(routed_on: date, days: int) -> date:
    """The last day to act: the `days`-th working day after the one of the routing, which does not count.

    `days` is at least 1.
    """
    day = routed_on
    while days > 0:
        day += timedelta(days=1)
        days -= is_working(day)
    return day
