"""A worker killed in the middle of an import: what it did is gone on with, and what is written is the whole file."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection, connections

from flux.models import Unit
from reservations.imports.door import at_work, confirm, digest_of, receive_file, run
from reservations.imports.kinds import kind_of
from reservations.models import FileImport, ImportedLine
from reservations.tasks import sweep_imports
from tests.flux.imports.unit_files import many, units
from tests.world import World

State = FileImport.State
ROOT = Path(__file__).resolve().parents[2]
LINES = 10_000
#: What a worker runs, in a process of its own.
ADVANCE = (
    "import sys, django; django.setup(); from reservations.tasks import advance_import; "
    "advance_import(int(sys.argv[1]))"
)


def until_killed(order: FileImport, environment: dict[str, str], reached: Callable[[], bool]) -> None:
    """Have another process go on with an import, and kill it as soon as `reached()`."""
    process = subprocess.Popen([sys.executable, "-c", ADVANCE, str(order.pk)], cwd=ROOT, env=environment)
    while not reached():
        assert process.poll() is None, "it ended before it was killed"
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait(30) == -signal.SIGKILL
    while writing(order):
        time.sleep(0.05)


def writing(order: FileImport) -> bool:
    """Does a connection hold the place of the worker on this import?"""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND granted"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            [order.pk],
        )
        return bool(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_twice_leaves_exactly_the_units_of_the_file(
    world: World, process_environment: dict[str, str]
) -> None:
    """« Import … killed in the middle ends exactly with the file’s units; twice the same file changes nothing »: once
    while it reads, once while it writes."""
    organisation, kind, alice = world.landlord.organisation, kind_of("logements"), world.people["alice"]
    content = units(*many(LINES))
    order = receive_file(organisation=organisation, kind=kind, name="parc.csv", content=content, by=alice)
    until_killed(order, process_environment, ImportedLine.objects.exists)
    held = FileImport.objects.get(pk=order.pk)
    assert held.state == State.CHECKING
    assert 0 < held.lines == ImportedLine.objects.count() < LINES
    assert at_work() == [order.pk]
    assert sweep_imports() == 1
    held = FileImport.objects.get(pk=order.pk)
    assert (held.state, held.new, held.refused) == (State.CHECKED, LINES, 0)

    confirm(order=held, digest=digest_of(held), by=alice)
    until_killed(order, process_environment, lambda: FileImport.objects.get(pk=order.pk).written > 0)
    held = FileImport.objects.get(pk=order.pk)
    assert 0 < Unit.objects.count() == held.written < LINES, "whole batches, and those that are left"
    assert ImportedLine.objects.count() == LINES - held.written
    sweep_imports()
    assert FileImport.objects.get(pk=order.pk).state == State.DONE
    wanted = {(row["IDENT_INT"], row["IDENT_REP"]) for row in many(LINES)}
    assert set(Unit.objects.values_list("reference", "rpls_id")) == wanted
    assert Unit.objects.count() == LINES
    again = run(receive_file(organisation=organisation, kind=kind, name="parc.csv", content=content, by=alice))
    assert (again.new, again.changed, again.same, again.refused) == (0, 0, LINES, 0)
    connections.close_all()
