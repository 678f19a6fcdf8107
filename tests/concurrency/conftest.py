"""Races on real PostgreSQL: threads with connections of their own, that meet just before they write.

A race is tested twice: without the lock it happens, with the lock it does not. The same two acts run at the same
time in both tests; only the row locks differ.
"""

from __future__ import annotations

import os
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection
from django.db.models import QuerySet


@pytest.fixture
def without_row_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    """`SELECT … FOR UPDATE` becomes a plain SELECT: what would happen without our locks."""
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_: rows.all())


@pytest.fixture
def process_environment() -> dict[str, str]:
    """For another process of ours: the same broker, and the test's own database."""
    address = urlsplit(os.environ["DATABASE_URL"])
    database = address._replace(path=f"/{connection.settings_dict['NAME']}")
    return {**os.environ, "DATABASE_URL": urlunsplit(database), "DJANGO_SETTINGS_MODULE": "config.settings"}
