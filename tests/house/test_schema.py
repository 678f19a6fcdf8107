"""What the database keeps by itself is what is written down: the kept schema and the files of SQL."""

from __future__ import annotations

import re
from difflib import unified_diff
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import connection
from django.db.migrations import RunSQL
from django.db.migrations.loader import MigrationLoader

from reservations.migrations import _sql
from reservations.models.terms import TERMS
from reservations.queries.imprints import described
from tests.house.tree import ROOT, STOREYS, over_files

KEPT = ROOT / "docs/schema.txt"
FILES = sorted(path for storey in STOREYS for path in (ROOT / storey / "sql").glob("*.sql"))
REPLACED = sorted(path for storey in STOREYS for path in (ROOT / storey / "sql/replaced").glob("*.sql"))

pytestmark = pytest.mark.django_db


def rows_of(statement: str, *values: str) -> list[tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)
        return cursor.fetchall()


def differences() -> list[str]:
    """Between the schema that is kept and that of this database."""
    kept, found = KEPT.read_text(encoding="utf-8").splitlines(), described().splitlines()
    return [
        line for line in unified_diff(kept, found, "kept", "found", n=0, lineterm="") if line[:3] not in {"---", "+++"}
    ]


def test_a_migrated_database_has_the_schema_that_is_kept() -> None:
    """The first was written from the 55 migrations that this start replaced (docs/decisions/0035)."""
    meant = "./run manage schema docs/schema.txt, on a database that the migrations made: one that is restored differs"
    assert differences() == [], f"if this is what you meant: {meant}"


@pytest.mark.parametrize(
    "change",
    [
        "DROP TRIGGER append_only ON flux_flowentry",
        "ALTER TABLE flux_flowentry DISABLE TRIGGER append_only",
        "CREATE OR REPLACE FUNCTION reservations_refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        "ALTER TABLE flux_vacancy DROP CONSTRAINT vacancy_once_at_a_time",
        "DROP INDEX territory_search_name",
        "ALTER TABLE flux_unit ALTER COLUMN floor TYPE integer",
        "ALTER TABLE flux_unit ALTER COLUMN rooms DROP NOT NULL",
        "ALTER TABLE flux_unit ADD COLUMN colour text DEFAULT 'blue'",
        "DROP TABLE flux_flowcell",
        "CREATE VIEW everybody AS SELECT email FROM reservations_user",
    ],
)
def test_what_is_changed_behind_the_migrations_is_seen(change: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(change)
    assert differences() != []


def test_the_command_writes_the_schema(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("schema", str(tmp_path / "schema.txt"))
    call_command("schema")
    assert (tmp_path / "schema.txt").read_text(encoding="utf-8") == capsys.readouterr().out == described()


# --- files of SQL ---


def test_every_file_is_run_by_its_migration() -> None:
    """Those of subjects by the squash; each of the others by the migration of its number, written since or replaced."""
    loader = MigrationLoader(None)
    replaced = {key for migration in loader.disk_migrations.values() for key in migration.replaces}
    run = {
        (app, "squash" if migration.replaces else name[:4], (app, name) in replaced, operation.file, operation.sql)
        for (app, name), migration in loader.disk_migrations.items()
        for operation in migration.operations
        if isinstance(operation, _sql.Statements) and operation.file
    }
    texts = {
        (path.parts[len(ROOT.parts)], number(path.stem), path in REPLACED, path.stem, path.read_text(encoding="utf-8"))
        for path in FILES + REPLACED
    }
    assert run == texts
    assert len(texts) == len(FILES) + len(REPLACED) > 80


def number(name: str) -> str:
    return name[:4] if name[:4].isdigit() else "squash"


def test_no_sql_is_written_in_a_migration_of_today() -> None:
    """It is in a file, read and sealed."""
    loader = MigrationLoader(None)
    replaced = {key for migration in loader.disk_migrations.values() for key in migration.replaces}
    assert [
        key
        for key, migration in loader.disk_migrations.items()
        if key[0] in STOREYS and key not in replaced
        for operation in migration.operations
        if isinstance(operation, RunSQL) and not isinstance(operation, _sql.Statements)
    ] == []


def test_a_file_that_was_applied_is_not_edited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_sql, "ROOT", tmp_path)
    (tmp_path / "flux/sql").mkdir(parents=True)
    path = tmp_path / "flux/sql/0002_needs.sql"
    path.write_text("SELECT 1;\n", encoding="utf-8")
    sealed = {"0002_needs": _sql.seal("SELECT 1;\n")}
    assert [operation.sql for operation in _sql.apply_files("flux", sealed)] == ["SELECT 1;\n"]
    path.write_text("SELECT 2;\n", encoding="utf-8")
    with pytest.raises(ImproperlyConfigured, match="écrivez le changement dans un nouveau fichier"):
        _sql.apply_files("flux", sealed)


@over_files(FILES + REPLACED)
def test_a_file_of_sql_says_what_it_is_for_in_lines_that_one_reads(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("-- ")
    assert max(map(len, lines)) <= 120


# --- what they keep ---


def rules() -> dict[str, str]:
    """{table.trigger: its definition} in the database."""
    return dict(
        rows_of(
            "SELECT t.tgrelid::regclass || '.' || t.tgname, pg_get_triggerdef(t.oid)"
            " FROM pg_trigger t WHERE NOT t.tgisinternal"
        )
    )


def test_a_convention_is_kept_whole_but_for_its_state_and_the_days_of_its_steps() -> None:
    """Its parties, its perimeter, its first day and each of its terms, those to come with them (CCH, R441-5-3)."""
    definition = rules()["reservations_convention.terms_kept"]
    free = re.findall(r"to_jsonb\((?:old|new)\.\*\) - '{([\w,]+)}'::text\[\]", definition)
    assert len(free) == 2
    assert {name for each in free for name in each.split(",")} == {
        *("status", "proposed_on", "signed_on", "ends_on"),
        *("formal_notice_on", "successor_id"),
    }
    assert not {*TERMS, "term_on", "prefect_order", "starts_on"} & set(free[0].split(","))
