"""Accounts that nobody has used for long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import DateTimeField, F, Max, Min, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from reservations.models import HistoryEntry, User

Act = HistoryEntry.Act
USER = User._meta.label_lower


@dataclass(frozen=True, slots=True)
class Unused:
    """Somebody who has not come since a moment; and when they were warned of it, after that."""

    person: User
    since: datetime
    warned_at: datetime | None


def unused_since(before: date) -> list[Unused]:
    """Open accounts whose person last signed in before that day, or was recorded before it and never came."""
    story = HistoryEntry.objects.filter(subject=USER, subject_id=OuterRef("pk")).order_by().values("subject_id")
    people = User.objects.filter(Q(last_login=None) | Q(last_login__date__lt=before), is_active=True).annotate(
        since=Coalesce(
            F("last_login"), Subquery(story.annotate(at=Min("at")).values("at")), output_field=DateTimeField()
        ),
        warned_at=Subquery(story.filter(act=Act.WARNED).annotate(at=Max("at")).values("at")),
    )
    return [
        Unused(person, person.since, person.warned_at if person.warned_at and person.warned_at > person.since else None)
        for person in people.filter(since__date__lt=before).order_by("pk")
    ]
