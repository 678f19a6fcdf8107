"""What tests build again and again by acts, built by them once a process, then put back row by row for each test.

These acts are what other tests are about; here they are only in the way: rows are put back a hundred times quicker, and
no act of a test can state them from the first. `the_world` is that of tests/world.py; `kept` is for a fixture that
lives something in it; `done_once` for a helper that tests call with a few plain values, as the first thing that they
do.
"""

from __future__ import annotations

import io
import json
import pickle
from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from functools import cache, wraps
from typing import Any, Concatenate

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from psycopg import sql

from tests.world import World, build_world

#: What the clock on the wall wrote while the rows were made: it is now again, but for the acts on a convention, which
#: stay before the units that are credited after them.
MOMENTS = {"reservations_historyentry": "at"}
NOW = """CASE WHEN subject = 'reservations.convention' THEN at ELSE current_setting('tests.now')::timestamptz END"""

#: {table: its rows, as JSON}
Rows = dict[str, set[str]]


@dataclass(frozen=True, slots=True)
class Built:
    """How to have again what was built, the statements that put its rows back, and what waits for their commit."""

    value: Callable[[World | None], Any]
    rows: str
    hooks: list[tuple[Callable[[], object], bool]]


#: By what was built, and by what it depends on: the day, how passwords are kept, and the database, whose sequences
#: give the numbers of its rows.
_built: dict[tuple[object, ...], Built] = {}

#: Rows that the transaction of this test has written so far, whatever became of them.
WRITTEN = """(SELECT sum(pg_stat_get_xact_tuples_inserted(oid) + pg_stat_get_xact_tuples_updated(oid)
    + pg_stat_get_xact_tuples_deleted(oid)) FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace)"""

#: How many times each thing was asked for: what is asked for once is not worth its rows being read.
_asked: Counter[tuple[object, ...]] = Counter()
#: What is being built: what is done inside it is put back with it.
_building: list[str] = []
#: What a helper may be given so that its name says all that it does.
PLAIN = str | int | date | None


def the_world() -> World:
    """A world of one’s own, as if just built; its rows have the numbers that they had the first time."""
    world: World = _again("world", build_world)
    return world


def kept[Lived](live: Callable[[World], Lived]) -> Callable[[World], Lived]:
    """A fixture of the world alone, whose acts are done once a process and put back for each of its tests.

    What it gives, and what it changes in the world itself, is the test’s own; where what it gives holds the world, it
    is that of the test.
    """

    @wraps(live)
    def lived(world: World) -> Lived:
        def build() -> tuple[Lived, dict[str, Any]]:
            return live(world), vars(world)

        found, inside = _again(f"{_of(world)}, {live.__module__}.{live.__qualname__}", build, world)
        vars(world).update(inside)
        return found  # type: ignore[no-any-return]

    return lived


def done_once[**Given, Done](
    do: Callable[Concatenate[World, Given], Done],
) -> Callable[Concatenate[World, Given], Done]:
    """A helper whose acts are put back, from the third time that tests of a process begin with them.

    They are done wherever they have to be: where rows were written since the world was built, or since another helper
    put its own back; where it is given what has no plain name; where nothing takes back what a test writes. The hooks
    that wait for its commit wait again.
    """

    @wraps(do)
    def done(world: World, /, *args: Given.args, **named: Given.kwargs) -> Done:
        plain = all(map(_is_plain, (*args, *named.values())))
        state = _state() if plain and connection.in_atomic_block else ""
        moment = timezone.now()
        clock = moment if timezone.now() == moment else ""
        name = f"{state} {_of(world)}, {do.__module__}.{do.__qualname__}{args}{sorted(named.items())} {clock}"
        _asked[_key(name)] += bool(state)
        if _asked[_key(name)] < 2 or (_building and _key(name) not in _built):
            return do(world, *args, **named)

        def build() -> tuple[Done, dict[str, Any]]:
            return do(world, *args, **named), vars(world)

        found, inside = _again(name, build, world, hooks=True)
        vars(world).update(inside)
        return found  # type: ignore[no-any-return]

    return done


def _of(world: World) -> str:
    """Which world it is: each day has its own, whose rows have other numbers, and a test may change the day once it has
    one."""
    return f"the world of landlord {world.landlord.pk}"


def _is_plain(given: object) -> bool:
    """Does its `repr` say all that it is?"""
    if is_dataclass(given):
        return all(isinstance(getattr(given, each.name), PLAIN) for each in fields(given))
    return isinstance(given, PLAIN)


def _state() -> str:
    """What the database is known to hold: the name of what was put back last, if nothing was written since."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT current_setting('tests.state', TRUE), {WRITTEN}::text")
        name, written = cursor.fetchone()
    known, _, then = (name or "").rpartition(" ")
    return known if then == written else ""


def _key(name: str) -> tuple[object, ...]:
    return (name, timezone.localdate(), settings.PASSWORD_HASHERS[0], connection.settings_dict["NAME"])


def _again(name: str, build: Callable[[], Any], world: World | None = None, *, hooks: bool = False) -> Any:
    key = _key(name)
    if key not in _built:
        before, waiting = _every_row(), len(connection.run_on_commit)
        _building.append(name)
        try:
            value = build()
        finally:
            _building.pop()
        after = _every_row()
        written = {table: rows - before[table] for table, rows in after.items()}
        gone = {table: rows - after[table] for table, rows in before.items()}
        called = [(call, robust) for _, call, robust in connection.run_on_commit[waiting:]] if hooks else []
        _built[key] = Built(_copies(value, world), _putting_back(written, gone), called)
    else:
        built = _built[key]
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('tests.now', %s, TRUE)", [timezone.now().isoformat()])
            cursor.execute(built.rows)
        for call, robust in built.hooks:
            transaction.on_commit(call, robust=robust)
        value = built.value(world)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT set_config('tests.state', %s || ' ' || {WRITTEN}, TRUE)", [name])
    return value


class Pickler(pickle.Pickler):
    """Writes what `deepcopy` would give, and no rows that were not yet asked for. The world of the test is named, not
    written: it is another one next time."""

    def __init__(self, file: io.BytesIO, world: World | None) -> None:
        super().__init__(file, pickle.HIGHEST_PROTOCOL)
        self.world = world

    def persistent_id(self, given: object) -> str | None:
        return "world" if given is self.world and given is not None else None

    def reducer_override(self, given: object) -> Any:
        if isinstance(given, QuerySet):
            raise pickle.PicklingError("it would be asked for here")
        return NotImplemented


class Unpickler(pickle.Unpickler):
    """Reads it back, about the world that is given."""

    def __init__(self, file: io.BytesIO, world: World | None) -> None:
        super().__init__(file)
        self.world = world

    def persistent_load(self, name: str) -> World | None:
        return self.world


def _copies(value: Any, world: World | None) -> Callable[[World | None], Any]:
    """Each call gives a copy: read back from bytes, several times quicker than copied, wherever it can be written."""
    written = io.BytesIO()
    try:
        Pickler(written, world).dump(value)
    except (pickle.PicklingError, TypeError, AttributeError):
        copied: dict[int, Any] = {}
        untouched = deepcopy(value, copied)
        inside = copied.get(id(world))  # None when what was given does not hold the world
        return lambda now: deepcopy(untouched, {} if inside is None or now is None else {id(inside): now})
    content = written.getvalue()
    return lambda now: Unpickler(io.BytesIO(content), now).load()


def _every_row() -> Rows:
    with connection.cursor() as cursor:
        rows: Rows = {}
        for table in _columns():
            cursor.execute(sql.SQL("SELECT to_jsonb(t)::text FROM {} t").format(sql.Identifier(table)))
            rows[table] = {row for (row,) in cursor.fetchall()}
        return rows


@cache
def _columns() -> dict[str, list[str]]:
    """{table: the columns that are written; the database works the others out}"""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, array_agg(column_name::text ORDER BY ordinal_position)"
            " FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)"
            " WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND is_generated = 'NEVER' GROUP BY 1"
            " ORDER BY 1"
        )
        return dict(cursor.fetchall())


def _place(row: str) -> tuple[str, str]:
    """By number, as acts write them: what PostgreSQL knows of the order of a table weighs in its plans."""
    return str(json.loads(row).get("id", "")).zfill(20), row


def _putting_back(written: Rows, gone: Rows) -> str:
    """The statements, written once. Rows come as they are: what triggers would write of them is among them."""
    done: list[sql.Composable] = [sql.SQL("SET LOCAL session_replication_role = replica")]
    for table, rows in gone.items():
        if rows:
            out = sql.SQL("DELETE FROM {} t WHERE to_jsonb(t)::text = ANY({})")
            done.append(out.format(sql.Identifier(table), sql.Literal(list(rows))))
    for table, rows in written.items():
        if rows:
            columns = [sql.Identifier(column) for column in _columns()[table]]
            values = [
                sql.SQL(NOW) if column == MOMENTS.get(table) else sql.Identifier(column) for column in _columns()[table]
            ]
            into = sql.SQL("INSERT INTO {0} ({1}) SELECT {2} FROM jsonb_populate_recordset(NULL::{0}, {3})")
            parts = sql.Identifier(table), sql.SQL(", ").join(columns), sql.SQL(", ").join(values)
            done.append(into.format(*parts, sql.Literal(f"[{','.join(sorted(rows, key=_place))}]")))
    again = "UPDATE reservations_imprint SET digest = reservations_digest(table_name, row_id)"
    done.append(sql.SQL(f"{again} WHERE table_name = ANY({{}})").format(sql.Literal(list(MOMENTS))))
    done.append(sql.SQL("SET LOCAL session_replication_role = DEFAULT"))
    connection.ensure_connection()
    return sql.SQL(";\n").join(done).as_string(connection.connection)
