"""Accounts that nobody uses: warned, then closed; who did what under them stays."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.utils import timezone

from reservations.models import HistoryEntry, LegalParameter, User
from reservations.models.acting import atomic
from reservations.operations.apart import each_apart
from reservations.operations.history import record
from reservations.operations.person import RevocationRefused, close_unused
from reservations.queries.dormant import Unused, unused_since
from reservations.queries.people import organisations_of

Act, Code = HistoryEntry.Act, LegalParameter.Code


def close_dormant(*, now: datetime) -> tuple[int, int]:
    """Warn those whose account nobody has used for the time of the parameter, less its warning; close those warned that
    long ago, who did not come back. Every night. (how many warned, how many closed); none where no parameter is.

    The last administrator is never closed: somebody has to let people in.
    """
    today = timezone.localdate(now)
    try:
        months = int(LegalParameter.objects.value_on(Code.DORMANT_MONTHS, today))
        notice = timedelta(days=int(LegalParameter.objects.value_on(Code.DORMANT_WARNING_DAYS, today)))
    except LegalParameter.DoesNotExist:
        return 0, 0
    found = unused_since(last_day(today + notice, months))
    new = [each for each in found if each.warned_at is None]
    over = [each for each in found if each.warned_at and timezone.localdate(each.warned_at) + notice <= today]
    warned = each_apart(
        "people.warn", new, lambda each: _warn(each.person, closes_on=today + notice), name=_who, now=now
    )
    return warned, each_apart("people.close", over, _close, name=_who, now=now)


def _who(unused: Unused) -> str:
    return f"user:{unused.person.pk}"


def last_day(today: date, months: int) -> date:
    """Whoever came last before that day has not come for that many months."""
    year, month = divmod(today.year * 12 + today.month - 1 - months, 12)
    return date(year, month + 1, min(today.day, 28))


@atomic
def _warn(person: User, *, closes_on: date) -> bool:
    details = {"closes_on": [None, closes_on.isoformat()]}
    record(person, Act.WARNED, by=None, details=details, organisations=organisations_of(person))
    return True


def _close(unused: Unused) -> bool:
    try:
        return close_unused(person=unused.person, since=unused.since)
    except RevocationRefused:
        return False
