"""One faulty row never stops those behind it: every task of the clock that goes through rows does it here.

Each row is done in its own transaction, or savepoint. One that fails is written down and tried again, later and later;
after `MOST` times it is set aside, and an alert says so to whoever runs the service (flux/operations/audit.py).
What is set aside is tried again once somebody has read its alert.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils import timezone

from reservations.models import TaskFailure
from reservations.models.wall import atomic
from reservations.retries import pause
from reservations.wakeups import wake

logger = logging.getLogger(__name__)

#: After so many failures a row is set aside.
MOST = 3
#: Known by its name: what alerts lives upstairs.
ALERT = "flux.alert_set_aside"

ROOT = Path(__file__).resolve().parents[2]


def named(row: Any) -> str:
    """How a row is called: « offer:12 » of a model, itself otherwise."""
    return f"{row._meta.model_name}:{row.pk}" if hasattr(row, "_meta") else str(row)


def each_apart[Row](
    task: str,
    rows: Iterable[Row],
    act: Callable[[Row], int | None],
    *,
    name: Callable[[Row], str] = named,
    now: datetime | None = None,
) -> int:
    """Do `act` with each row, in a transaction of its own, whatever becomes of the others: the sum of what it returns,
    a number or whether it did.

    `task`: how this passage is called, the same each time. Raises nothing of a row; what keeps every row from being
    read or written (the database is away) goes through, and the task is tried again as a whole.
    """
    return each_alone(task, rows, atomic(act), name=name, now=now)


def each_alone[Row](
    task: str,
    rows: Iterable[Row],
    act: Callable[[Row], int | None],
    *,
    name: Callable[[Row], str] = named,
    now: datetime | None = None,
) -> int:
    """The same of what opens its own transactions, several of them for one row."""
    now, done = now or timezone.now(), 0
    failed: dict[str, bool] | None = None  # asked for at the first row: a task that finds none reads nothing more
    for row in rows:
        if failed is None:
            failed = TaskFailure.objects.of_task(task, now)
        called = name(row)
        if failed.get(called):
            continue
        try:
            done += int(act(row) or 0)
        except Exception as error:
            logger.exception("%s: %s failed", task, called)
            write_failure(task=task, row=called, error=error, now=now)
            continue
        if called in failed:
            TaskFailure.objects.filter(task=task, row=called).delete()
    return done


def put_off(*, task: str, row: str, until: datetime) -> datetime:
    """When what has a schedule of its own is tried again: on that day, but not before what `each_apart` says of it."""
    failed = TaskFailure.objects.filter(task=task, row=row).values_list("next_at", flat=True).first()
    return until if failed is None else max(until, failed)


@atomic
def write_failure(*, task: str, row: str, error: Exception, now: datetime) -> TaskFailure:
    """Write that a row failed once more; set it aside, and have it reported, when that was the last time."""
    failure, _ = TaskFailure.objects.get_or_create(
        task=task, row=row, defaults={"tries": 0, "failed_at": now, "next_at": now}
    )
    failure.tries += 1
    failure.error, failure.failed_at, failure.next_at = _where(error), now, now + pause(min(failure.tries, MOST))
    if failure.tries >= MOST and failure.set_aside_at is None:
        failure.set_aside_at = now
        wake(ALERT)
    failure.save()
    return failure


def _where(error: Exception) -> str:
    """« ValueError, attributions/mails/words.py, ligne 12 »: the last place of ours. Never the message, which may name
    somebody."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(ROOT) and ".venv" not in frame.filename]
    place = f", {Path(ours[-1].filename).relative_to(ROOT)}, ligne {ours[-1].lineno}" if ours else ""
    return f"{type(error).__name__}{place}"[:200]
