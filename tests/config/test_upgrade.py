"""A database of before is brought to the tables of today: it keeps every row, seal and imprint, whichever migrations
had made it; and the squashed migrations make what those that they replace made (docs/decisions/0095)."""

from __future__ import annotations

import hashlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from attributions.bilan.models import BalanceVersion
from config.database_checks import unapplied
from config.local.squashing import proof
from config.local.state import ROOT
from flux.models import Ledger
from flux.operations.audit import tampering
from flux.queries.controls.accounts import audit
from flux.queries.controls.folds import drift
from reservations.models import Imprint
from reservations.queries.imprints import described
from tests.config.conftest import until
from tests.config.upgrades.restoring import Rows, every_row, new_database, restored
from tests.house.tree import STOREYS

#: Kept versions; 1.0.0 lacks seventy-two migrations, which run one by one. The one between is upgraded by night.
VERSIONS = ["1.0.0", pytest.param("1.0.0-70328911", marks=pytest.mark.nightly), "1.0.0-89b8f234"]

KILLS = 8

Key = tuple[str, str]


def squashed() -> dict[str, Key]:
    """{app: the migration that replaces the others}."""
    return {app: (app, name) for (app, name), each in MigrationLoader(None).disk_migrations.items() if each.replaces}


def replaced(app: str) -> list[Key]:
    return MigrationLoader(None).disk_migrations[squashed()[app]].replaces


def plan(had: Iterable[Key]) -> list[Key]:
    """What `migrate` would run, of ours, on a database that had these migrations of ours."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = ANY (%s)", [list(STOREYS)])
        cursor.executemany(
            "INSERT INTO django_migrations (app, name, applied) VALUES (%s, %s, now())", [list(key) for key in had]
        )
    executor = MigrationExecutor(connection)
    executor.loader.check_consistent_history(connection)
    found = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [(each.app_label, each.name) for each, _ in found]


# --- which migrations a database runs ---


def later() -> list[Key]:
    """Those written since the squash, in their order."""
    executor = MigrationExecutor(connection)
    whole = executor.loader.graph._generate_plan(executor.loader.graph.leaf_nodes(), True)
    return [key for key in whole if key[0] in STOREYS and key not in squashed().values()]


@pytest.mark.django_db
def test_an_empty_database_runs_one_migration_an_app() -> None:
    assert set(squashed()) == set(STOREYS)
    found = plan([])
    assert sorted(found) == sorted([*squashed().values(), *later()])
    assert [key for key in found if key in squashed().values()] == [squashed()[app] for app in STOREYS]


@pytest.mark.django_db
def test_a_database_that_had_them_all_runs_none_of_them() -> None:
    had = [key for app in STOREYS for key in replaced(app)]
    since = later()
    assert plan(had) == since
    assert unapplied() == set(since)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("reservations", "flux", "attributions"),
    [
        (19, 18, 10),  # 1.0.0
        (38, 18, 10),
        (38, 44, 0),
        (19, 0, 0),
        (38, 0, 0),
        (1, 1, 0),
        (38, 45, 28),
        (55, 60, 42),
    ],
)
def test_a_database_that_had_some_runs_those_that_it_lacks(reservations: int, flux: int, attributions: int) -> None:
    """Where an app had none, its squash; where it had some, the others one by one, each after those it depends on."""
    had = {"reservations": reservations, "flux": flux, "attributions": attributions}
    expected: set[Key] = set(later())
    for app, number in had.items():
        expected |= set(replaced(app)[number:]) if number else {squashed()[app]}
    found = plan(key for app, number in had.items() for key in replaced(app)[:number])
    assert set(found) == expected
    assert len(found) == len(expected)


# --- what it keeps ---

#: What the migrations since 1.0.0 write again: which columns the last imprints of a table bear on.
#: And the columns that they drop: the bytes of an archive are in its parts, and those that waited were asked for again.
GONE = {("reservations_archive", "content")}
#: Parameters of the installation that became a clause (docs/decisions/0107): their rows go.
CLAUSES = {"RETURNED_DELAY_MAX"}
WRITTEN_AGAIN = {("reservations_imprintedtable", "columns")}


def lost(before: Rows, after: Rows) -> list[str]:
    """Rows and values of before that are no longer there."""
    found = []
    for table, rows in before.items():
        for key, row in rows.items():
            kept = after.get(table, {}).get(key)
            if kept is None:
                found += [f"{table} {key}"] if row.get("code") not in CLAUSES else []
                continue
            found += [
                f"{table} {key}: {column}, {value!r} → {kept[column]!r}"
                for column, value in row.items()
                if (table, column) not in GONE | WRITTEN_AGAIN and kept[column] != value
            ]
    return found


def meant(schema: str) -> list[str]:
    """What a dump wrote of a condition, PostgreSQL reads with its casts elsewhere: they are left out of conditions."""
    lines = schema.splitlines()
    conditions = ("    constraint ", "    index ", "    trigger ", "    policy ")
    casts = re.compile(r"::(character varying|text)|\[\](?=\W|$)|[()]")
    return [casts.sub("", line) if line.startswith(conditions) else line for line in lines]


def nothing_is_lost(before: Rows, schema: str) -> None:
    """The tables are those of an empty database that is migrated; rows, seals, imprints and accounts are as before."""
    after = every_row()
    assert lost(before, after) == []
    assert meant(described()) == meant(schema)
    assert unapplied() == set()
    sealed = list(BalanceVersion.objects.exclude(sealed_at=None))
    assert sealed
    assert [hashlib.sha256(each.content.encode()).hexdigest() for each in sealed] == [e.seal for e in sealed]
    assert tampering().sentences == []
    assert Imprint.objects.filter(chain__gt=0).exists()
    assert not audit(list(Ledger.objects.values_list("pk", flat=True))).differences
    assert drift() == {}


@pytest.mark.parametrize("version", VERSIONS)
def test_an_upgrade_keeps_every_row_seal_and_imprint(
    version: str, django_db_setup: None, django_db_blocker: Any
) -> None:
    with django_db_blocker.unblock():
        expected = described()
        with restored(version):
            before = every_row()
            call_command("migrate", interactive=False, verbosity=0)
            nothing_is_lost(before, expected)


@pytest.mark.nightly
def test_an_upgrade_that_is_killed_again_and_again_ends_as_another(
    django_db_setup: None, django_db_blocker: Any
) -> None:
    """Each time a little further, in the middle of a migration; started again, it goes on."""
    with django_db_blocker.unblock():
        expected = described()
        with restored("1.0.0") as name:
            before = every_row()
            command = [sys.executable, "-P", ROOT / "manage.py", "migrate", "--no-input"]
            environment = {**os.environ, "DATABASE_URL": address(name), "PYTHONPATH": str(ROOT)}
            killed = 0
            for moment in range(KILLS):
                done, upgrade = applied(), subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
                until(lambda done=done, upgrade=upgrade: applied() > done or upgrade.poll() is not None, seconds=120)
                with suppress(subprocess.TimeoutExpired):
                    upgrade.wait(moment / KILLS)
                upgrade.kill()
                killed += upgrade.wait() == -signal.SIGKILL
            assert killed > KILLS / 2
            assert subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False).returncode == 0
            nothing_is_lost(before, expected)


def applied() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM django_migrations")
        return int(cursor.fetchone()[0])


@pytest.mark.nightly
def test_the_squash_makes_what_the_migrations_that_it_replaces_made(
    django_db_setup: None, django_db_blocker: Any, settings: Any
) -> None:
    """Tables, columns in their order, constraints, indexes, functions, triggers, policies and rows, to the line."""
    with django_db_blocker.unblock(), new_database("squashed") as one:
        for app, name in squashed().values():
            call_command("migrate", app, name, interactive=False, verbosity=0)
        with new_database("replaced") as other:
            settings.MIGRATION_MODULES = {app: f"{app}.migrations.replaced" for app in STOREYS}
            call_command("migrate", interactive=False, verbosity=0)
            connection.close()
            assert proof.differences(address(other), address(one)) == []


def address(name: str) -> str:
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))
