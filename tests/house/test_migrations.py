"""Migrations: neighbouring operations are rendered together, and the database cannot tell."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection, migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ModelState, ProjectState
from django.test.utils import CaptureQueriesContext

from reservations.migrations._together import Migration, groups

pytestmark = pytest.mark.django_db

OURS = ("reservations", "flux", "attributions")


def key(to: str | None = None) -> models.Field:
    return models.ForeignKey(to, models.PROTECT) if to else models.BigAutoField(primary_key=True)


def positive(model: str, field: str) -> migrations.AddConstraint:
    held = models.CheckConstraint(condition=models.Q((f"{field}__gt", 0)), name=f"{model}_{field}_held")
    return migrations.AddConstraint(model, held)


#: Two tables that name each other, and all that comes after; `floor` is altered twice, a constraint comes and goes.
OPERATIONS = [
    migrations.CreateModel("Building", [("id", key())]),
    migrations.CreateModel("Flat", [("id", key()), ("building", key("reservations.building"))]),
    migrations.AddField("building", "caretaker", models.ForeignKey("reservations.flat", models.PROTECT, null=True)),
    migrations.AddField("flat", "floor", models.IntegerField(default=1), preserve_default=False),
    positive("flat", "floor"),
    migrations.AddIndex("flat", models.Index(fields=["building", "floor"], name="flat_by_floor")),
    migrations.AlterField("flat", "floor", models.IntegerField(null=True)),
    migrations.AlterField("flat", "floor", models.SmallIntegerField(null=True)),
    migrations.RemoveConstraint("flat", "flat_floor_held"),
    positive("flat", "floor"),
]


def apply(kind: type[migrations.Migration]) -> tuple[list[str], ProjectState]:
    """What a migration says to the database, and the state it leaves."""
    migration = kind("0001_flats", "reservations")
    migration.operations = OPERATIONS
    state = ProjectState()
    assert state.apps is not None
    with (
        CaptureQueriesContext(
            connection,
        ) as said,
        connection.schema_editor(atomic=False) as editor,
    ):
        after = migration.apply(state, editor)
    return [query["sql"] for query in said.captured_queries if "SAVEPOINT" not in query["sql"]], after


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


def test_the_database_is_told_the_same_in_fewer_renderings(rendered: list[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SAVEPOINT before_flats")
        expected, left = apply(migrations.Migration)
        alone = len(rendered)
        cursor.execute("ROLLBACK TO before_flats")
        rendered.clear()
        told, leaves = apply(Migration)
    assert told == expected
    assert len(told) > len(OPERATIONS)
    assert leaves.models == left.models
    flat = leaves.apps.get_model("reservations", "flat")._meta
    assert [each.name for each in (*flat.constraints, *flat.indexes)] == ["flat_floor_held", "flat_by_floor"]
    assert len(rendered) < 0.7 * alone


def test_two_changes_of_one_field_are_not_rendered_together() -> None:
    assert [len(group) for group in groups(OPERATIONS)] == [2, 4, 1, 1, 1, 1]


def test_no_long_migration_of_ours_renders_alone() -> None:
    """An empty database is migrated by every newcomer and every process of tests: nine tenths of it were renderings."""
    found = MigrationLoader(None).disk_migrations
    alone = [
        key
        for key, migration in sorted(found.items())
        if key[0] in OURS
        and not isinstance(migration, Migration)
        and len(list(groups(migration.operations))) < len(migration.operations) - 2
    ]
    assert alone == [], (
        "begin these with `class Migration(_together.Migration):` (reservations/migrations/_together.py)"
    )
