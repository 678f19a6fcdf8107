"""`./run squash`: what is left of the SQL of all migrations, and where it is put (docs/decisions/0095).

That the database is the same is proved by the command itself, and by tests/config/test_upgrade.py.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from config.local import squash
from config.local.console import Refusal
from config.local.squashing import tree
from config.local.squashing.final import MADE, Final, Source, final
from config.local.squashing.sources import statements

COUNT = """-- What is counted.

-- Once a row.
CREATE FUNCTION flux_count() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE flux_cell SET n = n + 1;  -- a semicolon; and a « ' »
    RETURN NULL;
END
$$;

CREATE TRIGGER counted AFTER INSERT ON flux_unit FOR EACH ROW EXECUTE FUNCTION flux_count();
CREATE TRIGGER kept BEFORE UPDATE ON flux_unit FOR EACH ROW EXECUTE FUNCTION reservations_refuse();

-- Those that were there.
INSERT INTO flux_cell (n) SELECT count(*) FROM flux_unit;

-- What the law says.
INSERT INTO flux_rate (code, note) VALUES ('A', 'l’un ; l''autre');
"""
AGAIN = """-- Counted otherwise.
CREATE OR REPLACE FUNCTION flux_count() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RETURN NULL;
END
$$;

DROP TRIGGER kept ON flux_unit;

DROP TRIGGER counted ON flux_unit;

CREATE TRIGGER counted AFTER UPDATE ON flux_unit FOR EACH ROW EXECUTE FUNCTION flux_count();
"""


def left(*sources: tuple[str, str], filled: frozenset[str] = frozenset({"flux_rate"})) -> Final:
    return final([Source("flux", name, text) for name, text in sources], set(filled))["flux"]


def test_of_a_function_made_again_with_other_arguments_the_last_is_left() -> None:
    """PostgreSQL keeps both until the first is dropped; what is dropped after is not what is left."""
    one = "CREATE FUNCTION flux_reads(units bigint[]) RETURNS boolean LANGUAGE sql AS $$ SELECT true $$;"
    two = "CREATE FUNCTION flux_reads(units bigint[], day date) RETURNS boolean LANGUAGE sql AS $$ SELECT false $$;"
    drop = "DROP FUNCTION flux_reads(bigint[]);"
    found = left(("0001_wall", one), ("0002_wall", f"{two}\n\n{drop}"))
    assert [each.code for each in found.subjects["wall"].statements] == [two]
    gone = left(("0001_wall", one), ("0002_wall", drop))
    assert not gone.subjects


def test_a_file_is_read_statement_by_statement() -> None:
    heading, found = statements(COUNT)
    assert heading == "-- What is counted."
    assert [each.makes for each in found] == [
        ("function", "", "flux_count"),
        ("trigger", "flux_unit", "counted"),
        ("trigger", "flux_unit", "kept"),
        None,
        None,
    ]
    assert [each.comment for each in found] == [
        "-- Once a row.",
        "",
        "",
        "-- Those that were there.",
        "-- What the law says.",
    ]
    assert [each.is_apart for each in found] == [False, True, False, True, True]
    assert found[0].writes == {"flux_cell"}
    assert found[4].code == "INSERT INTO flux_rate (code, note) VALUES ('A', 'l’un ; l''autre');"


def test_what_an_empty_database_has_no_use_for_is_left_out() -> None:
    """Rows that were there on that day are none here; those of the law are."""
    text = left(("0001_counts", COUNT)).subjects["counts"].text
    assert "INSERT INTO flux_rate" in text
    assert "INSERT INTO flux_cell" not in text
    assert text == COUNT.replace(
        "\n-- Those that were there.\nINSERT INTO flux_cell (n) SELECT count(*) FROM flux_unit;\n", ""
    )


def test_the_last_text_of_each_thing_stays_in_the_file_of_its_subject() -> None:
    found = left(("0001_counts", COUNT), ("0002_again", AGAIN))
    assert list(found.subjects) == ["counts"]
    text = found.subjects["counts"].text
    assert text.count("flux_count() RETURNS") == 1
    assert "-- Counted otherwise.\nCREATE FUNCTION flux_count()" in text
    assert "UPDATE flux_cell" not in text
    assert "TRIGGER kept" not in text
    assert "AFTER UPDATE ON flux_unit" in text
    assert "AFTER INSERT ON flux_unit" not in text
    assert found.went == {"0001_counts": ["counts"], "0002_again": ["counts", "counts"]}


#: What `manage.py make_triggers` wrote of a declaration, and the trigger that it declares today.
DERIVED = """-- Written by `manage.py make_triggers` from what is declared (docs/decisions/0165).

DROP TRIGGER kept ON flux_unit;
CREATE FUNCTION flux_counts_of_unit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TRIGGER kept BEFORE DELETE ON flux_unit FOR EACH ROW EXECUTE FUNCTION reservations_refuse();
"""
KEPT = "CREATE TRIGGER kept BEFORE DELETE ON flux_unit FOR EACH ROW\n    EXECUTE FUNCTION reservations_refuse();"


def test_what_is_declared_is_in_one_file_written_from_the_declarations() -> None:
    """A trigger leaves the file of its subject, a file that is left without statement goes (docs/decisions/0165)."""
    only = "-- What is kept.\n\nCREATE TRIGGER only BEFORE UPDATE ON flux_day EXECUTE FUNCTION reservations_refuse();\n"
    declared = {
        "flux": {
            ("trigger", "flux_unit", "kept"): KEPT,
            ("trigger", "flux_day", "only"): "CREATE TRIGGER only BEFORE UPDATE ON flux_day;",
        }
    }
    sources = [Source("flux", *each) for each in (("0001_counts", COUNT), ("0002_only", only), ("0003_more", DERIVED))]
    found = final(sources, {"flux_rate"}, declared)["flux"]
    assert set(found.subjects) == {"counts", "declared"}
    declared["flux"]["trigger", "flux_day", "later"] = "CREATE TRIGGER later BEFORE UPDATE ON flux_day;"
    headless = "-- Days.\nCREATE TRIGGER later BEFORE UPDATE ON flux_day;\nCREATE VIEW days AS SELECT 1;\n"
    kept = final([*sources, Source("flux", "0004_days", headless)], {"flux_rate"}, declared)["flux"]
    assert kept.subjects["days"].text.startswith("-- Days.\n")
    assert "TRIGGER kept" not in found.subjects["counts"].text
    text = found.subjects["declared"].text
    assert text.startswith(MADE)
    assert "CREATE FUNCTION flux_counts_of_unit()" in text
    assert text.count("CREATE TRIGGER kept") == 1
    assert text.endswith(f"{KEPT}\nCREATE TRIGGER only BEFORE UPDATE ON flux_day;\n")
    assert found.went["0003_more"] == ["declared", "declared"]


def test_squashed_again_it_is_the_same() -> None:
    once = left(("0001_counts", COUNT), ("0002_again", AGAIN)).subjects["counts"]
    assert left((once.name, once.text)).subjects["counts"].text == once.text


def test_a_file_comes_after_those_whose_functions_its_triggers_run() -> None:
    trigger = "-- Kept.\nCREATE TRIGGER kept BEFORE UPDATE ON flux_unit FOR EACH ROW EXECUTE FUNCTION flux_guard();\n"
    guard = "-- A guard.\nCREATE FUNCTION flux_guard() RETURNS trigger LANGUAGE sql AS $$ SELECT 1 $$;\n"
    assert list(left(("0001_kept", trigger), ("0002_guards", guard)).subjects) == ["guards", "kept"]
    both = left(("0001_kept", trigger + "\n" + guard)).subjects["kept"].text
    assert both.index("CREATE FUNCTION") < both.index("CREATE TRIGGER")


def test_files_that_wait_for_each_other_are_refused() -> None:
    text = (
        "-- {0}.\nCREATE FUNCTION flux_{0}() RETURNS trigger LANGUAGE sql AS $$ SELECT 1 $$;\n"
        "CREATE TRIGGER {0} BEFORE UPDATE ON flux_unit FOR EACH ROW EXECUTE FUNCTION flux_{1}();\n"
    )
    with pytest.raises(ValueError, match="two"):
        left(("0001_one", text.format("one", "two")), ("0002_two", text.format("two", "one")))


def test_a_policy_that_changed_is_written_whole() -> None:
    made = "-- Who sees.\nCREATE POLICY wall ON flux_unit USING (true);\n"
    changed = "-- Who sees now.\nALTER POLICY wall ON flux_unit USING (false);\n"
    assert left(("0001_wall", made), ("0002_more", changed)).subjects["wall"].text == (
        "-- Who sees now.\nCREATE POLICY wall ON flux_unit USING (false);\n"
    )


def test_the_number_is_the_next_hundred() -> None:
    assert tree.number(["0001_start", "0047_last"]) == "0100"
    assert tree.number(["0047_last", "0203_more"]) == "0300"


def test_files_are_put_aside_and_depend_on_what_was_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree, "ROOT", tmp_path)
    folder, files = tree.migrations("flux"), tree.sources("flux")
    (folder / "replaced").mkdir(parents=True)
    files.mkdir(parents=True)
    (folder / "replaced/0047_last.py").write_text('[("flux", "0046_before")]')
    (folder / "0100_squashed.py").write_text("")
    (folder / "0101_more.py").write_text('[("flux", "0100_squashed"), ("reservations", "0100_squashed")]')
    (files / "0101_more.sql").write_text("-- More.")
    (files / "counts.sql").write_text("-- Counts.")
    former = {"flux": "0100_squashed", "reservations": "0100_squashed"}
    tree.put_aside("flux", former, {"flux": "0047_last", "reservations": "0038_two"})
    assert sorted(path.name for path in folder.glob("*.py")) == []
    assert (folder / "replaced/0101_more.py").read_text() == '[("flux", "0047_last"), ("reservations", "0038_two")]'
    assert (folder / "replaced/0047_last.py").read_text() == '[("flux", "0046_before")]'
    assert sorted(path.name for path in files.rglob("*.sql")) == ["0101_more.sql", "counts.sql"]
    assert (files / "replaced/0101_more.sql").exists()


def test_who_names_a_file_names_the_one_of_today(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree, "ROOT", tmp_path)
    (tmp_path / "docs").mkdir()
    page = tmp_path / "docs/triggers.md"
    page.write_text(
        "* **`flux_unit.counted`** (`flux/sql/0002_again.sql`): so.\n* Moved by `flux/sql/0003_rows.sql`, as\n"
        "  `flux/sql/0001_counts.sql` says.\n"
    )
    renaming = tree.Renaming({"flux": left(("0001_counts", COUNT), ("0002_again", AGAIN))})
    renaming.everywhere({"flux": ["0001_counts", "0002_again", "0003_rows"]})
    assert page.read_text() == (
        "* **`flux_unit.counted`** (`flux/sql/counts.sql`): so.\n* Moved by `flux/sql/replaced/0003_rows.sql`, as\n"
        "  `flux/sql/counts.sql` says.\n"
    )
    assert renaming.doubtful == {}


def test_nothing_is_typed_after_the_command() -> None:
    with pytest.raises(Refusal, match="ne prend rien d’autre"):
        squash.squash(["--fast"])
