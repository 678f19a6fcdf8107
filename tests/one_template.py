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
    name = f"{PREFIX}{fingerprint(*TABLES)}"
    existing = {str(row[0]) for row in postgres.execute("SELECT datname FROM pg_database")}
    if name in existing:
        return name
    for old in existing:
        if old.startswith(PREFIX):  # of other migrations, or left half-made by a run that was killed
            postgres.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(old)))
    draft = f"{PREFIX}draft"
    postgres.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(draft)))
    migrate(draft)
    rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
    postgres.execute(rename.format(sql.Identifier(draft), sql.Identifier(name)))
    return name


def server(database: str = "postgres") -> psycopg.Connection[tuple[object, ...]]:
    """The server of the tests, outside any transaction and, unless it is named, any test database."""
    return psycopg.connect(**connection.get_connection_params() | {"dbname": database}, autocommit=True)


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
