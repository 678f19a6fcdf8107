"""The faults of `tests/house/planting.py` can still be planted; that tests see them is asked by hand."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest

from reservations.migrations._sql import seal
from tests.house import plants_page
from tests.house.planting import batches, failed, planted
from tests.house.plants import ROOT, Plant, where
from tests.house.plants_by_kind import FAULTS
from tests.house.plants_of_the_net import PLANTS
from tests.house.plants_page import Verdict, known


@pytest.mark.parametrize("plant", [*PLANTS, *FAULTS], ids=lambda plant: plant.what)
def test_anchor_of_each_fault_stands_once(plant: Plant) -> None:
    """Where its text was written again, the anchor follows it: a fault of the same sort, in the same place."""
    assert len(where(plant.anchor)) == 1
    assert plant.anchor != plant.instead
    assert [test for test in plant.tests if not (ROOT / test).is_file()] == []


def test_faults_are_twenty_for_the_net_and_sixty_of_sixteen_kinds() -> None:
    assert len({plant.anchor for plant in PLANTS}) == len(PLANTS) == 20
    assert len({plant.anchor for plant in FAULTS}) == len({plant.what for plant in FAULTS}) == len(FAULTS) == 60
    kinds = Counter(plant.kind for plant in FAULTS)
    assert len(kinds) == 16
    assert set(kinds.values()) <= {3, 4, 5}


def test_faults_of_a_batch_are_in_modules_of_their_own() -> None:
    """A test that several of them break would say nothing of either."""
    for batch in batches(FAULTS):
        files = [path for plant in batch for path in where(plant.anchor)]
        tests = [test for plant in batch for test in plant.tests]
        assert len(files) == len(set(files))
        assert len(tests) == len(set(tests))


def test_of_what_several_files_of_sql_say_the_last_alone_counts() -> None:
    """A function that is made again is what its last file says."""
    found = where("EXECUTE FUNCTION reservations_refuse();")
    assert len(set(found)) == 1
    assert found[0].suffix == ".sql"


def test_sql_is_planted_with_its_seal_and_put_back(tmp_path: Path) -> None:
    """A migration refuses a file that is not the one it sealed: the database would be refused, and not the fault."""
    [fault, *_] = [plant for plant in FAULTS if plant.kind == "trigger"]
    [path] = where(fault.anchor)
    app = path.relative_to(ROOT).parts[0]
    for folder in ("sql", "migrations"):
        shutil.copytree(ROOT / app / folder, tmp_path / app / folder, ignore=shutil.ignore_patterns("__pycache__"))
    before = {each: each.read_text(encoding="utf-8") for each in tmp_path.rglob("*.*")}
    with planted(tmp_path, [fault]):
        changed = {each: text for each in before if (text := each.read_text(encoding="utf-8")) != before[each]}
        file, *migrations = sorted(changed, key=lambda each: each.suffix != ".sql")
        assert fault.instead in changed[file]
        assert migrations
        assert all(seal(changed[file]) in changed[each] for each in migrations)
    assert {each: each.read_text(encoding="utf-8") for each in before} == before


def test_what_failed_is_asked_again_by_its_address(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    report.write_text(
        "<testsuites><testsuite>"
        '<testcase file="tests/a.py" name="test_b[1-x::y]"><failure/></testcase>'
        '<testcase file="tests/a.py" name="test_b[2]"><failure/></testcase>'
        '<testcase file="tests/a.py" name="test_c"/>'
        '<testcase name="tests.d"><error/></testcase>'
        "</testsuite></testsuites>",
        encoding="utf-8",
    )
    assert failed(report) == ["tests/a.py::test_b", "tests/d.py"]


def test_each_fault_is_seen_by_its_nearest_tests() -> None:
    """`.venv/bin/python -m tests.house.planting --nearest --write` writes tests/house/plants.csv."""
    assert {what: row[0] for what, row in known().items()} == {plant.what: "seen" for plant in FAULTS}


def test_a_verdict_is_written_beside_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, (fault, *_) = known(), FAULTS
    copy = tmp_path / "plants.csv"
    copy.write_text(plants_page.FILE.read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setattr(plants_page, "FILE", copy)
    plants_page.write([Verdict(fault, "")])
    assert known() == before | {fault.what: ["missed", before[fault.what][1], ""]}
    plants_page.write([Verdict(fault, before[fault.what][2])])
    assert known() == before
