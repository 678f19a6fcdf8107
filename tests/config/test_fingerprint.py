"""A prepared database is named after what it is made from: nothing is left out, and one byte more is another name."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from config.local import fingerprint as naming
from config.local.fingerprint import TABLES, fingerprint
from tests.house.tree import ROOT, STOREYS, modules, shown
from tests.one_template import OURS, migrated_template, server


def imported(path: Path) -> Iterator[Path]:
    """The modules of our storeys that this one imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        for name in names:
            module = ROOT / name.replace(".", "/")
            if name.split(".")[0] in STOREYS and module.with_suffix(".py").is_file():
                yield module.with_suffix(".py")


def is_in(path: Path, places: tuple[str, ...]) -> bool:
    return any(path.is_relative_to(each) for place in places for each in ROOT.glob(place))


def test_the_tables_depend_on_nothing_else() -> None:
    """What a migration or a model imports, from near or far, is part of the name of their tables."""
    seen: set[Path] = set()
    waiting = [path for path in modules(*STOREYS) if path.parent.name in {"migrations", "replaced", "models"}]
    while waiting:
        path = waiting.pop()
        if path not in seen:
            seen.add(path)
            waiting += imported(path)
    assert len(seen) > 50
    assert {shown(path) for path in seen if not is_in(path, TABLES)} == set(), "add these (config/local/fingerprint.py)"


def test_the_sql_of_migrations_and_the_data_that_are_loaded_are_part_of_the_name() -> None:
    files = set(naming._files(TABLES))
    sql = {path for storey in STOREYS for path in (ROOT / storey / "sql").rglob("*.sql")}
    assert len(sql) > 80
    assert sql <= files
    assert sql <= set(naming._files(naming.STORY))


def test_one_byte_more_is_another_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(naming, "ROOT", tmp_path)
    folder = tmp_path / "models"
    folder.mkdir()
    (folder / "unit.py").write_text("rooms = 3")
    before = fingerprint("models")
    (folder / "unit.pyc").write_text("what Python leaves")
    assert fingerprint("models") == before
    (folder / "unit.py").write_text("rooms = 33")
    changed = fingerprint("models")
    (folder / "unit.py").rename(folder / "flat.py")
    assert len({before, changed, fingerprint("models")}) == 3


@pytest.mark.django_db
def test_test_databases_are_copies_of_one_template() -> None:
    """Each process of tests migrated its own for 30 s; the tables are made once for all."""
    name = migrated_template()
    assert connection.settings_dict["TEST"]["TEMPLATE"] == name
    with server() as postgres:
        kept = [row[0] for row in postgres.execute("SELECT datname FROM pg_database WHERE datname LIKE 'template_eq%'")]
    assert kept == [name]


@pytest.mark.django_db
def test_nobody_counts_rows_while_a_test_writes_them() -> None:
    """A plan that was made for empty tables took a test of 12 seconds past 900."""
    with connection.cursor() as cursor:
        cursor.execute(f"{OURS} AND NOT coalesce('autovacuum_enabled=off' = ANY (reloptions), false)")
        assert cursor.fetchall() == []
