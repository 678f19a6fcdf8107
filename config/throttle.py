"""How often one may ask for what costs, counted in Valkey: the same count for every process of the server.

A window (one minute for the API) begins with the first request. A broker that does not answer counts nothing, and
refuses nobody: the API outlives it, as the screens do. What must hold whatever the broker does is counted in the
database: sign-ins (`reservations/access/limits.py`), links for a new password.
"""

from __future__ import annotations

import logging
from functools import cache
from typing import TYPE_CHECKING, Any

import redis
from django.conf import settings
from django.db import connection
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from config.networks import counted_address

if TYPE_CHECKING:
    from rest_framework.views import APIView  # reads this module first

logger = logging.getLogger(__name__)

WINDOW = 60  # seconds


@cache
def _client() -> redis.Redis | None:
    """One for the process; None where no broker is named."""
    if not settings.REDIS_URL:
        return None
    url = settings.REDIS_URL.replace("virtual_host=", "db=")  # Celery's name for the database of a socket
    return redis.Redis.from_url(url, socket_timeout=0.5, socket_connect_timeout=0.5)


def _key(what: str, whom: object) -> str:
    """Of this installation alone: several may share a broker."""
    return f"equiflux.asked.{connection.settings_dict['NAME']}.{what}.{whom}"


def counted(what: str, whom: object, *, window: int = WINDOW) -> tuple[int, int]:
    """(how many times in this window, this one counted; seconds until it ends). `window`: how long it is."""
    client = _client()
    if client is None:
        return 0, window
    key = _key(what, whom)
    try:
        with client.pipeline(transaction=True) as together:
            together.incr(key)
            together.expire(key, window, nx=True)
            together.ttl(key)
            answers: list[Any] = together.execute()
    except (redis.RedisError, OSError):
        logger.warning("The broker does not answer: requests are not counted.")
        return 0, window
    return int(answers[0]), max(1, int(answers[2]))


def forget(what: str, whom: object) -> None:
    """Begin a window again."""
    if (client := _client()) is not None:
        client.delete(_key(what, whom))


class SharedThrottle(BaseThrottle):
    """So many a minute, by whatever `whom` says; None is not counted here."""

    what = ""

    def whom(self, request: Request) -> object | None:
        """Who is counted."""
        raise NotImplementedError

    def allow_request(self, request: Request, view: APIView) -> bool:
        """False beyond the limit of `API_LIMITS`."""
        whom = self.whom(request)
        if whom is None:
            return True
        count, self.left = counted(self.what, whom)
        limit = settings.API_LIMITS.get(self.what)
        return limit is None or count <= limit

    def wait(self) -> float | None:
        """Seconds until the window ends."""
        return self.left


class AnonymousThrottle(SharedThrottle):
    """By the client's address, read as sign-ins read it: what the client claims of it is not believed."""

    what = "anonymous"

    def whom(self, request: Request) -> object | None:
        """Whoever has neither session nor token."""
        return None if request.user and request.user.is_authenticated else counted_address(request) or "unknown"


class TokenThrottle(SharedThrottle):
    """By token."""

    what = "token"

    def whom(self, request: Request) -> object | None:
        """The token, when there is one."""
        return getattr(request.auth, "pk", None)


class SessionThrottle(SharedThrottle):
    """By person, for a session of the screens that reads."""

    what = "session"

    def whom(self, request: Request) -> object | None:
        """The person, when no token speaks for one."""
        return request.user.pk if request.user and request.user.is_authenticated and request.auth is None else None


class InstallationThrottle(SharedThrottle):
    """Everybody together: what the machine is sized for."""

    what = "installation"

    def whom(self, request: Request) -> object | None:
        """All are one."""
        return "everybody"
