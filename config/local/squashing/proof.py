"""Two databases, made by the migrations of before and by those of after: are they the same, to the last comment?"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from difflib import unified_diff
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from config.local.postgres import folders
from config.local.state import ROOT

TABLES = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY relname"
#: What records which migrations were run is what differs.
MIGRATIONS = "django_migrations"
#: When each imprint was taken, and in which order of tables: no chain holds one yet.
MOMENTS = {"reservations_imprint": ["at", "id"]}
#: An imprint without digest is that of a row that is gone: whether it was taken before or after says nothing.
ROWS = sql.SQL(
    "SELECT (to_jsonb(t) - %s::text[])::text FROM {} t WHERE to_jsonb(t) -> 'digest' IS DISTINCT FROM 'null'"
)


@contextmanager
def empty_database(server: str, name: str) -> Iterator[str]:
    """The address of an empty database of this server, dropped at the end."""
    with psycopg.connect(server, autocommit=True) as postgres:
        drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        postgres.execute(drop)
        postgres.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
        finally:
            postgres.execute(drop)


def migrated(database: str, environment: Mapping[str, str] = os.environ) -> None:
    """Run every migration of the tree as it is now on this database.

    Raises CalledProcessError, its output printed, when one fails.
    """
    command = [sys.executable, "-P", str(ROOT / "manage.py"), "migrate", "--no-input", "--verbosity", "0"]
    subprocess.run(command, cwd=ROOT, env={**environment, "DATABASE_URL": database}, check=True)


def schema(database: str) -> list[str]:
    """What `pg_dump` writes of its schema, statement by statement, in one order: the columns of tables as they are."""
    folder = next(folder for folder in folders() if (folder / "pg_dump").exists())
    dumped = subprocess.run(
        [folder / "pg_dump", "--schema-only", "--no-owner", f"--dbname={database}"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    blocks = [block.strip() for block in dumped.split("\n\n\n")]
    # What ends a dump, and the key that psql restricts it by, change each time.
    return sorted("\n".join(line for line in block.splitlines() if not line.startswith("\\")) for block in blocks)


def rows(database: str) -> dict[str, list[str]]:
    """{table: its rows, in one order}, but for which migrations were run and when an imprint was taken."""
    with psycopg.connect(database) as reading:
        names = [str(name) for (name,) in reading.execute(TABLES).fetchall() if name != MIGRATIONS]
        return {
            name: sorted(
                str(row) for (row,) in reading.execute(ROWS.format(sql.Identifier(name)), [MOMENTS.get(name, [])])
            )
            for name in names
        }


def differences(before: str, after: str) -> list[str]:
    """Between two databases: lines of their schemas, then of their rows. None when they are the same."""
    differing = _compared("\n\n".join(schema(before)).splitlines(), "\n\n".join(schema(after)).splitlines())
    old, new = rows(before), rows(after)
    for name in sorted(old.keys() | new.keys()):
        differing += [f"{name}: {line}" for line in _compared(old.get(name, []), new.get(name, []))]
    return differing


def filled(database: str) -> set[str]:
    """The tables that hold rows."""
    return {name for name, found in rows(database).items() if found}


def inserted(database: str, table: str) -> str:
    """The rows of a table as one INSERT, for those that no file of SQL writes; a list is written an item a line."""
    with psycopg.connect(database) as reading:
        found = reading.execute(sql.SQL("SELECT * FROM {} ORDER BY id").format(sql.Identifier(table)))
        columns = [column.name for column in found.description or []]
        lines = [", ".join(_literal(value) for value in row[1:]) for row in found.fetchall()]
    names = ", ".join(f'"{name}"' for name in columns[1:])
    body = ",\n    ".join(f"({line})" for line in lines)
    return f"INSERT INTO {table} (\n    {names}\n) VALUES\n    {body};"


def _literal(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, list):
        text = "[" + ",\n     ".join(json.dumps(each, ensure_ascii=False) for each in value) + "]"
    else:
        text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)
    return "'" + text.replace("'", "''") + "'"


def _compared(old: list[str], new: list[str]) -> list[str]:
    lines = unified_diff(old, new, "before", "after", n=0, lineterm="")
    return [line for line in lines if line[:3] not in {"---", "+++", "@@ "}]
