"""The prepared demonstration: kept, brought back in one step, never half, never of another code or of another month."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import psycopg
import pytest

from config.local import loading, prepared
from config.local.cli import main
from config.local.fingerprint import STORY, TABLES, fingerprint
from config.local.prepared import Origin
from tests.config.conftest import House
from tests.config.test_fingerprint import imported
from tests.house.tree import ROOT, modules, shown
from tests.one_template import server

TODAY = date(2026, 11, 27)
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
    for attribute, suffix in (("NAME", ""), ("PREPARED", "_prepared"), ("DRAFT", "_draft")):
        monkeypatch.setattr(prepared, attribute, f"{name}{suffix}")
    monkeypatch.setattr(prepared, "connect", lambda _: server())
    yield name
    monkeypatch.setattr(prepared, "connect", lambda _: server())
    with server() as postgres:
        for suffix in ("", "_prepared", "_draft"):
            postgres.execute(f"DROP DATABASE IF EXISTS {name}{suffix} WITH (FORCE)")


def ask(name: str, statement: str) -> list[tuple[object, ...]]:
    """One statement on one of these databases, kept; its rows."""
    with server(name) as database:
        cursor = database.execute(statement)
        return cursor.fetchall() if cursor.description else []


def told(name: str, line: str) -> None:
    """Our database, with a story of one line."""
    prepared.ensure_database(NOWHERE)
    ask(name, "CREATE TABLE story AS SELECT $$" + line + "$$ AS line")


def line(name: str) -> str:
    return str(ask(name, "SELECT line FROM story")[0][0])


def there(name: str) -> set[str]:
    with server() as postgres:
        rows = postgres.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [f"{name}%"])
        return {str(row[0]).removeprefix(name) for row in rows}


def test_what_was_entered_goes_and_the_story_comes_back(names: str) -> None:
    told(names, "as the acts left it")
    kept = Origin.of(TODAY)
    prepared.keep(NOWHERE, kept)
    ask(names, "UPDATE story SET line = $$as somebody left it$$")
    with pytest.raises(psycopg.OperationalError, match="not currently accepting connections"):
        line(f"{names}_prepared")
    assert prepared.origin(NOWHERE, prepared.PREPARED) == kept
    for _ in range(2):
        prepared.bring_back(NOWHERE, kept)
        assert line(names) == "as the acts left it"
        ask(names, "DELETE FROM story")
    assert prepared.origin(NOWHERE, prepared.NAME) == kept
    assert there(names) == {"", "_prepared"}


@pytest.mark.parametrize("changes", range(4))
def test_a_reset_that_is_killed_leaves_one_or_the_other(
    names: str, changes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(names, "prepared")
    kept = Origin.of(TODAY)
    prepared.keep(NOWHERE, kept)
    ask(names, "UPDATE story SET line = $$mine$$")
    monkeypatch.setattr(prepared, "connect", lambda _: Mortal(server(), changes + 1))
    with pytest.raises(Killed):
        prepared.bring_back(NOWHERE, kept)
    monkeypatch.setattr(prepared, "connect", lambda _: server())
    prepared.ensure_database(NOWHERE)
    assert line(names) == ("prepared" if changes == 3 else "mine")
    assert there(names) == {"", "_prepared"}
    prepared.bring_back(NOWHERE, kept)
    assert line(names) == "prepared"


@pytest.mark.parametrize("changes", range(6))
def test_a_keeping_that_is_killed_leaves_the_story_whole(
    names: str, changes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(names, "today")
    monkeypatch.setattr(prepared, "connect", lambda _: Mortal(server(), changes + 1))
    with pytest.raises(Killed):
        prepared.keep(NOWHERE, Origin.of(TODAY))
    monkeypatch.setattr(prepared, "connect", lambda _: server())
    prepared.ensure_database(NOWHERE)
    assert line(names) == "today"
    found = prepared.origin(NOWHERE, prepared.PREPARED)
    assert (found == Origin.of(TODAY)) == ("_prepared" in there(names))
    assert "_draft" not in there(names)


def test_a_database_half_removed_is_removed(names: str) -> None:
    """A server killed while it drops a database leaves one that nobody can open."""
    told(names, "mine")
    with server() as postgres:
        postgres.execute("UPDATE pg_database SET datconnlimit = -2 WHERE datname = %s", [names])
    with pytest.raises(psycopg.OperationalError, match="invalid database"):
        line(names)
    prepared.ensure_database(NOWHERE)
    assert ask(names, "SELECT to_regclass('story')") == [(None,)]


@pytest.mark.parametrize(
    ("told_on", "serves"),
    [
        (TODAY, True),
        (date(2026, 11, 20), True),
        (date(2026, 11, 19), False),
        (date(2026, 11, 28), False),
        (date(2025, 11, 27), False),
    ],
)
def test_an_old_story_does_not_serve(told_on: date, serves: bool) -> None:
    assert Origin.of(told_on).serves(TODAY) is serves


def test_a_story_of_last_year_does_not_serve_in_january() -> None:
    assert not Origin.of(date(2026, 12, 31)).serves(date(2027, 1, 1))


def test_a_story_of_another_code_does_not_serve() -> None:
    other = Origin("0123456789abcdef", TODAY.isoformat())
    assert not other.serves(TODAY)
    assert loading.why(other, TODAY, retell=False) == "le programme a changé depuis celle qui est prête"


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
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 2
    assert all("n’efface que la base embarquée" in line and "DATABASE_URL" in line for line in said)


def test_reset_takes_the_prepared_story_and_retell_tells_it_again(house: House) -> None:
    house.environment["BARE_STORY"] = "first"
    assert house.demo("--detach", "--port", "0").returncode == 0
    address = house.record.environment["DATABASE_URL"]
    with psycopg.connect(address, autocommit=True) as database:
        database.execute("UPDATE story SET line = 'mine'")
    house.environment["BARE_STORY"] = "second"
    again = house.demo("--detach", "--port", "0", "--reset")  # while it runs
    assert again.returncode == 0, again.stderr
    assert "je l’arrête d’abord" in again.stderr
    assert "J’efface la base" in again.stderr
    assert "Je reprends la démonstration préparée aujourd’hui." in again.stderr
    assert story(house) == "first"
    assert prepared.is_current(house.state.socket_folder())
    assert house.run("manage", "showmigrations", "contenttypes").returncode == 0
    assert prepared.is_current(house.state.socket_folder()), "this one changes nothing"
    assert house.run("manage", "migrate", "contenttypes", "--verbosity", "0").returncode == 0
    assert not prepared.is_current(house.state.socket_folder()), "a command may have done anything: checked again"
    house.run("stop")
    retold = house.demo("--detach", "--port", "0", "--retell")
    assert "par ses actes : vous l’avez demandé" in retold.stderr
    assert story(house) == "second"
    stop_at_a_month_ago(house)
    house.environment["BARE_STORY"] = "third"
    old = house.demo("--detach", "--port", "0", "--reset")
    assert "celle qui est prête s’arrête au 01/01/2020" in old.stderr
    assert story(house) == "third"


def story(house: House) -> str:
    with psycopg.connect(house.record.environment["DATABASE_URL"]) as database:
        row = database.execute("SELECT line FROM story").fetchone()
        assert row is not None
        return str(row[0])


def stop_at_a_month_ago(house: House) -> None:
    """The prepared story is made older than it is."""
    note = json.dumps({"fingerprint": fingerprint(*STORY), "told_on": "2020-01-01"})
    with psycopg.connect(house.record.environment["DATABASE_URL"], autocommit=True) as database:
        database.execute(f"COMMENT ON DATABASE equiflux_prepared IS '{note}'")
