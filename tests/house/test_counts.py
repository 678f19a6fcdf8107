"""Counts are declared once: the database keeps what is declared, and what it keeps is what a recount says."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection

from flux.models.counted import FLOW_COUNT, PLACE_COUNT
from reservations.counting import DECLARED, Count, Follow, Keeper, Read, Term, keepers, when
from reservations.management.commands.make_triggers import differing, kept_bodies, named

pytestmark = pytest.mark.django_db


def run(statement: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


@pytest.mark.parametrize("app", sorted(DECLARED))
def test_the_database_keeps_what_is_declared(app: str) -> None:
    """A declaration that changes without its migration is seen: `./run manage make_triggers` writes it."""
    assert [keeper.name for keeper in differing(app)] == []
    assert set(kept_bodies(app)) == named(app)


def test_every_declared_count_has_its_unique_key() -> None:
    """What a statement adds to is one row: a unique constraint on the key, where nothing known is a value too."""
    for each in (count for declared in DECLARED.values() for count in declared if isinstance(count, Count)):
        [model] = [model for model in apps.get_models() if model._meta.db_table == each.table]
        columns = {name: model._meta.get_field(name).attname for name in (f.name for f in model._meta.fields)}
        keys = [{columns[name] for name in unique.fields} for unique in model._meta.total_unique_constraints]
        assert {*each.key} in keys, each.table
        assert {*columns.values()} - {"id"} == {*each.key, *each.sums}, each.table
        assert len({tuple(term.key) for term in each.terms}) == 1, each.table


def test_a_declaration_that_changed_is_written_as_a_migration(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    out = io.StringIO()
    call_command("make_triggers", "flux", "0999_more", stdout=out)
    assert out.getvalue() == "La base tient déjà ce qui est déclaré.\n"
    with pytest.raises(CommandError, match="Aucun décompte de flux ne remplit flux_unit : déclarez-le d’abord"):
        call_command("make_triggers", "flux", "0999_more", "--fill", "flux_unit")
    [term] = PLACE_COUNT.terms
    more = replace(PLACE_COUNT, terms=(replace(term, where=""),))
    others = tuple(more if each is PLACE_COUNT else each for each in DECLARED["flux"])
    monkeypatch.setitem(DECLARED, "flux", others)
    assert [keeper.table for keeper in differing("flux")] == ["flux_vacancy"]
    for folder in ("sql", "migrations"):
        (tmp_path / folder).mkdir()
    monkeypatch.setattr(apps.get_app_config("flux"), "path", str(tmp_path))
    call_command("make_triggers", "flux", "0999_more", "--fill", "flux_placecount", stdout=out)
    text = (tmp_path / "sql/0999_more.sql").read_text(encoding="utf-8")
    assert max(map(len, text.splitlines())) <= 120
    assert 'apply_files("flux", {"0999_more": ' in (tmp_path / "migrations/0999_more.py").read_text(encoding="utf-8")
    run(text)
    assert differing("flux") == []


def test_a_trigger_that_is_gone_is_seen() -> None:
    run("DROP TRIGGER counted_delete ON flux_vacancy")
    assert [keeper.table for keeper in differing("flux")] == ["flux_vacancy"]


def test_what_a_count_is_made_of_is_watched() -> None:
    """An update of anything else writes nothing."""
    assert FLOW_COUNT.watched("flux_vacancy") == (
        *("cancelled_at", "description_id", "exclusion", "kind", "landlord_id", "registered_on"),
    )
    assert FLOW_COUNT.watched("flux_recommendation") == ()


# --- of any declaration: tables of their own ---

KEY = {"place": "h.place", "year": "l.year"}
SOURCE = "tried_lease l JOIN tried_home h ON h.id = l.home_id"
TRIED = Count(
    "tried_count",
    (
        Term(
            SOURCE,
            {"l": "INSERT UPDATE DELETE", "h": "UPDATE"},
            KEY,
            {"leases": "1", "cheap": when("l.rent < 500")},
            "l.cancelled IS NULL",
        ),
        Term(
            f"{SOURCE} JOIN tried_visit v ON v.home_id = h.id",
            {"l": "INSERT UPDATE DELETE", "h": "UPDATE", "v": "INSERT DELETE"},
            KEY,
            {"visits": "v.people"},
            "l.cancelled IS NULL",
        ),
    ),
)
READ = Follow(
    "tried_seen",
    "tried_see",
    (Read("tried_lease", "INSERT UPDATE", "x.home_id", columns="rent"), Read("tried_home", "UPDATE", "x.id", "place")),
)
TABLES = """
CREATE TABLE tried_home (id integer PRIMARY KEY, place text, colour text);
CREATE TABLE tried_lease (id integer PRIMARY KEY, home_id integer, year integer, rent integer, cancelled date);
CREATE TABLE tried_visit (id integer PRIMARY KEY, home_id integer, people integer);
CREATE TABLE tried_count (
    id bigint GENERATED ALWAYS AS IDENTITY, place text, year integer, leases integer, cheap integer, visits integer,
    UNIQUE NULLS NOT DISTINCT (place, year)
);
CREATE TABLE tried_seen (home_id integer);
CREATE FUNCTION tried_see(home integer) RETURNS void LANGUAGE sql AS 'INSERT INTO tried_seen VALUES ($1)';
INSERT INTO tried_home VALUES (1, 'Narbonne', 'white'), (2, NULL, 'blue'), (3, 'Coursan', 'white');
"""


@pytest.fixture
def tried() -> list[Keeper]:
    made = keepers("tried", (TRIED, READ))
    run(TABLES)
    for keeper in made:
        run(keeper.sql())
    return made


def counted() -> set[tuple[object, ...]]:
    """The rows that are kept: those that a recount says."""
    kept, again = ({*run(select)} for select in TRIED.beside())
    assert kept == again
    return kept


#: A statement of each sort, and what is counted once it is run.
STATEMENTS: list[tuple[str, set[tuple[object, ...]]]] = [
    ("INSERT INTO tried_lease VALUES (1, 1, 2026, 450, NULL)", {("Narbonne", 2026, 1, 1, 0)}),
    ("INSERT INTO tried_visit VALUES (1, 1, 3), (2, 1, 4)", {("Narbonne", 2026, 1, 1, 7)}),
    (
        "INSERT INTO tried_lease SELECT n, 1 + n % 3, 2026, 100 * n, NULL FROM generate_series(2, 7) n",
        {("Narbonne", 2026, 3, 2, 21), (None, 2026, 2, 1, 0), ("Coursan", 2026, 2, 1, 0)},
    ),
    (
        "UPDATE tried_lease SET rent = rent + 200 WHERE home_id = 1",
        {("Narbonne", 2026, 3, 0, 21), (None, 2026, 2, 1, 0), ("Coursan", 2026, 2, 1, 0)},
    ),
    (
        "UPDATE tried_home SET place = 'Coursan' WHERE id = 1",
        {(None, 2026, 2, 1, 0), ("Coursan", 2026, 5, 1, 21)},
    ),
    (
        "UPDATE tried_lease SET cancelled = '2026-12-01' WHERE id = 3",
        {(None, 2026, 2, 1, 0), ("Coursan", 2026, 4, 1, 14)},
    ),
    (
        "UPDATE tried_lease SET year = 2027, home_id = 2 WHERE id = 6",
        {(None, 2026, 2, 1, 0), (None, 2027, 1, 0, 0), ("Coursan", 2026, 3, 1, 7)},
    ),
    (
        "DELETE FROM tried_visit WHERE id = 1",
        {(None, 2026, 2, 1, 0), (None, 2027, 1, 0, 0), ("Coursan", 2026, 3, 1, 4)},
    ),
    ("DELETE FROM tried_lease WHERE id <> 6", {(None, 2027, 1, 0, 0)}),
    ("DELETE FROM tried_lease", set()),
]


def test_each_sort_of_statement_moves_what_the_recount_says(tried: list[Keeper]) -> None:
    """One row or several, what moves from a key to another, of a table or of one that it is joined to."""
    assert len(tried) == 3
    for statement, wanted in STATEMENTS:
        run(statement)
        assert counted() == wanted, statement


def test_a_statement_that_changes_nothing_counted_writes_nothing(tried: list[Keeper]) -> None:
    run(STATEMENTS[0][0])
    before = run("SELECT ctid, xmin FROM tried_count")
    run("UPDATE tried_home SET colour = 'red'")
    run("UPDATE tried_lease SET rent = 460")
    assert run("SELECT ctid, xmin FROM tried_count") == before


def test_what_is_past_is_filled_as_it_would_have_been_kept(tried: list[Keeper]) -> None:
    for statement, _ in STATEMENTS[:7]:
        run(statement)
    kept = counted()
    run("DELETE FROM tried_count")
    run(TRIED.fill())
    assert counted() == kept


def seen() -> list[object]:
    found = [row[0] for row in run("SELECT home_id FROM tried_seen ORDER BY home_id")]
    run("DELETE FROM tried_seen")
    return found


def test_what_a_statement_changed_something_of_is_read_again_once(tried: list[Keeper]) -> None:
    run(STATEMENTS[2][0])
    assert seen() == [1, 2, 3]
    run("UPDATE tried_lease SET year = 2028")
    run("UPDATE tried_home SET colour = 'red'")
    assert seen() == []
    run("UPDATE tried_lease SET rent = 1 WHERE home_id = 2")
    assert seen() == [2]
    run("UPDATE tried_lease SET home_id = 1 WHERE id = 4")  # the one that it was of, and the one that it is of
    assert seen() == [1, 2]
    run("UPDATE tried_home SET place = 'Sallèles' WHERE id > 1")
    assert seen() == [2, 3]
