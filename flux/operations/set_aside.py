"""What a task set aside is an alert, for whoever runs the service; once it is read, the row is tried again."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from flux.models import AuditAlert
from flux.operations.audit import record_differences
from flux.queries.audit import Check, Difference
from reservations.models import TaskFailure


def alert_set_aside(*, now: datetime | None = None) -> list[AuditAlert]:
    """Keep an alert of each row that a task set aside and that has none standing: those kept now. Asked when one is set
    aside, and every night."""
    found = [
        Difference(
            None,
            Check.APART,
            expected={"tries": 1},
            found={"tries": each.tries, "task": each.task, "row": each.row, "error": each.error},
        )
        for each in TaskFailure.objects.set_aside().order_by("pk")
    ]
    return record_differences(differences=found, now=now or timezone.now())
