"""Until when a balance may be sent (CCH, R441-5-1): before a day of the law, or to a tolerated one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from attributions.bilan.models import BalanceTolerance
from attributions.bilan.queries.due import Due, dues


@dataclass(frozen=True, slots=True)
class Deadline:
    """`said` is the day that people name (« 28 février »), `last` the last one on which sending is on time: the eve, as
    the law says *before*; the same day when it is tolerated. Both None when no parameter gives the day."""

    said: date | None
    last: date | None
    tolerance: BalanceTolerance | None = None

    def days_late(self, on: date) -> int:
        """Days after the last one; 0 when on time."""
        return max(0, (on - self.last).days) if self.last else 0

    def days_left(self, on: date) -> int:
        """Days before the day that people name; 0 once it came."""
        return max(0, (self.said - on).days) if self.said else 0

    def is_past(self, on: date) -> bool:
        """Would a balance sent that day be late?"""
        return self.last is not None and on > self.last


def deadlines(exercise: int, regions: Collection[int | None]) -> Mapping[int | None, Deadline]:
    """Of the balances of an exercise, by région (id). Two queries."""
    found = dues([exercise], [region or 0 for region in regions])
    return {region: _deadline(found[exercise, region or 0]) for region in regions}


def _deadline(due: Due) -> Deadline:
    extended = due.tolerance is not None and (due.law is None or due.tolerance.until >= due.law)
    return Deadline(due.last_day if extended else due.law, due.last_day, due.tolerance if extended else None)


def followed_exercise(today: date) -> int:
    """The exercise whose balances one follows on a day: the year before until the summer, then the running one."""
    return today.year - 1 if today.month <= 6 else today.year
