"""A database as a version of before left it, restored from the file that is kept of it (story.py says how it was
made)."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import connection
from psycopg import sql

from config.local.postgres import folders
from tests.one_template import OURS, server

KEPT = Path(__file__).parent

#: The columns of the primary key of each table.
NUMBERS = (
    "SELECT c.relname, array_agg(a.attname::text) FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid"
    " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)"
    " WHERE i.indisprimary AND c.relnamespace = 'public'::regnamespace GROUP BY 1"
)

#: {table: {number of a row: the row}}
Rows = dict[str, dict[str, dict[str, Any]]]


@contextmanager
def new_database(suffix: str, *, of: str = "template0") -> Iterator[str]:
    """Django’s connection leads to a database with nothing in it, or a copy of another, until the end; its name."""
    before = connection.settings_dict["NAME"]
    name = f"{before}_{suffix}"
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    connection.close()
    with server() as postgres:
        postgres.execute(drop)
        made = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        postgres.execute(made.format(sql.Identifier(name), sql.Identifier(of)))
    connection.settings_dict["NAME"] = name
    try:
        yield name
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before
        with server() as postgres:
            postgres.execute(drop)


@contextmanager
def restored(version: str) -> Iterator[str]:
    """The same, as this version left it."""
    with new_database(f"of_{version.replace('.', '_')}") as name:
        result = connection.get_connection_params()
        given = {
            "PGHOST": "host",
            "PGPORT": "port",
            "PGUSER": "user",
            "PGPASSWORD": "password",
            "PGPASSFILE": "passfile",
        }
        known = {key: str(result[of]) for key, of in given.items() if result.get(of)}
        folder = next(folder for folder in folders() if (folder / "psql").exists())
        options = ["--no-psqlrc", "--quiet", "--output=/dev/null", "--single-transaction", "--set=ON_ERROR_STOP=1"]
        subprocess.run(
            [folder / "psql", *options, f"--dbname={name}"],
            input=gzip.decompress((KEPT / f"{version}.sql.gz").read_bytes()),
            env={**os.environ, **known},
            check=True,
        )
        yield name


def every_row() -> Rows:
    """What the database holds, but for what Django knows of the code."""
    of_django = {"django_migrations", "django_content_type", "auth_permission"}
    with connection.cursor() as cursor:
        cursor.execute(OURS)
        names = sorted({name for (name,) in cursor.fetchall()} - of_django)
        cursor.execute(NUMBERS)
        keys: dict[str, list[str]] = dict(cursor.fetchall())
        found: Rows = {}
        for name in names:
            cursor.execute(sql.SQL("SELECT to_jsonb(t)::text FROM {} t").format(sql.Identifier(name)))
            rows = [json.loads(row) for (row,) in cursor.fetchall()]
            found[name] = {" ".join(str(row[column]) for column in keys[name]): row for row in rows}
        return found
