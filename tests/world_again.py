"""What tests build again and again by acts, built by them once a process, then put back row by row for each test.

These acts are what other tests are about; here they are only in the way: rows are put back a hundred times quicker, and
no act of a test can tell them from the first. `the_world` is that of tests/world.py; `kept` is for a fixture that lives
something in it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from functools import cache, wraps
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from psycopg import sql

from tests.world import World, build_world

#: What the clock on the wall wrote while the rows were made: it is now again.
MOMENTS = {"reservations_historyentry": "at"}

#: {table: its rows, as JSON}
Rows = dict[str, set[str]]


@dataclass(frozen=True, slots=True)
class Built:
    """What was built and nobody touches; the rows that it wrote, and those that it wrote over."""

    value: Any
    written: Rows
    gone: Rows


#: By what was built, and by what it depends on: the day, and how passwords are kept.
_built: dict[tuple[object, ...], Built] = {}


def the_world() -> World:
    """A world of one’s own, as if just built; its rows have the numbers that they had the first time."""
    world: World = _again("world", build_world)
    return world


def kept[Lived](live: Callable[[World], Lived]) -> Callable[[World], Lived]:
    """A fixture of the world alone, whose acts are done once a process and put back for each of its tests.

    What it gives, and what it changes in the world itself, is the test’s own.
    """

    @wraps(live)
    def lived(world: World) -> Lived:
        def build() -> tuple[Lived, dict[str, Any]]:
            return live(world), vars(world)

        found, inside = _again(f"{live.__module__}.{live.__qualname__}", build)
        vars(world).update(inside)
        return found  # type: ignore[no-any-return]

    return lived


def _again(name: str, build: Callable[[], Any]) -> Any:
    key = (name, timezone.localdate(), settings.PASSWORD_HASHERS[0])
    if key not in _built:
        before = _every_row()
        value = build()
        after = _every_row()
        written = {table: rows - before[table] for table, rows in after.items()}
        gone = {table: rows - after[table] for table, rows in before.items()}
        _built[key] = Built(deepcopy(value), written, gone)
        return value
    _put_back(_built[key])
    return deepcopy(_built[key].value)


def _every_row() -> Rows:
    with connection.cursor() as cursor:
        rows: Rows = {}
        for table in _columns():
            cursor.execute(sql.SQL("SELECT to_jsonb(t)::text FROM {} t").format(sql.Identifier(table)))
            rows[table] = {row for (row,) in cursor.fetchall()}
        return rows


@cache
def _columns() -> dict[str, sql.Composed]:
    """{table: the columns that are written; the database works the others out}"""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, array_agg(column_name::text ORDER BY ordinal_position)"
            " FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)"
            " WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND is_generated = 'NEVER' GROUP BY 1"
            " ORDER BY 1"
        )
        return {table: sql.SQL(", ").join(map(sql.Identifier, columns)) for table, columns in cursor.fetchall()}


def _put_back(built: Built) -> None:
    """As they are: what triggers would write of them is among them."""
    now = timezone.now().isoformat()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for table, gone in built.gone.items():
            if gone:
                out = sql.SQL("DELETE FROM {} t WHERE to_jsonb(t)::text = ANY(%s)").format(sql.Identifier(table))
                cursor.execute(out, [list(gone)])
        for table, written in built.written.items():
            if written:
                moment = MOMENTS.get(table)
                content = [json.loads(row) | ({moment: now} if moment else {}) for row in written]
                into = sql.SQL("INSERT INTO {0} ({1}) SELECT {1} FROM jsonb_populate_recordset(NULL::{0}, %s)").format(
                    sql.Identifier(table), _columns()[table]
                )
                cursor.execute(into, [json.dumps(content)])
        again = "UPDATE reservations_imprint SET digest = reservations_digest(table_name, row_id)"
        cursor.execute(f"{again} WHERE table_name = ANY(%s)", [list(MOMENTS)])
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")
