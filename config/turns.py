"""The workers of the web server (`gunicorn.conf.py`): what comes to the door of sign-ins comes in turn, address by
address, and waits for it without a thread (docs/decisions/0168-who-knocks-too-often-waits-outside.md, 0171).

A request is held once its headers are read: nothing of Django, nor of the database, runs for it before its turn. Pages
and files are asked for by whoever is inside, and are never held.
"""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from django.conf import settings
from django.urls import reverse
from gunicorn import util
from gunicorn.workers.gthread import ThreadWorker

from config.networks import counted_address_in

#: Nobody waits for longer, in seconds: beyond, the request is refused, and as late.
LONGEST = 10.0
#: How many connections a worker holds, of the 1,000 that it accepts: beyond, they are refused without a wait.
HELD = 300
#: How many addresses are kept before those that knock no more are forgotten.
MANY = 10_000

SENTENCE = (
    "Trop de connexions sont tentées en même temps depuis votre réseau. "
    f"Recommencez dans {LONGEST:.0f} secondes : rien n’est enregistré, et aucun mot de passe n’est compté comme faux."
)
PAGE = f"<!doctype html><html lang=fr><meta charset=utf-8><title>Trop de connexions</title><p>{SENTENCE}</p></html>"


def refusal() -> bytes:
    """The whole answer, written without Django."""
    lines = (
        "HTTP/1.1 429 Too Many Requests",
        f"Retry-After: {LONGEST:.0f}",
        "Content-Type: text/html; charset=utf-8",
        f"Content-Length: {len(PAGE.encode())}",
        "Content-Security-Policy: default-src 'none'",
        f"Permissions-Policy: {settings.PERMISSIONS_POLICY}",
        "X-Content-Type-Options: nosniff",
        "Cache-Control: no-store",
        "Connection: close",
        "",
        PAGE,
    )
    return "\r\n".join(lines).encode()


@dataclass(frozen=True, slots=True)
class Pace:
    """What one address is given of a whole host: so many turns at once, then one each `every` seconds."""

    at_once: int
    every: float

    def shared(self, processes: int) -> Pace:
        """The part of one of these processes: together they give no more than the host, but for one turn each."""
        return Pace(max(1, self.at_once // processes), self.every * processes)


#: Who tries a password, a code or a link: an office of people who all arrive, then two a second.
KNOCKS = Pace(20, 0.5)
#: Who asks for the form, and sends nothing: eight a second, of some milliseconds each.
FORMS = Pace(20, 0.125)


@dataclass
class Turns:
    """When each address may come next, in seconds of one clock. Of one process: threads share it."""

    pace: Pace
    _next: dict[str | None, float] = field(default_factory=dict)
    _alone: threading.Lock = field(default_factory=threading.Lock)

    def take(self, address: str | None, now: float) -> float | None:
        """Take the next turn of this address: the seconds to wait for it, 0 for none; None when it would be more than
        `LONGEST`, and none is taken."""
        rested = now - (self.pace.at_once - 1) * self.pace.every
        with self._alone:
            if len(self._next) > MANY:
                self._next = {each: at for each, at in self._next.items() if at > rested}
            at = max(self._next.get(address, rested), rested)
            if at - now > LONGEST:
                return None
            self._next[address] = at + self.pace.every
        return max(0.0, at - now)


@dataclass(frozen=True, slots=True)
class Held:
    """A request whose turn comes at `due` (monotonic); `is_refused`: it is given none, and a refusal then."""

    request: Any
    due: float
    is_refused: bool


def pace_of(request: Any) -> Pace | None:
    """At which pace it comes to the door, whatever the spelling of its address; None: elsewhere."""
    if not unquote(request.path).startswith(reverse(settings.LOGIN_URL)):
        return None
    return KNOCKS if request.method == "POST" else FORMS


def environ_of(request: Any, client: Any) -> Mapping[str, str]:
    """What `config.networks` reads of a request, as the server will give it to Django."""
    forwarded = ",".join(value for name, value in request.headers if name == "X-FORWARDED-FOR")
    return {"REMOTE_ADDR": client[0] if isinstance(client, tuple) else "", "HTTP_X_FORWARDED_FOR": forwarded}


class Worker(ThreadWorker):
    """gunicorn's threads, and the connections that wait for their turn outside of them.

    It uses what gunicorn's own loop calls, of which `_keepalive_after` is private: tests run the whole server.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.turns = {each: Turns(each.shared(self.cfg.workers)) for each in (KNOCKS, FORMS)}
        self.numbers = itertools.count()
        self.held: list[tuple[float, int, Any]] = []  # a heap, of the loop’s own thread

    def handle_request(self, req: Any, conn: Any) -> bool:
        """Answer, or hold what comes before its turn."""
        if pace := pace_of(req):
            now = time.monotonic()
            wait = self.turns[pace].take(counted_address_in(environ_of(req, conn.client)), now)
            if wait != 0:
                is_full = len(self.held) >= HELD
                due = now if is_full else now + (LONGEST if wait is None else wait)
                conn.held = Held(req, due, is_full or wait is None)
                return False
        return bool(super().handle_request(req, conn))

    def finish_request(self, conn: Any, fs: Future[Any]) -> None:
        """Keep the connection that is held, with neither thread nor event."""
        held: Held | None = getattr(conn, "held", None)
        if held is None:
            super().finish_request(conn, fs)
        else:
            heapq.heappush(self.held, (held.due, next(self.numbers), conn))

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """Give a thread to those whose turn has come; to all of them when the server stops."""
        if self.held:
            timeout = min(timeout, max(0.0, self.held[0][0] - time.monotonic()))
        super().wait_for_and_dispatch_events(timeout)
        while self.held and (not self.alive or self.held[0][0] <= time.monotonic()):
            self.enqueue_req(heapq.heappop(self.held)[-1])

    def handle(self, conn: Any) -> Any:
        """As gunicorn does, of a request whose headers are read already when it was held."""
        held: Held | None = getattr(conn, "held", None)
        if held is None:
            return super().handle(conn)
        conn.held = None
        try:
            if held.is_refused:
                util.write(conn.sock, refusal())
                return False
            return self._keepalive_after(conn, super().handle_request(held.request, conn))
        except (StopIteration, OSError):
            return False  # the client went away, or its answer was cut
        except Exception as error:
            self.handle_error(held.request, conn.sock, conn.client, error)
        return False
