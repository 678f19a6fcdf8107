"""`manage.py migrate`: asks of the code only what tables are made of, and makes nobody wait behind it."""

import time
from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently
from django.core.checks import Tags
from django.core.management.base import CommandError, CommandParser
from django.core.management.commands import migrate
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations import Migration
from django.db.utils import OperationalError
from psycopg.errors import LockNotAvailable


class Command(migrate.Command):
    """Django’s own, but for three things.

    Its checks would first import every page and compile every template: two thirds of its time on a database that is up
    to date. Models and the database are checked here; all the rest by `check` and by every command that follows.

    A change of table that waits for one long page stops everybody who comes after it: it waits for a lock a few seconds
    at most, then gives up, lets them through and tries again.

    The views of who reads figures would keep the columns that they read: `database_roles`, which follows, makes them.
    """

    under_way: Migration | None = None

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--attente", type=int, default=4, metavar="S", help="secondes d’attente d’une table prise, par essai"
        )
        parser.add_argument("--essais", type=int, default=5, metavar="N", help="essais avant de renoncer")

    def check(self, *args: Any, **options: Any) -> None:
        """Check models and the database that was given."""
        super().check(*args, **{"tags": [Tags.models, Tags.database], **options})

    def handle(self, *args: Any, **options: Any) -> None:
        """As Django does, as many times as it takes for tables to be free.

        Raises CommandError when one never was: each migration is written whole or not at all.
        """
        self.connection, self.wait = connections[options["database"]], options["attente"]
        try:
            for left in reversed(range(max(1, options["essais"]))):
                try:
                    super().handle(*args, **options)
                    return
                except OperationalError as refused:
                    if not isinstance(refused.__cause__, LockNotAvailable):
                        raise
                    if not left:
                        raise CommandError(self.given_up()) from refused
                    time.sleep(self.wait)
        finally:
            if self.connection.connection is not None and not self.connection.needs_rollback:
                wait_for_locks(self.connection, 0)

    def given_up(self) -> str:
        """What was not done, and what to do."""
        name = f" {self.under_way.app_label}.{self.under_way.name}" if self.under_way else ""
        return (
            f"La migration{name} attend une table que le site ou une autre session tient : elle a renoncé pour ne pas "
            "arrêter tout le monde derrière elle. Rien n’en est écrit, et celles d’avant sont faites. Relancez la "
            "commande : elle reprendra là ; si cela dure, regardez qui tient la table (pg_stat_activity)."
        )

    def migration_progress_callback(self, action: str, migration: Any = None, fake: bool = False) -> None:
        """Before each migration: how long it may wait. One that is made beside everybody's work (`atomic = False`, an
        index made concurrently) stops nobody, and waits as long as it takes; what an earlier try left of its indexes is
        dropped first."""
        if action in ("apply_start", "unapply_start"):
            wait_for_locks(self.connection, self.wait)
            if self.under_way is None:
                drop_figures(self.connection)
            self.under_way = migration
            wait_for_locks(self.connection, self.wait if migration.atomic else 0)
            if not migration.atomic:
                drop_unfinished(self.connection, migration)
        super().migration_progress_callback(action, migration, fake)


def wait_for_locks(connection: BaseDatabaseWrapper, seconds: int) -> None:
    """From now on, a statement of this session waits so many seconds at most for a lock; 0, as long as it takes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [f"{seconds}s"])


def drop_figures(connection: BaseDatabaseWrapper) -> None:
    """Drop the views of figures (`config/figures.sql`)."""
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA IF EXISTS figures CASCADE")


def drop_unfinished(connection: BaseDatabaseWrapper, migration: Migration) -> None:
    """Drop the indexes of a migration that PostgreSQL began concurrently and did not finish: nothing reads them, every
    writing pays for them, and their name is taken."""
    for operation in migration.operations:
        if isinstance(operation, AddIndexConcurrently):
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT 1 FROM pg_index WHERE indexrelid = to_regclass(%s) AND NOT indisvalid",
                    [connection.ops.quote_name(operation.index.name)],
                )
                if cursor.fetchone():
                    cursor.execute(f"DROP INDEX CONCURRENTLY {connection.ops.quote_name(operation.index.name)}")
