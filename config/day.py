"""Day.

* The clock of beat: Celery's own, which is seen to turn (`config/heartbeat.py`).
* The day that the product takes it to be: today, but in a demonstration that was opened on another day.
* One variable, read here: whole days added to the clock of this machine, by `./run demo --on` alone. Every page, act
  and task asks Django what time it is (`timezone.now`), which then answers that many days later; the database adds as
  many (`in_the_database`). What is no part of the calendar of the product keeps the hour of the machine: log lines,
  messages of the queue, codes of a second factor, imprints
  (docs/decisions/0104-a-demonstration-lives-on-another-day.md).
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from celery.beat import PersistentScheduler
from django.utils import timezone

from config.heartbeat import BEAT, Pulse


class SeenScheduler(PersistentScheduler):
    """Marks each turn; it turns every few seconds, `CELERY_BEAT_MAX_LOOP_INTERVAL`."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.pulse = Pulse(self.app, BEAT)

    def tick(self, *args: Any, **options: Any) -> float:
        """One turn."""
        self.pulse.beat()
        return float(super().tick(*args, **options))


#: Whole days, backward when negative. Given, even 0: the day may change while the process runs (`pass_days`).
AHEAD = "EQUIFLUX_DAYS_AHEAD"
#: The same in the database, as one of its settings.
SETTING = "equiflux.days_ahead"

real_now = timezone.now
_taken = {"ahead": timedelta()}


def given(environment: Mapping[str, str]) -> int:
    """How many days the environment adds; 0 when it says nothing, or what is no number."""
    value = environment.get(AHEAD, "").strip()
    return int(value) if value.removeprefix("-").isdecimal() else 0


def take(days: int) -> None:
    """From now on, this process lives so many days later than its machine."""
    _taken["ahead"] = timedelta(days=days)
    setattr(timezone, "now", now)  # noqa: B010 - one function of Django, read by all of its calendar


def now() -> datetime:
    """What time it is taken to be."""
    return real_now() + _taken["ahead"]


def in_the_database(name: str, days: int) -> Iterator[str]:
    """The statements after which sessions that open on this database live so many days later: `now()` and
    `clock_timestamp()` of its triggers are found in a schema of the demonstration, before those of PostgreSQL.

    Imprints look for theirs in PostgreSQL itself: they keep the hour at which they were really written.
    """
    yield "CREATE SCHEMA IF NOT EXISTS demonstration"
    for function, volatility in (("now", "STABLE"), ("clock_timestamp", "VOLATILE")):
        yield (
            f"CREATE OR REPLACE FUNCTION demonstration.{function}() RETURNS timestamptz LANGUAGE sql {volatility} AS "
            f"$$ SELECT pg_catalog.{function}() + current_setting('{SETTING}')::integer * interval '24 hours' $$"
        )
    yield "GRANT USAGE ON SCHEMA demonstration TO PUBLIC"
    yield f"ALTER DATABASE \"{name}\" SET {SETTING} = '{days:d}'"
    yield f'ALTER DATABASE "{name}" SET search_path = "$user", public, demonstration, pg_catalog'
