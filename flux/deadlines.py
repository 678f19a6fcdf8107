"""Days that conventions count: jours ouvrés, from Monday to Friday, public holidays left out.

The holidays are those of the whole of France (Code du travail, L3133-1), and, where a convention says so, the two
that Alsace and Moselle add (L3134-13): Good Friday and 26 December. Those of the overseas départements count as worked.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

from holidays import country_holidays

#: Years are added as days are asked.
HOLIDAYS = country_holidays("FR")
LOCAL_HOLIDAYS = country_holidays("FR", subdiv="57")


def is_working(day: date, *, local: bool = False) -> bool:
    """Monday to Friday, and no public holiday; `local`: those of Alsace-Moselle too."""
    return day.weekday() < 5 and day not in (LOCAL_HOLIDAYS if local else HOLIDAYS)


def deadline(routed_on: date, days: int, *, local: bool = False) -> date:
    """The last day to act: the `days`-th working day after the one of the routing, which does not count.

    `days` 0 is the day itself.
    """
    day = routed_on
    while days > 0:
        day += timedelta(days=1)
        days -= is_working(day, local=local)
    return day


@lru_cache(maxsize=20_000)
def working_days(since: date, until: date, *, local: bool = False) -> int:
    """Working days after `since`, up to `until` included; 0 when it is the same day, or before."""
    return sum(is_working(since + timedelta(n), local=local) for n in range(1, (until - since).days + 1))
