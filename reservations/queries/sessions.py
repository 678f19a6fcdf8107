"""Sessions that are open, as their person reads them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from reservations.models import Session, User

#: What a session keeps of its beginning.
SIGNED_IN_AT, CAME_FROM, BROWSER = "signed_in_at", "came_from", "browser"


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session as its person reads it: `handle` names it on the page, where its key is never written."""

    handle: str
    since: datetime
    browser: str
    address: str
    is_this_one: bool


def open_sessions(person: User, *, this_one: str | None, now: datetime) -> list[OpenSession]:
    """The sessions of a person that are open, the one that asks first. One query."""
    rows = Session.objects.filter(user=person.pk, expire_date__gt=now)
    found = [_read(row, this_one) for row in rows]
    return sorted(found, key=lambda each: (not each.is_this_one, -each.since.timestamp()))


def _read(row: Session, this_one: str | None) -> OpenSession:
    data = row.get_decoded()
    since = datetime.fromisoformat(data[SIGNED_IN_AT]) if SIGNED_IN_AT in data else row.expire_date
    mine = row.session_key == this_one
    browser, address = data.get(BROWSER, ""), data.get(CAME_FROM) or ""
    return OpenSession(handle_of(row.session_key), since, browser, address, is_this_one=mine)


def handle_of(key: str) -> str:
    """What names a session on a page, where its key is never written."""
    return hashlib.sha256(f"session {key}".encode()).hexdigest()[:16]
