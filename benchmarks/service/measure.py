"""Decisions per second: through two workers, and the same statements sent by pgbench alone."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from benchmarks.service.ledgers import fall_vacant, holders, open_landlord
from benchmarks.service.statements import by_batches_of, prepare, script
from config.celery import app
from flux.models import Ledger, Vacancy
from reservations.models import Organisation

WORKERS, LEDGERS, SECONDS, PATIENCE = 2, (1, 16), 8, 300

#: The Celery applications: up to 500 decisions a transaction, or one.
PRODUCTION, ONE_BY_ONE = "config", "benchmarks.service.one_by_one"


class MeasureFailed(Exception):
    """The workers did not start, or did not finish; the message says which."""


@dataclass(frozen=True, slots=True)
class Figure:
    """Decisions per second on so many ledgers; `alone` is 0 where there is no pgbench."""

    ledgers: int
    batched: float
    one_by_one: float
    alone: float

    @property
    def ratio(self) -> float:
        """One transaction a decision, beside the same statements alone; 0 without them."""
        return self.one_by_one / self.alone if self.alone else 0.0


def measured(*, decisions: int) -> list[Figure]:
    """Every figure, in a database of its own.

    Raises MeasureFailed.
    """
    with scratch_database() as environment:
        signing, numbers = holders(), count(1)
        prepare()

        def flows(ledgers: int, units: int) -> list[Ledger]:
            return [_flow(next(numbers), signing, units) for _ in range(ledgers)]

        return [
            Figure(
                ledgers=ledgers,
                batched=through_celery(PRODUCTION, flows(ledgers, decisions // ledgers), environment),
                one_by_one=through_celery(ONE_BY_ONE, flows(ledgers, decisions // 4 // ledgers), environment),
                alone=alone(flows(ledgers, 50), environment),
            )
            for ledgers in LEDGERS
        ]


def _flow(number: int, signing: dict[str, Organisation], units: int) -> Ledger:
    now = timezone.now()
    landlord, by = open_landlord(number, signing, on=timezone.localdate(now))
    return fall_vacant(landlord, by, units, seed=number, now=now)


@contextmanager
def scratch_database() -> Iterator[dict[str, str]]:
    """A database thrown away at the end, with the territories of France: the environment of the programs on it."""
    before = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        call_command("load_territories", verbosity=0, stdout=StringIO(), stderr=StringIO())
        address = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
        yield {**os.environ, "DATABASE_URL": urlunsplit(address)}
    finally:
        connection.creation.destroy_test_db(before, verbosity=0)


@contextmanager
def workers(application: str, environment: dict[str, str]) -> Iterator[None]:
    """Two worker processes that answer."""
    command = [sys.executable, "-m", "celery", "-A", application, "worker", "--concurrency", str(WORKERS)]
    process = subprocess.Popen(
        [*command, "--loglevel", "ERROR", "--without-gossip", "--without-mingle"],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until = time.monotonic() + PATIENCE
        while not app.control.ping(timeout=0.5):
            if process.poll() is not None or time.monotonic() > until:
                raise MeasureFailed("the workers did not start")
        yield
    finally:
        process.terminate()
        process.wait(30)


def through_celery(application: str, flows: list[Ledger], environment: dict[str, str]) -> float:
    """Wake the workers once a ledger, and time until nothing waits: decisions per second."""
    waiting = Vacancy.objects.waiting().filter(ledger__in=flows)
    expected = waiting.count()
    with workers(application, environment):
        began = time.monotonic()
        for ledger in flows:
            app.send_task("flux.route_ledger", args=[ledger.pk])
        while waiting.exists():
            if time.monotonic() - began > PATIENCE:
                raise MeasureFailed(f"{waiting.count()} units of {expected} still wait")
            time.sleep(0.02)
        return expected / (time.monotonic() - began)


def alone(flows: list[Ledger], environment: dict[str, str], *, clients: int = WORKERS, seconds: int = SECONDS) -> float:
    """What pgbench reaches from so many clients with the statements of one decision, per second."""
    pgbench = environment.get("PGBENCH")
    if not pgbench:
        return 0.0
    with tempfile.TemporaryDirectory() as folder, by_batches_of(1):
        command = [pgbench, "--no-vacuum", "--client", str(clients), "--jobs", str(clients), "--time", str(seconds)]
        for ledger in flows:
            path = Path(folder) / f"{ledger.pk}.sql"
            path.write_text(script(ledger, now=timezone.now()), encoding="utf-8")
            command += ["--file", str(path)]
        done = subprocess.run([*command, environment["DATABASE_URL"]], capture_output=True, text=True, check=False)
    if done.returncode:
        raise MeasureFailed(f"pgbench: {done.stderr.strip()[-500:]}")
    [line] = [line for line in done.stdout.splitlines() if line.startswith("tps = ")]
    return float(line.split()[2])
