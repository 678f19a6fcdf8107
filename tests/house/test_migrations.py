"""Migrations: tables made together are rendered once, and the database is reported the same."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.contrib.postgres.operations import AddIndexConcurrently
from django.core.management import call_command
from django.db import connection, migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ModelState, ProjectState
from django.test.utils import CaptureQueriesContext

from config.local.squashing.sources import statements
from reservations.migrations import _start
from reservations.queries.imprints import described
from tests.own_database import own_database


def key(to: str = "", *, null: bool = False) -> models.Field:
    return models.ForeignKey(to, models.PROTECT, null=null) if to else models.BigAutoField(primary_key=True)


def building(**more: models.Field) -> migrations.CreateModel:
    return migrations.CreateModel("Building", [("id", key()), *more.items()])


FLAT = migrations.CreateModel(
    "Flat",
    [("id", key()), ("building", key("reservations.building")), ("floor", models.SmallIntegerField())],
    options={
        "constraints": [models.CheckConstraint(condition=models.Q(floor__gte=0), name="flat_floor_held")],
        "indexes": [models.Index(fields=["building", "floor"], name="flat_by_floor")],
    },
)
ROWS = migrations.RunSQL("INSERT INTO reservations_building DEFAULT VALUES", migrations.RunSQL.noop)


def migration(kind: type[migrations.Migration], *operations: object) -> migrations.Migration:
    made = kind("0001_flats", "reservations")
    made.operations = list(operations)
    return made


def apply(kind: type[migrations.Migration], *operations: object) -> tuple[list[str], ProjectState]:
    """What a migration says to the database, statement by statement, and the state it leaves."""
    state = ProjectState()
    assert state.apps is not None
    with CaptureQueriesContext(connection) as result, connection.schema_editor(atomic=False) as editor:
        after = migration(kind, *operations).apply(state, editor)
    queries = [query["sql"] for query in result.captured_queries if "SAVEPOINT" not in query["sql"]]
    return [statement for query in queries for statement in query.split(";\n")], after


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The models that were rendered, one by one."""
    names: list[str] = []
    render = ModelState.render

    def noted(state: ModelState, apps: object) -> object:
        names.append(state.name)
        return render(state, apps)

    monkeypatch.setattr(ModelState, "render", noted)
    return names


@pytest.mark.django_db
def test_the_database_is_reported_the_same_and_each_table_is_rendered_once(rendered: list[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SAVEPOINT before_flats")
        expected, left = apply(migrations.Migration, building(), FLAT, ROWS)
        assert len(rendered) > 2
        cursor.execute("ROLLBACK TO before_flats")
        rendered.clear()
        result, leaves = apply(_start.Migration, building(), FLAT, ROWS)
    assert result == expected
    assert any("INSERT" in sql for sql in result)
    assert leaves.models == left.models
    assert sorted(rendered) == ["Building", "Flat"]


@pytest.mark.django_db
def test_tables_that_refer_to_each_other_are_made_and_dropped() -> None:
    before = described()
    circle = migration(_start.Migration, building(caretaker=key("reservations.flat", null=True)), FLAT)
    with connection.schema_editor(atomic=False) as editor:
        circle.apply(ProjectState(), editor)
    assert "FOREIGN KEY (caretaker_id) REFERENCES reservations_flat" in described()
    with connection.schema_editor(atomic=False) as editor:
        circle.unapply(ProjectState(), editor)
    assert described() == before


@pytest.mark.django_db
def test_tables_that_are_made_next_are_rendered_beside_the_others(rendered: list[str]) -> None:
    """Those of a layer are not rendered again for the layer above."""
    state = ProjectState()
    assert state.apps is not None
    with connection.schema_editor(atomic=False) as editor:
        state = migration(_start.Migration, building()).apply(state, editor)
        state = migration(_start.Migration, FLAT).apply(state, editor)
    assert rendered == ["Building", "Flat"]
    flat, made = state.apps.get_model("reservations", "Flat"), state.apps.get_model("reservations", "Building")
    assert flat._meta.get_field("building").related_model is made
    assert made._meta.related_objects[0].related_model is flat


@pytest.mark.django_db
def test_what_makes_tables_is_recorded_with_them() -> None:
    """Foreign keys and indexes are written before the end of the migration: nothing is left for after its transaction,
    where Django would record it apart."""
    with connection.schema_editor(atomic=False) as editor:
        migration(_start.Migration, building(), FLAT).apply(ProjectState(), editor)
        assert editor.deferred_sql == []
        assert "index flat_by_floor" in described()


def test_each_layer_starts_with_one_migration_that_renders_once() -> None:
    """An empty database is migrated by every newcomer and every process of tests: nine tenths of it were renderings."""
    loader = MigrationLoader(None)
    layers = ("reservations", "flux", "attributions")
    for app in layers:
        [start] = loader.graph.root_nodes(app)
        assert isinstance(loader.graph.nodes[start], _start.Migration)
        assert len(loader.graph.nodes[start].replaces) > 30
    rendering_once = {key for key, each in loader.graph.nodes.items() if isinstance(each, _start.Migration)}
    assert len(rendering_once) == len(layers)


def test_what_others_make_is_made_before_our_tables() -> None:
    """Each migration of theirs would render ours again."""
    loader = MigrationLoader(None)
    plan = loader.graph._generate_plan(loader.graph.leaf_nodes(), True)
    apps = [app for app, _ in plan]
    assert set(apps[: apps.index("reservations")]) & {"reservations", "flux", "attributions"} == set()
    assert set(apps[apps.index("reservations") :]) == {"reservations", "flux", "attributions"}


#: Those that made indexes on tables of before by stopping who writes in them, when that was allowed, or that were being
#: written on that day. Nothing is added here.
STOPPING = {
    "attributions.let",
    "flux.acts",
    "flux.cells_of_year",
    "flux.entries_behind",
    "flux.fold_statements",
    "flux.past_vacancies",
    "flux.routing_counts",
    "flux.unit_lists",
    "flux.vacancy_landlord",
    "flux.vacancy_places",
    "reservations.file_parts",
    "reservations.search_words",
}


def test_an_index_of_a_table_that_is_there_is_made_concurrently() -> None:
    """Made otherwise, it stops whoever writes in the table for as long as the table is long (docs/operations.md)."""
    found = set()
    for (app, name), each in MigrationLoader(None).disk_migrations.items():
        if app not in ("reservations", "flux", "attributions"):
            continue
        made = {
            operation.name.lower() for operation in each.operations if isinstance(operation, migrations.CreateModel)
        }
        if any(stops(operation, made) for operation in each.operations):
            found.add(f"{app}.{name.split('_', 1)[1]}")
    assert found - STOPPING == set()


def stops(operation: object, made: set[str]) -> bool:
    """Does it make an index on a table that it does not make, in a transaction?"""
    if isinstance(operation, migrations.AddIndex) and not isinstance(operation, AddIndexConcurrently):
        return operation.model_name_lower not in made
    sql = operation.sql if isinstance(operation, migrations.RunSQL) else ""
    text = sql if isinstance(sql, str) else " ".join(str(each) for each in sql)
    return re.search(r"CREATE (UNIQUE )?INDEX (?!CONCURRENTLY)", text) is not None


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        (migrations.AddIndex("flat", models.Index(fields=["floor"], name="flat_floor")), True),
        (AddIndexConcurrently("flat", models.Index(fields=["floor"], name="flat_floor")), False),
        (migrations.AddIndex("Building", models.Index(fields=["id"], name="building_id")), False),
        (migrations.RunSQL("CREATE INDEX flat_floor ON flat (floor)"), True),
        (migrations.RunSQL("CREATE INDEX CONCURRENTLY flat_floor ON flat (floor)"), False),
        (ROWS, False),
    ],
)
def test_what_stops_who_writes_is_distinguished_from_what_does_not(operation: object, expected: bool) -> None:
    assert stops(operation, {"building"}) is expected


def test_each_migration_says_how_it_is_undone() -> None:
    """What each operation answers of itself: a statement without its reverse is found at once. What SQL makes, by name,
    its reverse drops: « nothing to undo » is no answer of a file that makes something."""
    found = [
        f"{app}.{name}: {what}"
        for (app, name), each in MigrationLoader(None).graph.nodes.items()
        if app in ("reservations", "flux", "attributions")
        for operation in each.operations
        for what in (
            *((operation.describe(),) if not operation.reversible else ()),
            *(left_by(operation) if isinstance(operation, migrations.RunSQL) else ()),
        )
    ]
    assert found == []


def left_by(operation: migrations.RunSQL) -> list[str]:
    """What this SQL makes and its reverse leaves: a function dropped with CASCADE takes its triggers along. What takes
    the place of another of its name stays."""
    back = "; ".join(str(each) for each in (operation.reverse_sql or ())) if operation.reverse_sql else ""
    dropped = {each.drops for each in statements(back + ";")[1] if each.drops}
    made = [each for each in statements(str(operation.sql))[1] if each.makes and "OR REPLACE" not in each.bare]
    gone = {name for kind, _, name in dropped if kind == "function"}
    return [
        f"{kind} {table} {name}".replace("  ", " ")
        for each in made
        for kind, table, name in (each.makes or ("", "", ""),)
        if kind in ("function", "trigger", "policy", "view", "index", "constraint")
        and (kind, table, name) not in dropped
        and not (kind == "trigger" and each.calls & gone)
    ]


@pytest.mark.parametrize(
    ("sql", "reverse", "left"),
    [
        ("CREATE VIEW flat_seen AS SELECT 1;", migrations.RunSQL.noop, ["view flat_seen"]),
        ("CREATE VIEW flat_seen AS SELECT 1;", ["DROP VIEW flat_seen"], []),
        ("CREATE INDEX flat_floor ON flat (floor);", ["DROP INDEX flat_name"], ["index flat_floor"]),
        ("SELECT 1;", migrations.RunSQL.noop, []),
    ],
)
def test_what_a_reverse_leaves_is_named(sql: str, reverse: object, left: list[str]) -> None:
    assert left_by(migrations.RunSQL(sql, reverse)) == left


@pytest.mark.nightly  # its essence: what each operation answers, above, and tables made and dropped by one start
def test_a_start_can_be_undone_and_done_again(django_db_setup: None, django_db_blocker: object) -> None:
    with django_db_blocker.unblock(), own_database("undone"):
        made = described()
        call_command("migrate", "reservations", "zero", interactive=False, verbosity=0)  # and what is built on it
        left = described()
        assert [line for line in left.splitlines() if re.search(r"\b(reservations|flux|attributions)_", line)] == []
        call_command("migrate", interactive=False, verbosity=0)
        assert described() == made
