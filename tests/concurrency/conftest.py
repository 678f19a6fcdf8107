"""Races on real PostgreSQL: threads with connections of their own, that meet just before they write.

A race is tested twice: without the lock it happens, with the lock it does not. The same two acts run at the same
time in both tests; only the row locks differ.
"""

from __future__ import annotations

import pytest
from django.db.models import QuerySet


@pytest.fixture
def without_row_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    """`SELECT … FOR UPDATE` becomes a plain SELECT: what would happen without our locks."""
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_: rows.all())
