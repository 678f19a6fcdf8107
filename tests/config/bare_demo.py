"""`./run demo` without the migrations and the data: the tests of the supervisor start it many times.

Run as `python bare_demo.py demo [OPTIONS]`. With BARE_STORY its story is of one row, that of the variable; with
BARE_ACCOUNTS the site and the worker have their accounts, as outside of tests.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg

from config.local import demo, prepared
from config.local.cli import main
from config.local.demo import answers
from config.local.loading import Build

#: The migrations are recorded, and nothing is made.
AS_MIGRATED = """
import django
django.setup()
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from config.database_checks import unapplied
recorder = MigrationRecorder(connection)
recorder.ensure_schema()
for app, name in unapplied():
    recorder.record_applied(app, name)
"""


def no_step(*_: object, **__: object) -> None:
    """The tables are there (tests/config/conftest.py)."""


def an_old_one(_sockets: object) -> bool:
    """Nobody has entered anything in them, and they are kept."""
    return False


@contextmanager
def not_collected(_supervisor: object, environment: dict[str, str]) -> Iterator[Callable[[], dict[str, str]]]:
    """Nor are the static files."""
    yield lambda: environment


def its_own_account(*_: object) -> tuple[dict[str, str], dict[str, str]]:
    """No table has an account of its work."""
    return {}, {}


def one_account(*_: object) -> list[dict[str, str]]:
    """As the demonstration command answers, in small."""
    alice = {"login": "alice", "password": "secret", "role": "landlord", "title": "bailleur"}
    return [alice | {"organisation": "Robine Habitat"}]


def one_row(build: Build, *_: object, **__: object) -> None:
    """The story in one row, unless it is reported; nothing without a story."""
    if "BARE_STORY" not in os.environ:
        return
    with psycopg.connect(build.environment["DATABASE_URL"], autocommit=True) as database:
        if database.execute("SELECT to_regclass('story')").fetchone() != (None,):
            return
        database.execute("CREATE TABLE story AS SELECT %s::text AS line", [os.environ["BARE_STORY"]])
        starts_over = database.execute("SELECT to_regclass('django_migrations')").fetchone() == (None,)
    if starts_over:  # nothing serves on tables that are behind
        subprocess.run([sys.executable, "-c", AS_MIGRATED], env=dict(build.environment), check=True)


def answers_without_tables(url: str) -> bool:
    """A database that starts over is empty here, and the site says that it is not ready: that it lives is enough."""
    return answers(url.replace("/sante/pret/", "/sante/vivant/"))


if __name__ == "__main__":
    if "BARE_STORY" in os.environ:
        demo.answers = answers_without_tables
    prepared.is_empty = an_old_one
    Build.prepare = no_step
    Build.tell = Build.fill = one_row
    demo.collecting_static = not_collected
    if "BARE_ACCOUNTS" not in os.environ:
        demo.accounts = its_own_account
    demo.read_accounts = one_account
    sys.exit(main(sys.argv[1:]))
