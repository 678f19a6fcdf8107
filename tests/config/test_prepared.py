"""The databases of a demonstration: one takes the place of the other in one step, never half, never of another code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from config.local import prepared
from config.local.cli import main
from config.local.fingerprint import STORY, TABLES, fingerprint
from tests.config.conftest import House
from tests.config.test_fingerprint import imported
from tests.house.tree import ROOT, modules, shown
from tests.one_template import server

NOWHERE = Path("the tests have their own way to the server")


class Killed(BaseException):
    """The command is killed between two statements."""


class Mortal:
    """A connection that is cut before its n-th change."""

    def __init__(self, real: psycopg.Connection[tuple[object, ...]], changes: int) -> None:
        self.real, self.changes = real, changes

    def __enter__(self) -> Mortal:
        return self

    def __exit__(self, *_: object) -> None:
        self.real.close()

    def execute(self, statement: object, values: object = None) -> object:
        if not str(statement).lstrip().startswith("SELECT"):
            if self.changes == 0:
                raise Killed
            self.changes -= 1
        return self.real.execute(statement, values)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch, db: None, worker_id: str) -> Iterator[str]:
    """The databases of a demonstration on the server of the tests, under names of this process."""
    name = f"prepared_{worker_id}"
    for attribute, suffix in (("NAME", ""), ("DRAFT", "_draft"), ("OF_BEFORE", "_prepared")):
        monkeypatch.setattr(prepared, attribute, f"{name}{suffix}")
    monkeypatch.setattr(prepared, "connect", lambda _: server())
    yield name
    monkeypatch.setattr(prepared, "connect", lambda _: server())
    with server() as postgres:
        for suffix in ("", "_draft", "_prepared"):
            postgres.execute(f"DROP DATABASE IF EXISTS {name}{suffix} WITH (FORCE)")


def ask(name: str, statement: str) -> list[tuple[object, ...]]:
    """One statement on one of these databases, kept; its rows."""
    with server(name) as database:
        cursor = database.execute(statement)
        return cursor.fetchall() if cursor.description else []


def write_line(name: str, line: str) -> None:
    """Our database, with a story of one line."""
    prepared.ensure_database(NOWHERE)
    ask(name, "CREATE TABLE story AS SELECT $$" + line + "$$ AS line")


def line(name: str) -> str:
    return str(ask(name, "SELECT line FROM story")[0][0])


def there(name: str) -> set[str]:
    with server() as postgres:
        rows = postgres.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [f"{name}%"])
        return {str(row[0]).removeprefix(name) for row in rows}


def build(name: str, line: str) -> None:
    """A draft, with a story of one line."""
    prepared.start_draft(NOWHERE)
    ask(f"{name}_draft", "CREATE TABLE story AS SELECT $$" + line + "$$ AS line")


def test_a_draft_takes_the_place_of_what_was_entered(names: str) -> None:
    write_line(names, "as somebody left it")
    assert not prepared.is_current(NOWHERE)
    build(names, "of this morning")
    assert line(names) == "as somebody left it"
    prepared.put_in_place(NOWHERE, fingerprint(*STORY))
    assert line(names) == "of this morning"
    assert there(names) == {""}
    assert prepared.is_current(NOWHERE)
    prepared.mark_current(NOWHERE, "0123456789abcdef")
    assert not prepared.is_current(NOWHERE), "of another code"


@pytest.mark.parametrize("changes", range(3))
def test_a_reset_that_is_killed_leaves_one_or_the_other(
    names: str, changes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_line(names, "mine")
    build(names, "of this morning")
    monkeypatch.setattr(prepared, "connect", lambda _: Mortal(server(), changes))
    with pytest.raises(Killed):
        prepared.put_in_place(NOWHERE, "code")
    monkeypatch.setattr(prepared, "connect", lambda _: server())
    prepared.ensure_database(NOWHERE)
    assert line(names) == ("of this morning" if changes == 2 else "mine")
    assert there(names) == {""}


def test_a_start_that_is_killed_leaves_no_half_of_a_demonstration(names: str) -> None:
    write_line(names, "mine")
    build(names, "half of it")
    with server() as postgres:
        postgres.execute(f"CREATE DATABASE {names}_prepared")  # as earlier versions kept one
    prepared.ensure_database(NOWHERE)
    assert line(names) == "mine"
    assert there(names) == {""}


def test_a_database_where_nobody_entered_anything_is_empty(names: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables that a command made before the first start are replaced by the recording, which has its own."""
    monkeypatch.setattr(prepared, "connect", lambda _, name="postgres": server(name))
    prepared.ensure_database(NOWHERE)
    assert prepared.is_empty(NOWHERE)
    ask(names, "CREATE TABLE django_migrations (id integer)")
    assert not prepared.is_empty(NOWHERE), "of something else, or half made"
    ask(names, "CREATE TABLE reservations_organisation (id integer); CREATE TABLE reservations_user (id integer)")
    assert prepared.is_empty(NOWHERE)
    ask(names, "INSERT INTO reservations_user VALUES (1)")
    assert not prepared.is_empty(NOWHERE)


def test_a_database_half_removed_is_removed(names: str) -> None:
    """A server killed while it drops a database leaves one that nobody can open."""
    write_line(names, "mine")
    with server() as postgres:
        postgres.execute("UPDATE pg_database SET datconnlimit = -2 WHERE datname = %s", [names])
    with pytest.raises(psycopg.OperationalError, match="invalid database"):
        line(names)
    prepared.ensure_database(NOWHERE)
    assert ask(names, "SELECT to_regclass('story')") == [(None,)]


def test_the_story_depends_on_nothing_else() -> None:
    """What the demonstration imports, from near or far, is part of its name: nothing of it is behind a door above."""
    seen: set[Path] = set()
    waiting = [*modules("attributions/demonstration"), ROOT / "attributions/management/commands/demo.py"]
    while waiting:
        path = waiting.pop()
        if path not in seen:
            seen.add(path)
            waiting += imported(path)
    assert len(seen) > 150
    named = {path for place in STORY for path in prepared_files(place)}
    assert {shown(path) for path in seen - named} == set()
    assert {place.split("/")[0] for place in TABLES} == {place.split("/")[0] for place in STORY}


def prepared_files(place: str) -> set[Path]:
    from config.local.fingerprint import _files

    return set(_files((place,)))


def test_a_view_changes_no_story_and_an_act_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("config.local.fingerprint.ROOT", tmp_path)
    for door in ("views", "operations"):
        (tmp_path / "flux" / door).mkdir(parents=True)
        (tmp_path / "flux" / door / "vacancy.py").write_text("")
    before = fingerprint("flux")
    (tmp_path / "flux/views/vacancy.py").write_text("shown = True")
    assert fingerprint("flux") == before
    (tmp_path / "flux/operations/vacancy.py").write_text("declared = True")
    assert fingerprint("flux") != before


def test_a_database_that_was_given_is_never_dropped(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://somebody@production/equiflux")
    assert main(["demo", "--reset"]) == 1
    assert main(["demo", "--retell"]) == 1
    assert main(["record"]) == 1
    rows = capsys.readouterr().err.splitlines()
    assert len(rows) == 3
    assert all("n’emploie que la base embarquée" in line and "DATABASE_URL" in line for line in rows)


def test_reset_puts_this_morning_in_place_of_what_was_entered(house: House) -> None:
    house.environment["BARE_STORY"] = "first"
    started = house.demo("--detach", "--port", "0", EQUIFLUX_PACKAGES_TOOK="22")
    assert started.returncode == 0
    assert re.search(r"Prêt en \d+ s : paquets 22, .*travailleur et site \d+\.", started.stderr)
    address = house.record.environment["DATABASE_URL"]
    with psycopg.connect(address, autocommit=True) as database:
        database.execute("UPDATE story SET line = 'mine'")
    assert prepared.is_current(house.state.socket_folder())
    assert house.run("manage", "showmigrations", "contenttypes").returncode == 0
    assert prepared.is_current(house.state.socket_folder()), "this one changes nothing"
    assert house.run("manage", "migrate", "contenttypes", "--verbosity", "0").returncode == 0
    assert not prepared.is_current(house.state.socket_folder()), "a command may have done anything: checked again"
    house.environment["BARE_STORY"] = "second"
    again = house.demo("--detach", "--port", "0", "--reset")  # while it runs
    assert again.returncode == 0, again.stderr
    assert "je l’arrête d’abord" in again.stderr
    assert "J’efface la base" in again.stderr
    assert "paquets" not in again.stderr
    assert story(house) == "second"
    assert prepared.is_current(house.state.socket_folder())


def story(house: House) -> str:
    with psycopg.connect(house.record.environment["DATABASE_URL"]) as database:
        row = database.execute("SELECT line FROM story").fetchone()
        assert row is not None
        return str(row[0])
