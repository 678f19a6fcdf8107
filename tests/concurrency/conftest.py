"""Races on real PostgreSQL: threads with connections of their own, that meet just before they write.

A race is tested twice: without the lock it happens, with the lock it does not. The same two acts run at the same
time in both tests; only the row locks differ.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from django.db.models import QuerySet

from flux.operations import routing

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def without_row_locks(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """`SELECT … FOR UPDATE` becomes a plain SELECT: what would happen without our locks; the chain of an account holds
    its own, under them."""
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_: rows.all())
    routing._locked.cache_clear()  # its statement is kept, with its lock
    chained("DISABLE")
    yield
    chained("ENABLE")
    routing._locked.cache_clear()


def chained(done: str) -> None:
    with connection.cursor() as cursor:
        for table in ("flux_flowentry", "flux_recommendation", "flux_carriedover"):
            cursor.execute(f"ALTER TABLE {table} {done} TRIGGER imprinted")


WORKER = (sys.executable, "-m", "celery", "-A", "config", "worker", "-P", "solo", "--loglevel", "INFO")


@pytest.fixture
def worker(process_environment: dict[str, str], tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """A real Celery worker on the real broker and the test's database, without beat: only messages wake it."""
    log = tmp_path / "worker.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*WORKER, "--without-gossip", "--without-mingle", "--without-heartbeat", "--hostname", "race@localhost"],
            cwd=ROOT,
            env=process_environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        yield process, log
        process.terminate()
        assert process.wait(15) == 0, log.read_text()
