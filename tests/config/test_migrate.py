"""`migrate` checks what tables are made of, imports no page, and stops nobody who reads a table."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.core.checks import Error, Tags, register, registry
from django.core.management import call_command
from django.core.management.base import CommandError, SystemCheckError
from django.db import OperationalError, connection

from config.local.state import ROOT
from reservations.queries.schema import described
from tests.config.upgrades.restoring import new_database, restored

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
    told = connection.get_connection_params()
    return {name: told[name] for name in ("dbname", "user", "password", "host", "port") if told.get(name)}


@pytest.fixture(scope="module")
def on_the_way(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """A database of 1.0.0 that is being upgraded, migration by migration: those that replace them run on empty ones."""
    with django_db_blocker.unblock(), restored("1.0.0") as name:
        call_command("migrate", "reservations", "0032", verbosity=0, interactive=False)
        call_command("migrate", "flux", "0025", verbosity=0, interactive=False)
        connection.close()
        yield name


def test_a_table_that_is_held_is_left_to_who_holds_it(on_the_way: str, django_db_blocker: Any) -> None:
    """A page reads a table for long; the migration that alters it gives up with a sentence, and nothing of it is
    written; who comes after reads at once. Free, it is done."""
    with django_db_blocker.unblock(), new_database("held", of=on_the_way):
        before = described()
        with holding("flux_vacancy") as other:
            with pytest.raises(CommandError, match=r"flux\.0026_vacancy_places attend une table") as told:
                call_command("migrate", "flux", "0026", "--attente", "1", "--essais", "2", verbosity=0)
            assert "Rien n’en est écrit" in str(told.value)
            assert described() == before
            other.execute("SET lock_timeout = '1s'")
            assert other.execute("SELECT count(*) > 0 FROM flux_vacancy").fetchone() == (True,)
        with connection.cursor() as cursor:
            cursor.execute("SHOW lock_timeout")
            assert cursor.fetchone() == ("0",), "what follows in this session waits as before"
        call_command("migrate", "flux", "0026", verbosity=0)
        assert described() != before


def test_a_fault_that_is_no_lock_is_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise OperationalError("le disque est plein")

    monkeypatch.setattr("django.core.management.commands.migrate.Command.handle", fails)
    with pytest.raises(OperationalError, match="le disque est plein"):
        call_command("migrate", verbosity=0, skip_checks=True)


def test_an_index_that_was_not_finished_is_made_again(on_the_way: str, django_db_blocker: Any) -> None:
    """Stopped in the middle, PostgreSQL leaves an index that nothing reads, and whose name is taken."""
    with django_db_blocker.unblock(), new_database("unfinished", of=on_the_way):
        call_command("migrate", "flux", "0028", verbosity=0, interactive=False)
        with connection.cursor() as cursor:
            cursor.execute("CREATE INDEX vacancy_to_enter ON flux_vacancy (id)")
            cursor.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'vacancy_to_enter'::regclass")
        call_command("migrate", "flux", "0029", verbosity=0, interactive=False)
        with connection.cursor() as cursor:
            cursor.execute("SELECT indisvalid FROM pg_index WHERE indexrelid = 'vacancy_to_enter'::regclass")
            assert cursor.fetchone() == (True,)
            cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'vacancy_to_enter'")
            assert "ledger_id" in cursor.fetchone()[0]
