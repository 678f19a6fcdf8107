"""The tables are made once: every test database is a copy of one template, kept until the tables change.

Processes of one run wait for the first of them to make it; the next run finds it made.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.core.management import call_command
from django.db import connection
from psycopg import sql

from config.local.fingerprint import TABLES, fingerprint

PREFIX = "template_equiflux_"
LOCK = 0x71FF  # any number of ours
HERE = ("tests/one_template.py",)

#: The tables of a database, but for PostgreSQL’s.
OURS = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"


@contextmanager
def template() -> Iterator[str]:
    """The name of a database that holds the tables of today’s migrations, made if it is not there.

    Nobody else is in it until the end: PostgreSQL copies no database that somebody reads.
    """
    with server() as postgres:
        postgres.execute("SELECT pg_advisory_lock(%s)", [LOCK])  # given back with the connection
        yield _made(postgres)


def migrated_template() -> str:
    """Its name alone, for who will not read it."""
    with template() as name:
        return name


def _made(postgres: psycopg.Connection[tuple[object, ...]]) -> str:
    name = f"{PREFIX}{fingerprint(*TABLES, *HERE)}"
    existing = {str(row[0]) for row in postgres.execute("SELECT datname FROM pg_database")}
    if name in existing:
        return name
    for old in existing:
        if old.startswith(PREFIX):  # of other migrations, or left half-made by a run that was killed
            postgres.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(old)))
    draft = f"{PREFIX}draft"
    postgres.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(draft)))
    migrate(draft)
    leave_vacuum_to_us(draft)
    rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
    postgres.execute(rename.format(sql.Identifier(draft), sql.Identifier(name)))
    return name


def server(database: str = "postgres") -> psycopg.Connection[tuple[object, ...]]:
    """The server of the tests, outside any transaction and, unless it is named, any test database."""
    return psycopg.connect(**connection.get_connection_params() | {"dbname": database}, autocommit=True)


def leave_vacuum_to_us(database: str) -> None:
    """No autovacuum on the tables of this database, nor of its copies.

    The rows of a test are never committed: who counts those of a table meanwhile finds none in pages that are full, and
    PostgreSQL then plans each statement of that test for no row at all. Fifteen minutes were not enough for a test of
    twelve seconds.
    """
    with server(database) as postgres:
        for (name,) in postgres.execute(OURS).fetchall():
            off = sql.SQL("ALTER TABLE {} SET (autovacuum_enabled = off)")
            postgres.execute(off.format(sql.Identifier(str(name))))


def vacuum(database: str) -> None:
    """When nothing is being written: forget the rows that tests took back, and how many there were."""
    with server(database) as postgres:
        tables = [sql.Identifier(str(name)) for (name,) in postgres.execute(OURS).fetchall()]
        postgres.execute(sql.SQL("VACUUM (SKIP_LOCKED) {}").format(sql.SQL(", ").join(tables)))
    forget_counts(database)


def forget_counts(database: str) -> None:
    """Tables are again as nobody counted them. ANALYZE writes how many rows a table has even where its transaction is
    taken back, and VACUUM finds none: the next test would be planned for no row, ten minutes instead of twelve seconds.
    """
    with server(database) as postgres:
        postgres.execute(
            "UPDATE pg_class SET relpages = 0, reltuples = -1 WHERE relkind = 'r'"
            " AND relnamespace = 'public'::regnamespace AND (relpages, reltuples) <> (0, -1)"
        )


def migrate(name: str) -> None:
    """Run every migration on this database, through Django’s own connection."""
    before = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        call_command("migrate", interactive=False, verbosity=0)
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before
