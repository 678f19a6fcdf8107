"""How long the queue has waited."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.db.models import Case, F, Min, When
from django.utils import timezone

from flux.models import Vacancy

#: Read no further back: what waits longer waits for people, not for the worker (over 100 % is promised there).
DAYS = 60


def oldest_waiting(now: datetime) -> timedelta | None:
    """Since when the oldest vacancy that the worker should have looked at waits, among those of the last `DAYS` days.

    What has its forecast of the day waits for other departures to be known, not for the worker; from midnight on, the
    worker has to look at it again.
    """
    today = timezone.localdate(now)
    since, midnight = today - timedelta(days=DAYS), timezone.make_aware(datetime.combine(today, time.min))
    behind = Vacancy.objects.to_reach(today).order_by().filter(registered_on__gte=since)
    asked = Case(When(expected=None, then=F("registered_at")), default=midnight)
    registered_at: datetime | None = behind.aggregate(oldest=Min(asked))["oldest"]
    return None if registered_at is None else now - registered_at
