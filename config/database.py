"""Reads a database address (`DATABASE_URL`) into what Django expects."""

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.db import connections

SCHEMES = {"postgres", "postgresql"}


#: How statements are planned. Compiling one costs more than it spares on any of ours; and what a page shows is read by
#: an index, from a memory or a disk without a head to move, not by going through tables.
PLANS = "-c jit=off -c random_page_cost=1.1"

#: Seconds that one statement may take: of a page, which somebody waits for; of a task of the worker.
PAGE, TASK = 20, 900


#: What settings call the server that follows the first, if there is one (config/replica.py).
REPLICA = "replica"


def limit_statements(seconds: int) -> None:
    """From now on, in this process, a statement that takes longer is stopped by the server: one page never holds what
    others read. It waits half as long at most for what another holds: this differs from asking too much. Called
    before the first connection; commands typed by hand have no limit."""
    for each in connections.settings.values():
        options = each.get("OPTIONS", {})
        limits = f"-c statement_timeout={seconds}s -c lock_timeout={seconds * 500}ms"
        options["options"] = f"{options.get('options', '')} {limits}".strip()


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
    query["options"] = f"{PLANS} {query.get('options', '')}".strip()
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
