"""The sessions of the screens (`SESSION_ENGINE`): closed after some time without a request, and after a day's work.

Idle time is the row's own date: a request pushes it back by a narrow UPDATE, once a minute at most, so that what two
requests of one session write at the same time is never undone by either. The whole length is counted from sign-in.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.models import Session
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

SIGNED_IN_AT = "signed_in_at"
#: How late the date of a row may be.
STEP = timedelta(minutes=1)


class Ended(Enum):
    """Why nobody is signed in any more, as the address of the sign-in page says it."""

    IDLE = "inactif"
    LENGTH = "duree"
    CLOSED = "fermee"


class SessionStore(DatabaseStore):
    """A session that knows when its row ends."""

    ends_at: datetime | None = None

    def _get_session_from_db(self) -> Session | None:
        row: Session | None = super()._get_session_from_db()  # type: ignore[misc]  # not in the stubs
        self.ends_at = row.expire_date if row is not None else None
        return row

    def seen(self, now: datetime) -> None:
        """Push back the end of the row, when it is a step late."""
        end = now + timedelta(seconds=settings.SESSION_COOKIE_AGE)
        if self.ends_at is not None and self.ends_at < end - STEP:
            Session.objects.filter(session_key=self.session_key).update(expire_date=end)
            self.ends_at = end

    def is_over(self, now: datetime) -> bool:
        """Has it lasted as long as a session may, however busy?"""
        since = datetime.fromisoformat(self.setdefault(SIGNED_IN_AT, now.isoformat()))
        return now - since > settings.SESSION_LENGTH


def was_idle(key: str | None, now: datetime) -> bool:
    """Is this the key of a session that ended for want of a request? True until its row is cleared away."""
    return Session.objects.filter(session_key=key, expire_date__lte=now).exists()


@receiver(user_logged_in)
def count_from_now(request: HttpRequest, **_given: Any) -> None:
    """The length of a session is counted from its sign-in, through whatever door."""
    request.session[SIGNED_IN_AT] = timezone.now().isoformat()
