"""The days of a rehearsal, whatever the day it is run: 1 and 2 January included."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, date, datetime, time, timedelta
from typing import Any


def clock(on: date | None) -> AbstractContextManager[Any]:
    """As if it were the morning of that day; as it is without one."""
    if on is None:
        return nullcontext()
    import time_machine  # of tests: a landlord goes live today

    return time_machine.travel(datetime.combine(on, time(9), tzinfo=UTC))


def today() -> date:
    """In Paris."""
    from django.utils import timezone

    return timezone.localdate()


def year() -> int:
    """The exercise that begins here."""
    return today().year


def opened() -> date:
    """The middle of the year so far: balances count what came before, and units what came since. On the first days of
    a year, its first."""
    first = date(year(), 1, 1)
    return first + timedelta((today() - first).days // 2)


def since() -> date:
    """From when opening balances count: this year, or the last when it has just ended."""
    first = date(year(), 1, 1)
    return first if opened() > first else date(year() - 1, 7, 1)
