"""Triggers are declared beside their model: the database keeps what is declared, and declares nothing by itself
(docs/decisions/0165)."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import DatabaseError, connection

from flux.models import Routing
from reservations.management.commands.make_triggers import APPS, declared, kept, moved
from reservations.rules import APPEND_ONLY, WITHOUT_IMPRINT, frozen, of_table

pytestmark = pytest.mark.django_db


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize("app", APPS)
def test_the_database_keeps_the_triggers_that_are_declared(app: str) -> None:
    """A declaration that changes without its migration is seen, and so is a trigger that nothing declares."""
    assert moved(app) == ([], []), f"if this is what you meant: ./run manage make_triggers {app} NNNN_subject"


def test_a_trigger_is_declared_by_one_app_alone() -> None:
    found = [key for app in APPS for key in declared(app)]
    assert sorted(found) == sorted(kept())
    assert len(found) > 200


@pytest.mark.parametrize(
    ("change", "table", "name"),
    [
        ("DROP TRIGGER append_only ON flux_flowentry", "flux_flowentry", "append_only"),
        ("ALTER TABLE flux_flowentry DISABLE TRIGGER append_only", "flux_flowentry", "append_only"),
        ("DROP TRIGGER imprinted ON flux_routing", "flux_routing", "imprinted"),
        ("DROP TRIGGER people_told ON flux_routing", "flux_routing", "people_told"),
    ],
)
def test_a_trigger_that_is_gone_is_seen(change: str, table: str, name: str) -> None:
    run(change)
    assert (table, name) in {(each.table, each.name) for app in APPS for each in moved(app)[1]}


def test_a_trigger_that_nothing_declares_is_seen() -> None:
    run("CREATE TRIGGER more BEFORE DELETE ON flux_unit FOR EACH ROW EXECUTE FUNCTION reservations_refuse()")
    assert moved("flux") == ([("flux_unit", "more")], [])


def test_a_declaration_that_changed_is_written_as_a_migration(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(Routing, "triggers", (*Routing.triggers[:1], APPEND_ONLY))
    monkeypatch.setattr(apps.get_app_config("flux"), "path", str(tmp_path))
    for folder in ("sql", "migrations"):
        (tmp_path / folder).mkdir()
    call_command("make_triggers", "flux", "0999_more", stdout=io.StringIO())
    text = (tmp_path / "sql/0999_more.sql").read_text(encoding="utf-8")
    assert max(map(len, text.splitlines())) <= 120
    assert "DROP TRIGGER never_deleted ON flux_routing;" in text
    run(text)
    assert moved("flux") == ([], [])


def test_a_table_has_imprints_unless_it_states_why_not() -> None:
    assert [each.name for each in of_table("flux_new", ())] == ["imprinted"]
    assert of_table("flux_flowcell", ()) == []
    known = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    assert set(WITHOUT_IMPRINT) <= known


def test_a_column_that_stays_free_is_one_of_its_table() -> None:
    """Every other column of the row is kept, those to come with them."""
    seen = 0
    for (table, name), each in {key: one for app in APPS for key, one in declared(app).items()}.items():
        for free in set(re.findall(r"'\{([\w,]*)\}'::text\[\]", each.when)):
            [model] = [found for found in apps.get_models() if found._meta.db_table == table and not found._meta.proxy]
            columns = {field.column for field in model._meta.local_fields}
            assert set(free.split(",")) <= columns, (table, name)
            seen += 1
    assert seen > 15


def test_a_frozen_row_keeps_a_column_that_is_added() -> None:
    """Without a word: the free columns are listed, the others never."""
    run("CREATE TABLE flux_tried (id integer, free text, kept text); INSERT INTO flux_tried VALUES (1, 'a', 'b')")
    [_, trigger] = of_table("flux_tried", (frozen("free"),))
    run(trigger.sql())
    run("ALTER TABLE flux_tried ADD COLUMN later text")
    run("UPDATE flux_tried SET free = 'c'")
    with pytest.raises(DatabaseError, match="rule kept"):
        run("UPDATE flux_tried SET later = 'd'")
