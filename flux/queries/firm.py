"""When a departure that waits for others to be known becomes firm by time alone (routing specification, version 2,
section 5).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, timedelta

from flux.models import Vacancy
from reservations.deadlines import Days, deadline, is_working, last_day
from reservations.models import Convention
from reservations.queries.rights import Right


def firm_on(vacancy: Vacancy, held: Collection[Right], days: int) -> date:
    """The day on which a departure is firm by time alone, that of its registration at the earliest. No query.

    It has waited `days` working days; or it will be free so soon that a holder would lose some of its own delay to
    propose. Who the holder is nobody knows yet: the longest delay of the rights that bear there (`held`) is read, so
    that the day does not move with the forecast, and that nobody loses a day whoever gets the unit.
    """
    local = any(right.convention.local_holidays for right in held)
    asked = _times_to_propose(held, local=local)
    day, waited = vacancy.registered_on, 0
    while waited < days and all(
        last_day(deadline(day, days, local=how.local), longest, how) <= vacancy.available_on for longest, how in asked
    ):
        day += timedelta(1)
        waited += is_working(day, local=local)
    return day


def _times_to_propose(held: Iterable[Right], *, local: bool) -> set[tuple[int, Days]]:
    """The delays to propose of those who look for their candidates themselves, each in its days. The landlord, on its
    own part, has none."""
    return {(0, Days(local=local))} | {
        (right.convention.proposal_days, right.convention.days)
        for right in held
        if not right.suspended
        and right.convention.proposal_days
        and right.convention.management == Convention.Management.DIRECT
    }


def in_turn(days: Iterable[date]) -> list[date]:
    """The day on which each is decided at the latest, from the days on which each would be firm, in order of
    registration: none is decided before those registered earlier."""
    found: list[date] = []
    for day in days:
        found.append(max(day, found[-1]) if found else day)
    return found
