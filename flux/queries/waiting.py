"""How long the queue has waited."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Min
from django.utils import timezone

from flux.models import Vacancy

#: Read no further back: what waits longer waits for people, not for the worker (over 100 % is promised there).
DAYS = 60


def oldest_waiting(now: datetime) -> timedelta | None:
    """Since when the oldest vacancy of the flow without recommendation waits, among those of the last `DAYS` days."""
    since = timezone.localdate(now) - timedelta(days=DAYS)
    waiting = Vacancy.objects.waiting().order_by().filter(registered_on__gte=since)
    registered_at: datetime | None = waiting.aggregate(oldest=Min("registered_at"))["oldest"]
    return None if registered_at is None else now - registered_at
