"""The world of tests/world.py, built by its acts once a process, then put back row by row for each test.

Its acts are what other tests are about; here they are only in the way: seventy rows in nine tables, put back a hundred
times quicker, and which no act of a test can tell from the first.
"""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from psycopg import sql

from tests.world import World, build_world

#: What the clock on the wall wrote while the world was built: it is now again.
MOMENTS = {"reservations_historyentry": "at"}

#: {table: its rows, as JSON}
Rows = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Built:
    """A world that nobody touches, and its rows."""

    world: World
    rows: Rows


#: By what a world depends on: the day, and how passwords are kept.
_built: dict[tuple[date, str], Built] = {}


def the_world() -> World:
    """A world of one's own, as if just built; its rows have the numbers that they had the first time."""
    key = (timezone.localdate(), settings.PASSWORD_HASHERS[0])
    if key in _built:
        _put_back(_built[key].rows)
        return deepcopy(_built[key].world)
    before = _every_row()
    world = build_world()
    new = _every_row()
    for table, rows in before.items():
        assert set(rows) <= set(new[table]), f"the world changes rows that the tests share, in {table}"
        new[table] = [row for row in new[table] if row not in set(rows)]
    _built[key] = Built(deepcopy(world), {table: rows for table, rows in new.items() if rows})
    return world


def _every_row() -> Rows:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
        rows: Rows = {}
        for (table,) in cursor.fetchall():
            cursor.execute(sql.SQL("SELECT to_jsonb(t)::text FROM {} t").format(sql.Identifier(table)))
            rows[table] = [row for (row,) in cursor.fetchall()]
        return rows


def _put_back(rows: Rows) -> None:
    """As they are: what triggers would write of them is among them."""
    now = timezone.now().isoformat()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for table, found in rows.items():
            moment = MOMENTS.get(table)
            content = [json.loads(row) | ({moment: now} if moment else {}) for row in found]
            into = sql.SQL("INSERT INTO {0} SELECT * FROM jsonb_populate_recordset(NULL::{0}, %s)")
            cursor.execute(into.format(sql.Identifier(table)), [json.dumps(content)])
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")
