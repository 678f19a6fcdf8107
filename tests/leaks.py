"""A test that leaves something behind for the next one fails itself: what a process holds is compared after each test.

Compared: the settings and the account of the connection, Django's settings, language and time zone, the receivers of
signals, the level of logs, the environment and the folder; after each module, the sequences of the database, which no
transaction takes back, its users, and what everybody may do in it. The cache of the process is emptied.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Generator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.signals import request_finished, request_started
from django.db import connection
from django.db.models import signals
from django.dispatch import Signal
from django.utils import timezone, translation

from tests.selection import is_quick_item

#: Of the environment: what pytest and the browser of the whole session write.
OF_THE_RUN = {"PYTEST_CURRENT_TEST", "DJANGO_ALLOW_ASYNC_UNSAFE", "PYTEST_VERSION"}

#: Not those of tests themselves: each client listens to a request that fails, each module to settings that change.
SIGNALS: dict[str, Signal] = {
    **{name: getattr(signals, name) for name in dir(signals) if name.startswith(("pre_", "post_", "m2m_"))},
    "request_started": request_started,
    "request_finished": request_finished,
}

#: Settings of ours, which PostgreSQL does not list, then those that it does.
OURS = ("equiflux.act", "equiflux.acting", "equiflux.asked", "equiflux.seen")
SAID = (
    "SELECT current_user, (SELECT array_agg(coalesce(current_setting(name, true), '')) FROM unnest(%s::text[]) name),"
    " array_agg(name || '=' || setting ORDER BY name) FROM pg_settings WHERE source = 'session'"
)
#: The last number that each sequence gave, and the users: there is none without a story, and one in every story.
NUMBERED = (
    "SELECT current_database(), array_agg(sequencename::text), array_agg(last_value),"
    " (SELECT count(*) FROM reservations_user)"
    " FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL"
)
#: What PUBLIC, hence an account that a test makes, may do in this database, in its schema, and with its functions.
EVERYBODY = """
SELECT 'SCHEMA', quote_ident(nspname), a.privilege_type
FROM pg_namespace, aclexplode(coalesce(nspacl, acldefault('n', nspowner))) a WHERE nspname = 'public' AND a.grantee = 0
UNION ALL SELECT 'DATABASE', quote_ident(datname), a.privilege_type
FROM pg_database, aclexplode(coalesce(datacl, acldefault('d', datdba))) a
WHERE datname = current_database() AND a.grantee = 0
UNION ALL SELECT 'ROUTINE', p.oid::regprocedure::text, a.privilege_type
FROM pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
WHERE p.pronamespace = 'public'::regnamespace AND a.grantee = 0
"""

#: What is granted, each as (kind, name, privilege).
Rights = frozenset[tuple[str, str, str]]


class Numbered(dict[str, int]):
    """The last number that each sequence gave: two are alike where none went back, however far they went on.

    Rows are put back with the numbers that they had when they were built (tests/world_again.py): a sequence that went
    back would give one of these a second time, in whichever test comes then.
    """

    def __ne__(self, after: object) -> bool:
        return bool(self.gone_back(after))

    def gone_back(self, after: object) -> list[str]:
        assert isinstance(after, Numbered)
        return sorted(name for name, last in self.items() if after.get(name, 0) < last)


def held(native: psycopg.Connection[Any] | None = None, *, asked: bool = True) -> dict[str, object]:
    """What this process holds that the next test would find, by name; of this connection, or of Django’s, if the test
    asked for one."""
    found: dict[str, object] = {
        "settings": id(settings._wrapped),
        "language": translation.get_language(),
        "time zone": timezone.get_current_timezone_name(),
        "folder": str(Path.cwd()),
        "logs disabled": logging.root.manager.disable,
        "level of logs": logging.root.level,
        "environment": {name: value for name, value in os.environ.items() if name not in OF_THE_RUN},
        **{f"receivers of {name}": len(signal.receivers) for name, signal in SIGNALS.items()},
    }
    native = native or connection.connection
    if asked and native is not None and not native.closed and native.info.transaction_status.name == "IDLE":
        account, ours, theirs = native.execute(SAID, [list(OURS)]).fetchone()
        on = f" of connection {native.info.backend_pid}"  # another one has its own
        found |= {f"account{on}": account, f"settings{on}": theirs}
        found |= {f"{name}{on}": value for name, value in zip(OURS, ours, strict=True)}
    return found


def numbered(native: psycopg.Connection[Any] | None = None) -> dict[str, object]:
    """The sequences, the users and the rights of everybody of this connection, or of Django’s: as costly as all the
    rest, so asked once a module."""
    native = native or connection.connection
    if native is None or native.closed or native.info.transaction_status.name != "IDLE":
        return {}
    database, names, numbers, users = native.execute(NUMBERED).fetchone()
    given = Numbered(zip(names or (), numbers or (), strict=True))
    rights = frozenset(each for each in everybodys(native) if each[0] != "ROUTINE")  # a function goes with its test
    return {f"sequences of {database}": given, f"users of {database}": users, f"rights in {database}": rights}


def everybodys(native: psycopg.Connection[Any]) -> Rights:
    """What everybody may do in this database."""
    return frozenset((str(kind), str(name), str(right)) for kind, name, right in native.execute(EVERYBODY).fetchall())


def left_behind(before: dict[str, object], after: dict[str, object]) -> list[str]:
    """What differs, in sentences; what one of the two does not have (a connection that was closed) is left out."""
    return [
        f"{name}: {_shown(before[name], now)}" for name, now in after.items() if name in before and before[name] != now
    ]


def _shown(before: object, now: object) -> str:
    if isinstance(before, Numbered):
        return f"{', '.join(before.gone_back(now))} went back"
    if isinstance(before, frozenset) and isinstance(now, frozenset):
        return ", ".join(f"{right} on {name}" for _, name, right in sorted(before ^ now)[:5])
    if isinstance(before, dict) and isinstance(now, dict):
        return ", ".join(sorted(str(name) for name, _ in before.items() ^ now.items()))
    return f"{before!r}, then {now!r}"


class Leaks:
    """The plugin: what was held before is kept by name, since a test may open the connection that another closes."""

    def __init__(self) -> None:
        self.before: dict[str, object] = {}

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(
        self, item: pytest.Item, nextitem: pytest.Item | None
    ) -> Generator[None, object, object]:
        """After the fixtures of this test, those of its module that end with it included."""
        result = yield
        cache.clear()
        after = held(asked=not is_quick_item(item))
        if nextitem is None or nextitem.path != item.path:
            after |= numbered()
        left = left_behind(self.before, after)
        self.before |= after
        if left:
            pytest.fail(f"{item.nodeid} leaves behind: {'; '.join(left)}", pytrace=False)
        return result


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Leaks(), "leaks")
