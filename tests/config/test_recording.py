"""The recorded story: a file that says what it comes from, restored whole or not at all, into an empty database."""

from __future__ import annotations

import io
import json
import lzma
import os
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from config.local import recording
from config.local.postgres import folders
from config.local.recording import KEPT, OVER_THE_YEAR, Recording
from tests.one_template import server

DAY = date(2026, 11, 27)
NOTES = {"day": DAY.isoformat(), "first_year": 2025}


@pytest.fixture
def databases(db: None, worker_id: str) -> Iterator[tuple[str, str]]:
    """Two databases of this process on the server of the tests: one to record, one to restore in."""
    names = (f"recorded_{worker_id}", f"restored_{worker_id}")
    with server() as postgres:
        for name in names:
            postgres.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            postgres.execute(f"CREATE DATABASE {name}")
        yield names
        for name in names:
            postgres.execute(f"DROP DATABASE {name} WITH (FORCE)")


def address(name: str) -> str:
    """Where a database of the tests is."""
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))


def record(name: str, path: Path) -> None:
    program = next(found / "pg_dump" for found in folders() if (found / "pg_dump").exists())
    recording.write(path, program, address(name), NOTES, small=False)


CONTENT = """
CREATE TABLE line (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, text text);
CREATE TABLE empty (id integer REFERENCES line (id));
CREATE FUNCTION count_lines() RETURNS bigint LANGUAGE plpgsql AS $$
-- COPY line (text) FROM stdin;
BEGIN
    RETURN (SELECT count(*) FROM public.line);  -- 100 %
END $$;
INSERT INTO line (text) SELECT 'é\\ ' || n || E'\n\t' || repeat('x', 200) FROM generate_series(1, 1000) n;
INSERT INTO line (text) VALUES (NULL), (''), ('-- not a comment'), ('\\.');
"""


def test_what_is_restored_is_what_was_recorded(databases: tuple[str, str], tmp_path: Path) -> None:
    first, second = databases
    with server(first) as database:
        database.execute(CONTENT)
    record(first, tmp_path / "story.xz")
    recording.restore(tmp_path / "story.xz", address(second))
    rows = []
    for name in databases:
        with server(name) as database:
            database.execute("INSERT INTO line (text) VALUES ('the next number')")
            rows.append(database.execute("SELECT *, count_lines() FROM line ORDER BY id").fetchall())
            kinds = "SELECT conname, contype FROM pg_constraint WHERE connamespace = 'public'::regnamespace ORDER BY 1"
            rows.append(database.execute(kinds).fetchall())
    assert rows[:2] == rows[2:]
    assert len(rows[0]) == 1005


def test_what_a_server_refuses_leaves_nothing(databases: tuple[str, str], tmp_path: Path) -> None:
    first, second = databases
    with server(first) as database:
        database.execute(CONTENT)
    record(first, tmp_path / "story.xz")
    with lzma.open(tmp_path / "story.xz", "ab") as file:
        file.write(b"SELECT no_such_function();\n")
    with pytest.raises(psycopg.errors.UndefinedFunction):
        recording.restore(tmp_path / "story.xz", address(second))
    with server(second) as database:
        assert database.execute("SELECT to_regclass('line')").fetchone() == (None,)


def test_a_recording_says_what_it_comes_from(databases: tuple[str, str], tmp_path: Path) -> None:
    record(databases[0], tmp_path / "story.xz")
    found = Recording.at(tmp_path / "story.xz")
    assert found == Recording.of(NOTES)
    assert found is not None
    assert found.is_laid
    assert not replace(found, laid_by="0123456789abcdef").is_laid
    assert found.days_left(DAY + timedelta(3)) == 3


@pytest.mark.parametrize("content", [b"", b"SELECT 1;\n", b"-- {}\n", b"-- [1]\n"])
def test_a_file_that_is_none_is_none(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "story.xz").write_bytes(lzma.compress(content))
    assert Recording.at(tmp_path / "story.xz") is None
    (tmp_path / "story.xz").write_bytes(content)
    assert Recording.at(tmp_path / "story.xz") is None
    assert Recording.at(tmp_path / "absent.xz") is None


@pytest.mark.parametrize(
    ("today", "serves"),
    [
        (DAY, True),
        (DAY - timedelta(1), False),
        (date(2026, 12, 31), True),
        (DAY + OVER_THE_YEAR, True),
        (DAY + OVER_THE_YEAR + timedelta(1), False),
    ],
)
def test_a_story_goes_on_until_the_end_of_its_year_and_some_weeks(today: date, serves: bool) -> None:
    assert (Recording.of(NOTES).why_not(today) == "") is serves
    early = Recording.of(NOTES | {"day": "2026-01-02"})
    assert (early.why_not(today) == "") is (today.year == 2026)


def test_a_story_of_another_code_or_of_other_tables_does_not_serve() -> None:
    here = Recording.of(NOTES)
    assert replace(here, told_by="0123456789abcdef").why_not(DAY) == "le récit a changé depuis"
    older = replace(here, migrations=here.migrations[:-1], laid_by="0123456789abcdef")
    assert older.why_not(DAY) == "", "migrations written since are run"
    gone = replace(here, migrations=[*here.migrations, "flux.9999_squashed_since"])
    assert gone.why_not(DAY) == "des migrations de sa base n’existent plus"


def test_the_latest_that_serves_is_taken(tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.xz" for number in range(4)]
    days = ("2026-11-20", "2026-11-25", "2026-11-28")  # the last one is to come
    for path, day in zip(paths, days, strict=False):
        path.write_bytes(lzma.compress(b"-- " + json.dumps(asdict(Recording.of(NOTES | {"day": day}))).encode()))
    found = recording.serving(DAY, *paths)
    assert not isinstance(found, str)
    assert found[0] == paths[1]
    assert recording.serving(DAY, paths[3]) == "aucun n’est enregistré"
    assert recording.serving(DAY, paths[2]) == "il va jusqu’au 28/11/2026, qui n’est pas venu"


def test_rows_are_read_in_blocks_of_whole_lines() -> None:
    file = io.BytesIO(b"".join(b"%d\n" % n for n in range(100)) + b"\\.\nSELECT 1;\n")
    read = list(recording.blocks(file, size=20))
    assert len(read) > 10
    assert all(block.endswith(b"\n") for block in read)
    assert b"".join(read).count(b"\n") == 100
    assert file.read() == b"SELECT 1;\n"


def test_the_recording_of_the_repository_serves() -> None:
    """Every first start waits for the whole story, otherwise: `./run record` makes it again."""
    found = Recording.at(KEPT)
    assert found is not None, "./run record"
    assert found.why_not(date.fromisoformat(found.day)) == "", "./run record"
    assert KEPT.stat().st_size < 6_000_000
