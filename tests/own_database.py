"""A database of its own for a module whose story takes long to state: reported once, read by all its tests."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

from django.core.management import call_command
from django.db import connection
from psycopg import sql

from config.celery import app
from config.local.recording import KEPT, Recording, restore
from tests.one_template import server, template

#: What chance and the clock on the wall write: two stories of one morning differ there, and nowhere else.
OF_THE_MOMENT = frozenset(
    {
        ("reservations_user", "password"),
        ("reservations_historyentry", "at"),
        ("flux_flowentry", "recorded_at"),
        ("flux_unitdescription", "recorded_at"),
        ("flux_conversion", "created_at"),
        ("reservations_mailfact", "at"),
        ("reservations_servicenotice", "at"),
        ("reservations_imprint", "digest"),
        ("reservations_imprint", "link"),
        ("reservations_imprint", "at"),
    }
)


@contextmanager
def own_database(suffix: str, *, like: str | None = None) -> Iterator[str]:
    """Django’s connection leads to a database of ours until the end; its name. Its tables are made and empty, or all of
    it is as in another database, to which nobody is connected."""
    before = connection.settings_dict["NAME"]
    name = f"{before}_{suffix}"
    create, drop = "CREATE DATABASE {} TEMPLATE {}", "DROP DATABASE IF EXISTS {} WITH (FORCE)"
    connection.close()
    with server() as postgres, template() as tables:
        postgres.execute(sql.SQL(drop).format(sql.Identifier(name)))
        postgres.execute(sql.SQL(create).format(sql.Identifier(name), sql.Identifier(like or tables)))
    connection.settings_dict["NAME"] = name
    try:
        yield name
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before
        app.control.purge()  # the acts of the story woke a worker that is not there
        with server() as postgres:
            postgres.execute(sql.SQL(drop).format(sql.Identifier(name)))


@contextmanager
def recorded_story(suffix: str) -> Iterator[Recording]:
    """A database of ours holds the story as the repository keeps it, on today’s tables; what it was recorded from."""
    recording = Recording.at(KEPT)
    assert recording is not None, "./run record"
    assert recording.why_not(recording.next_day) == "", "./run record"
    with own_database(suffix, like="template0") as name:
        restore(KEPT, urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}")))
        if not recording.is_laid:
            call_command("migrate", interactive=False, verbosity=0)
            call_command("load_territories", json=True, stdout=None)
        yield recording


def every_row(*, but: frozenset[tuple[str, str]] = frozenset()) -> dict[str, tuple[int, str]]:
    """{table: (rows, seal of their content)} of the database, in no order, but for some columns; and the value of its
    sequences."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public'")
        found = {name: (last or 0, "") for name, last in cursor.fetchall()}
        cursor.execute(
            "SELECT table_name, array_agg(column_name::text ORDER BY ordinal_position) FROM information_schema.columns"
            " WHERE table_schema = 'public' AND table_name <> 'django_migrations' GROUP BY table_name"
        )
        for table, columns in cursor.fetchall():
            kept = [sql.Identifier(column) for column in columns if (table, column) not in but]
            rows = sql.SQL("SELECT ROW({})::text FROM {}").format(sql.SQL(", ").join(kept), sql.Identifier(table))
            cursor.execute(rows)
            lines = sorted(line for (line,) in cursor.fetchall())
            found[table] = (len(lines), hashlib.sha256("\n".join(lines).encode()).hexdigest())
    return found
