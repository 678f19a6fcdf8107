"""A database that cannot serve is refused when it is migrated and when a process starts, with what to do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from django.core.checks import Tags, run_checks
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from config.database_checks import EXTENSIONS, refuse_unfit_database
from config.local.state import ROOT
from config.safety import WORKSTATION
from tests.config.test_health import elsewhere

#: One for each process of tests.
NAME = f"equiflux_sql_ascii_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"


@pytest.fixture(scope="module")
def sql_ascii() -> Iterator[dict[str, str]]:
    """The environment of a process on a real database in SQL_ASCII, as `initdb` makes them in many images."""
    address = os.environ["DATABASE_URL"]
    with psycopg.connect(address, autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {NAME}")
        server.execute(f"CREATE DATABASE {NAME} ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
        mine = urlunsplit(urlsplit(address)._replace(path=f"/{NAME}"))
        yield {**os.environ, "DATABASE_URL": mine, "DJANGO_SETTINGS_MODULE": "config.settings"}
        server.execute(f"DROP DATABASE {NAME} WITH (FORCE)")


def ours(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        env=environment, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


STARTS = {
    "migrate": ("manage.py", "migrate", "--no-input"),
    "web": ("-c", "import config.wsgi"),
    "worker": ("-m", "celery", "-A", "config", "worker", "--pool", "solo"),
    "beat": ("-m", "celery", "-A", "config", "beat", "--schedule", "{folder}/beat", "--pidfile", ""),
}


@pytest.mark.parametrize("start", STARTS)
def test_a_database_that_is_not_in_utf_8_is_refused(sql_ascii: dict[str, str], start: str, tmp_path: Path) -> None:
    refused = ours(sql_ascii, *(part.format(folder=tmp_path) for part in STARTS[start]))

    assert refused.returncode != 0
    result = refused.stdout + refused.stderr
    assert f"La base « {NAME} » est encodée en SQL_ASCII, pas en UTF-8" in result
    assert f"CREATE DATABASE {NAME} ENCODING 'UTF8'" in result
    with psycopg.connect(sql_ascii["DATABASE_URL"]) as found:
        assert found.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)


def test_a_database_that_is_not_in_utf_8_is_not_ready(sql_ascii: dict[str, str]) -> None:
    alive, pages, ready = elsewhere(sql_ascii)

    assert [alive[0], pages[0], ready[0]] == [200, 503, 503]
    assert ready[1]["encoding"] == "SQL_ASCII"
    assert "pas en UTF-8" in json.dumps(ready[1]["problems"], ensure_ascii=False)


@pytest.fixture(scope="module")
def plain() -> Iterator[dict[str, str]]:
    """The same in UTF-8, where PostgreSQL knows no accented letter, and where nothing was migrated."""
    address = os.environ["DATABASE_URL"]
    name = NAME.replace("sql_ascii", "plain")
    with psycopg.connect(address, autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {name}")
        server.execute(f"CREATE DATABASE {name} ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
        mine = urlunsplit(urlsplit(address)._replace(path=f"/{name}"))
        environment = {key: value for key, value in os.environ.items() if key != WORKSTATION}
        yield {**environment, "DATABASE_URL": mine, "DJANGO_SETTINGS_MODULE": "config.settings"}
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_a_database_that_knows_no_accented_letter_is_refused_in_production(plain: dict[str, str]) -> None:
    refused = ours(plain, *STARTS["web"])
    assert refused.returncode != 0
    assert "ne sait pas mettre en minuscules une lettre accentuée" in refused.stderr
    assert "LC_CTYPE 'C.UTF-8'" in refused.stderr


def test_tables_behind_the_code_refuse_a_start(plain: dict[str, str]) -> None:
    """On a workstation, whose databases may be of another locale."""
    refused = ours({**plain, WORKSTATION: "1"}, *STARTS["web"])
    assert refused.returncode != 0
    assert "Les tables de la base ne sont pas à jour" in refused.stderr
    assert "manage.py migrate" in refused.stderr


@pytest.mark.django_db
def test_one_migration_that_is_missing_refuses_a_start(monkeypatch: pytest.MonkeyPatch) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'flux' AND name = '0001_start'")
    monkeypatch.setattr("config.database_checks.connections.close_all", lambda: None)  # this transaction is the test’s
    with pytest.raises(ImproperlyConfigured, match=r"il manque flux 0001_start"):
        refuse_unfit_database()


def messages() -> list[str]:
    return [str(message.msg) for message in run_checks(tags=[Tags.database], databases=["default"])]


@pytest.mark.django_db
def test_the_database_of_the_tests_serves() -> None:
    assert messages() == []


DEMANDING = """
import django
django.setup()
from django.db.backends.postgresql.features import DatabaseFeatures
DatabaseFeatures.minimum_database_version = (99,)
from config.database_checks import refuse_unfit_database
refuse_unfit_database()
"""


def test_a_server_that_is_too_old_is_refused() -> None:
    """The real server, asked by a Django that would need PostgreSQL 99."""
    refused = ours({**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"}, "-c", DEMANDING)

    assert "Ce serveur PostgreSQL est trop ancien" in refused.stderr
    assert "Passez à PostgreSQL 15 ou plus récent" in refused.stderr


@pytest.mark.django_db
@pytest.mark.parametrize("extension", EXTENSIONS)
def test_an_account_that_cannot_create_the_extension_is_refused(extension: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP EXTENSION {extension} CASCADE")
        assert messages() == []  # we may create it: migrate will
        cursor.execute("CREATE ROLE passer_by")
        cursor.execute("SET LOCAL ROLE passer_by")
        [sentence] = messages()
        cursor.execute("RESET ROLE")

    assert (
        f"L’extension {extension} n’y est pas, et ce compte ne peut pas la créer : {EXTENSIONS[extension]}" in sentence
    )


@pytest.mark.django_db
def test_a_database_of_before_the_first_start_is_refused() -> None:
    """The migrations that made it are gone (docs/decisions/0035)."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE FUNCTION _pgtrigger_should_ignore(name) RETURNS boolean LANGUAGE sql AS 'SELECT false'")
    [refused] = run_checks(tags=[Tags.database], databases=["default"])
    assert "d’avant la première mise en service" in refused.msg
    assert "./run demo --reset" in str(refused.hint)


@pytest.mark.django_db(transaction=True)
def test_a_database_that_does_not_answer_refuses_no_start(tmp_path: object) -> None:
    """It restarts: pages say to come back, `/sante/pret/` says what is missing."""
    connection.close()
    before, connection.settings_dict["HOST"] = connection.settings_dict["HOST"], str(tmp_path)
    try:
        refuse_unfit_database()
    finally:
        connection.settings_dict["HOST"] = before
