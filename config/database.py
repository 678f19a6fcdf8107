"""Reads a database address (`DATABASE_URL`) into what Django expects."""

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

SCHEMES = {"postgres", "postgresql"}


def database_from_url(url: str) -> dict[str, Any]:
    """Return the `DATABASES` entry for `url`; an unset address gives an entry that refuses every use.

    A Unix socket is given as `postgres://user@/name?host=/folder`.

    Raises ValueError when the address is not a PostgreSQL one: SQLite has neither row locks
    nor exclusion constraints, and the product relies on both.
    """
    if not url:
        return {"ENGINE": "django.db.backends.dummy"}
    parts = urlsplit(url)
    if parts.scheme not in SCHEMES:
        raise ValueError("DATABASE_URL doit commencer par postgres:// : seul PostgreSQL (15 ou plus) convient.")
    query = {"connect_timeout": "5", **dict(parse_qsl(parts.query))}  # seconds: a server that is gone does not hold us
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", unquote(parts.hostname or "")),
        "PORT": str(parts.port or ""),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": query,
    }
