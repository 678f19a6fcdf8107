"""The sessions of the screens (`SESSION_ENGINE`): closed after some time without a request, and after a day's work.

Idle time is the row's own date: a request pushes it back by a narrow UPDATE, once a minute at most, so that what two
requests of one session write at the same time is never undone by either. The whole length is counted from sign-in.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, cast

from axes.helpers import get_client_ip_address
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from reservations.models import Session, SignIn, User
from reservations.queries.open_session import OpenSession, open_session
from reservations.queries.people import BROWSER, CAME_FROM, SIGNED_IN_AT, handle_of

PROVED_AT = "proved_at"
#: The forms that did an act that is done once, the latest last; and how many are remembered.
DONE_ONCE, REMEMBERED = "done_once", 10
#: How late the date of a row may be.
STEP = timedelta(minutes=1)
#: How long before the end the page that is open says so.
WARNING = timedelta(minutes=5)


class Ended(Enum):
    """Why nobody is signed in any more, as the address of the sign-in page says it."""

    IDLE = "inactif"
    LENGTH = "duree"
    CLOSED = "fermee"


@dataclass(frozen=True, slots=True)
class Left:
    """How long a session has still to live, in seconds, and what will end it: no request, or its length."""

    seconds: int
    by: Ended

    @property
    def warned_in(self) -> int:
        """Seconds before its person is warned; 0 once it is time. Half of what a very short session lasts."""
        warning = min(WARNING.total_seconds(), settings.SESSION_COOKIE_AGE / 2)
        return max(0, self.seconds - int(warning))


class SessionStore(DatabaseStore):
    """A session that knows when its row ends."""

    ends_at: datetime | None = None
    #: Whose it is, and under which memberships they act, as they were read with its row.
    opened: OpenSession | None = None

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """The row, with whose session it is."""
        row = cast("Session", super().create_model_instance(data))
        row.user_id = int(data[SESSION_KEY]) if SESSION_KEY in data else None
        return row

    def _get_session_from_db(self) -> Session | None:
        self.opened = open_session(self.session_key, timezone.now())
        if self.opened is None:
            self._session_key, self.ends_at = None, None
            return None
        self.ends_at = self.opened.row.expire_date
        return self.opened.row

    def seen(self, now: datetime) -> None:
        """Push back the end of the row, when it is a step late."""
        end = now + timedelta(seconds=settings.SESSION_COOKIE_AGE)
        if self.ends_at is not None and self.ends_at < end - STEP:
            Session.objects.filter(session_key=self.session_key).update(expire_date=end)
            self.ends_at = end

    def is_over(self, now: datetime) -> bool:
        """Has it lasted as long as a session may, however busy?"""
        return now - self._since(now) > settings.SESSION_LENGTH

    def left(self, now: datetime) -> Left:
        """Until it ends, if nothing more is asked."""
        idle = (self.ends_at or now + timedelta(seconds=settings.SESSION_COOKIE_AGE)) - now
        length = self._since(now) + settings.SESSION_LENGTH - now
        return Left(int(min(idle, length).total_seconds()), Ended.IDLE if idle < length else Ended.LENGTH)

    def prolong(self, now: datetime) -> None:
        """Its person has proved again who they are: its length is counted from now."""
        self[SIGNED_IN_AT] = now.isoformat()

    def first_time(self, once: str) -> bool:
        """Is it the first time that the form of this name comes? Called in the transaction of its act: two that come
        together wait for each other here, and the second does nothing. A form without a name is never the same."""
        Session.objects.select_for_update(of=("self",)).filter(session_key=self.session_key).first()
        done = SessionStore(self.session_key).get(DONE_ONCE, [])
        is_first = not once or once not in done
        self[DONE_ONCE] = [*done, once][-REMEMBERED:] if is_first else done
        if is_first:
            self.save()
        return is_first

    def _since(self, now: datetime) -> datetime:
        return datetime.fromisoformat(self.setdefault(SIGNED_IN_AT, now.isoformat()))


def was_idle(key: str | None, now: datetime) -> bool:
    """Is this the key of a session that ended for want of a request? True until its row is cleared away."""
    return Session.objects.filter(session_key=key, expire_date__lte=now).exists()


@receiver(user_logged_in)
def enter(request: HttpRequest, user: User, **_given: Any) -> None:
    """Through whatever door: the length of the session is counted from now, its person has just proved who they are,
    and the journal says that they came in. A door says how in `request.came_by`: (SignIn.Door, SignIn.Factor)."""
    now = timezone.now()
    door, factor = getattr(request, "came_by", (SignIn.Door.PASSWORD, SignIn.Factor.NONE))
    address, browser = get_client_ip_address(request), request.META.get("HTTP_USER_AGENT", "")[:200]
    request.session[SIGNED_IN_AT] = request.session[PROVED_AT] = now.isoformat()
    request.session[CAME_FROM], request.session[BROWSER] = address, browser
    SignIn.objects.create(user=user, at=now, door=door, factor=factor, address=address, browser=browser)


def end_sessions(person: User, *, handles: Iterable[str] | None = None, but: str | None = None) -> int:
    """Close the sessions of a person: those named, or all; never the one whose key is `but`. How many."""
    rows = Session.objects.filter(user=person.pk).exclude(session_key=but)
    keys = list(rows.values_list("session_key", flat=True))
    if handles is not None:
        named = set(handles)
        keys = [key for key in keys if handle_of(key) in named]
    return Session.objects.filter(session_key__in=keys).delete()[0]
