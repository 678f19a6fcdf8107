"""`migrate` checks what tables are made of, imports no page, and stops nobody who reads a table."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.checks import Error, Tags, register, registry
from django.core.management import call_command
from django.core.management.base import CommandError, SystemCheckError
from django.db import OperationalError, connection
from django.db.migrations.loader import MigrationLoader

from config.local.state import ROOT
from reservations.queries.imprints import described
from tests.own_database import own_database

LOADED = """
import sys, django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0, interactive=False)
print(*(name for name in ("flux.models", "flux.urls", "flux.views") if name in sys.modules))
"""


@pytest.mark.django_db(transaction=True)
def test_no_page_is_imported_to_make_tables(process_environment: dict[str, str]) -> None:
    """Two thirds of what it cost on a database that is up to date."""
    done = subprocess.run(
        [sys.executable, "-c", LOADED], cwd=ROOT, env=process_environment, capture_output=True, text=True, check=False
    )
    assert (done.stderr, done.stdout.split()) == ("", ["flux.models"])


@pytest.mark.django_db
@pytest.mark.parametrize("tag", [Tags.models, Tags.database])
def test_a_fault_of_models_or_of_the_database_is_refused(tag: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry.registry, "registered_checks", set(registry.registry.registered_checks))
    register(lambda app_configs, **_: [Error("Cette table est bancale.")], tag)
    with pytest.raises(SystemCheckError, match="Cette table est bancale"):
        call_command("migrate", verbosity=0, interactive=False, skip_checks=False)


@contextmanager
def holding(table: str) -> Iterator[psycopg.Connection]:
    """Another session that reads a table, in a transaction that lasts."""
    with psycopg.connect(**address()) as other:
        other.execute(f"LOCK TABLE {table} IN ACCESS SHARE MODE")
        yield other
        other.rollback()


def address() -> dict[str, object]:
    result = connection.get_connection_params()
    return {
        name: result[name] for name in ("dbname", "user", "password", "passfile", "host", "port") if result.get(name)
    }


COLUMN = """
from django.db import migrations, models

class Migration(migrations.Migration):
    dependencies = [("flux", "{leaf}")]
    operations = [migrations.AddField("vacancy", "colour", models.CharField(max_length=9, null=True))]
"""
INDEX = """
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

class Migration(migrations.Migration):
    atomic = False
    dependencies = [("flux", "9998_colour")]
    operations = [AddIndexConcurrently("vacancy", models.Index(fields=["colour"], name="vacancy_by_colour"))]
"""


@pytest.fixture
def written_since(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Two migrations more than those of today: a column of vacancies, then its index, made while everybody works."""
    package = tmp_path / "flux_since"
    package.mkdir()
    [(_, leaf)] = MigrationLoader(None).graph.leaf_nodes("flux")
    own = "import flux.migrations\n__path__ = [*flux.migrations.__path__, *__path__]\n"
    for name, text in {"__init__": own, "9998_colour": COLUMN.format(leaf=leaf), "9999_by_colour": INDEX}.items():
        (package / f"{name}.py").write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    settings.MIGRATION_MODULES = {"flux": "flux_since"}
    yield
    for name in [name for name in sys.modules if name.partition(".")[0] == "flux_since"]:
        del sys.modules[name]


@pytest.mark.usefixtures("written_since")
def test_a_table_that_is_held_is_left_to_who_holds_it(django_db_setup: None, django_db_blocker: Any) -> None:
    """A page reads a table for long; the migration that alters it gives up with a sentence, and nothing of it is
    written; who comes after reads at once. Free, it is done."""
    with django_db_blocker.unblock(), own_database("held"):
        before = described()
        with holding("flux_vacancy") as other:
            with pytest.raises(CommandError, match=r"flux\.9998_colour attend une table") as result:
                call_command("migrate", "flux", "9998", "--attente", "1", "--essais", "2", verbosity=0)
            assert "Rien n’en est écrit" in str(result.value)
            assert described() == before
            other.execute("SET lock_timeout = '1s'")
            assert other.execute("SELECT count(*) FROM flux_vacancy").fetchone() == (0,)
        with connection.cursor() as cursor:
            cursor.execute("SHOW lock_timeout")
            assert cursor.fetchone() == ("0",), "what follows in this session waits as before"
        call_command("migrate", "flux", "9998", verbosity=0)
        assert "column colour: character varying(9)" in described()


@pytest.mark.django_db
def test_a_fault_that_is_no_lock_is_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise OperationalError("le disque est plein")

    monkeypatch.setattr("django.core.management.commands.migrate.Command.handle", fails)
    with pytest.raises(OperationalError, match="le disque est plein"):
        call_command("migrate", verbosity=0, skip_checks=True)


@pytest.mark.usefixtures("written_since")
def test_an_index_that_was_not_finished_is_made_again(django_db_setup: None, django_db_blocker: Any) -> None:
    """Stopped in the middle, PostgreSQL leaves an index that nothing reads, and whose name is taken."""
    with django_db_blocker.unblock(), own_database("unfinished"):
        with connection.cursor() as cursor:
            cursor.execute("CREATE INDEX vacancy_by_colour ON flux_vacancy (id)")
            cursor.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'vacancy_by_colour'::regclass")
        call_command("migrate", "flux", "9999", verbosity=0, interactive=False)
        with connection.cursor() as cursor:
            cursor.execute("SELECT indisvalid FROM pg_index WHERE indexrelid = 'vacancy_by_colour'::regclass")
            assert cursor.fetchone() == (True,)
            cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'vacancy_by_colour'")
            assert "(colour)" in cursor.fetchone()[0]
