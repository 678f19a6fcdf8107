"""Balances read on a server that follows the first (PostgreSQL, streaming replication), when `REPLICA_URL` names one.

Boards and balances are what one reads most and longest; acts, sessions and rights stay on the first server. One reads
there only what one may: for the same person, given to the second wall as on the first, and never before what that
person wrote a moment ago has come. When it does not follow, does not answer or hangs up, the page is read on the first
server."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, cast

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.db import DEFAULT_DB_ALIAS, Error, connection, connections
from django.http import HttpRequest, HttpResponseBase

from config.database import REPLICA
from config.outage import STOPPED, is_outage, sqlstate
from config.reach import database_answers
from reservations.http import MemberRequest
from reservations.models import wall

logger = logging.getLogger(__name__)

#: Beyond it, what is there is too old to be shown.
LATE = timedelta(seconds=5)
#: How long a server that could not be read is left alone.
ALONE = 5.0  # seconds
#: A browser keeps where its last act ends in the journal of the first server, longer than one may be late.
KEPT = 60  # seconds
PLACE = re.compile(r"[0-9A-F]{1,8}/[0-9A-F]{1,8}")
#: Further than any journal.
NOWHERE = "FFFFFFFF/FFFFFFFF"

#: Says in the answer where it was read.
READ = "replica"

#: Does it follow, has it come as far as that place, and is it not late? One that has all is not, however long ago
#: the last act was.
FOLLOWS = """
SELECT EXISTS (SELECT FROM pg_stat_wal_receiver)
    AND pg_last_wal_replay_lsn() >= %s::pg_lsn
    AND (pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() OR now() - pg_last_xact_replay_timestamp() < %s)
"""

#: Pages that write nothing, by the name of their address: balances, what is made of them, delays. Those that write who
#: read them (a review, the board and the papers of an EPCI, files) are read where they write.
READ_THERE = frozenset(
    {
        *("balance", "balance-axis", "balance-charts", "balance-defects", "balance-files", "balance-list"),
        *("balance-downloads", "balance-mix", "balance-projection", "balance-compare"),
        *("balance-state", "balance-scale", "balance-units"),
        *("objective-list", "objective-leases", "step-times", "api-balances"),
    }
)


class ReadsOnReplica:
    """Last but one of the chain: the person is known, the page is not yet read."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        if REPLICA not in settings.DATABASES:
            raise MiddlewareNotUsed
        self.get_response = get_response
        self.not_before = 0.0

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.method not in ("GET", "HEAD", "OPTIONS") and request.user.is_authenticated:
            response.set_cookie(
                settings.PLACE_COOKIE_NAME,
                _place(),
                max_age=KEPT,
                httponly=True,
                samesite="Lax",
                secure=settings.SESSION_COOKIE_SECURE,
            )
        return response

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., HttpResponseBase],
        arguments: Sequence[Any],
        named: Mapping[str, Any],
    ) -> HttpResponseBase | None:
        """The page as it is read there; None: it is read on the first server."""
        member = cast("MemberRequest", request).member
        found = request.resolver_match
        if request.method != "GET" or member is None or found is None or found.url_name not in READ_THERE:
            return None
        if time.monotonic() < self.not_before:
            return None
        try:
            with _on_replica(), wall.for_request(member):
                if not _follows(request.COOKIES.get(settings.PLACE_COOKIE_NAME, "")):
                    return None
                response = view(request, *arguments, **named)
        except Error as error:  # one of ours is met again on the first server, and reported as such
            if sqlstate(error) == STOPPED:
                raise
            if is_outage(error):
                self.not_before = time.monotonic() + ALONE
            logger.warning("The replica could not be read, the first server is: %s", error)
            return None
        response.headers["Server-Timing"] = READ
        return response


@contextmanager
def _on_replica() -> Iterator[None]:
    """Inside, in this thread, whatever reads « the » database reads the one that follows."""
    first = connections[DEFAULT_DB_ALIAS]
    connections[DEFAULT_DB_ALIAS] = connections[REPLICA]
    try:
        yield
    finally:
        connections[DEFAULT_DB_ALIAS] = first


def reads_there() -> bool | None:
    """Does the server that follows answer, and without being late? None where there is none."""
    if REPLICA not in settings.DATABASES:
        return None
    try:
        with _on_replica():
            return database_answers(REPLICA) and _follows("")
    except Error:
        return False


def _follows(place: str) -> bool:
    return bool(_first(FOLLOWS, (place if PLACE.fullmatch(place) else "0/0", LATE)))


def _place() -> str:
    """Where what was just committed ends, in the first journal; when it cannot say so, it alone is read."""
    try:
        return str(_first("SELECT pg_current_wal_insert_lsn()", ()))
    except Error:
        return NOWHERE


def _first(statement: str, values: tuple[object, ...]) -> object:
    """Beside the statements of the page, which are counted."""
    connection.ensure_connection()
    with connection.wrap_database_errors:
        return connection.connection.execute(statement, values).fetchone()[0]
