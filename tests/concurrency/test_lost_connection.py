"""A database that hangs up on a worker in the middle of a task: the task is tried again, and nothing is done twice."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import psycopg
import pytest
from django.db import connection, transaction

from config.celery import app
from flux.models import Ledger, Recommendation
from tests.concurrency.together import account, lines
from tests.config.conftest import until
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)

#: In this database alone: what waits in that of another process of the tests is not ours to cut.
WAITING_FOR_US = """
    SELECT pid FROM pg_stat_activity WHERE datname = %s AND cardinality(pg_blocking_pids(pid)) > 0
"""


def test_every_task_of_ours_is_tried_again_when_the_database_hangs_up() -> None:
    app.loader.import_default_modules()
    ours = {name: task for name, task in app.tasks.items() if not name.startswith("celery.")}
    assert ours
    assert [name for name, task in ours.items() if not hasattr(task, "_orig_run")] == []


def test_a_task_whose_connection_was_cut_is_tried_again_without_a_sweep(
    world: World, worker: tuple[subprocess.Popen, Path]
) -> None:
    """One message, and no beat: only the task itself can come back."""
    process, _ = worker
    here = [connection.settings_dict["NAME"]]
    process.send_signal(signal.SIGSTOP)
    vacancy = world.vacancy()
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
        with transaction.atomic():
            Ledger.objects.select_for_update().get(pk=vacancy.ledger_id)
            process.send_signal(signal.SIGCONT)
            until(lambda: server.execute(WAITING_FOR_US, here).fetchall(), seconds=60)
            for [pid] in server.execute(WAITING_FOR_US, here).fetchall():
                server.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
        until(Recommendation.objects.exists)

    assert Recommendation.objects.get().vacancy == vacancy
    assert lines(vacancy.ledger) == account(vacancy.ledger)
