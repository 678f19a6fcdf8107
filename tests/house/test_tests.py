"""Each test module stands where its subject stands: the same folder, under `tests`."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.house.tree import ROOT, STOREYS, over_files, shown

TESTS = sorted(path for storey in STOREYS for path in (ROOT / "tests" / storey).rglob("test_*.py"))

#: Folders whose subject is fetched by its address, and imported by nobody.
FETCHED = {"views", "api"}

#: What is tested from outside: by its effect on the database, or by a command.
FROM_OUTSIDE = {
    "tests/reservations/access/test_sessions.py",  # a task of another storey ends them
    "tests/flux/conversion/test_command.py",
    "tests/attributions/home/test_starting.py",  # a page fetched by its address
    "tests/attributions/inbox/test_papers.py",
    "tests/flux/imports/test_descriptions.py",  # given at the door of files, by its name
    "tests/flux/imports/test_opening_file.py",
    "tests/reservations/imports/test_unconfirmed.py",  # emptied by a task
    "tests/attributions/bilan/exports/test_kept.py",  # files are downloaded
    "tests/attributions/bilan/exports/test_passed.py",
    "tests/attributions/bilan/exports/test_version.py",
    "tests/attributions/bilan/queries/test_same_totals.py",  # recounted by benchmarks/service/by_acts.py
    "tests/attributions/demonstration/test_mixed.py",  # reported by ./run manage demo
}


def imported(path: Path) -> set[str]:
    """Every module, and every name of a module, that a file imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{each.name}" for each in node.names)}
        elif isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
    return found


@over_files(TESTS)
def test_test_module_stands_where_its_subject_stands(path: Path) -> None:
    folder = path.parent.relative_to(ROOT / "tests")
    assert (ROOT / folder).is_dir()
    if folder.name not in FETCHED and shown(path) not in FROM_OUTSIDE:
        package = ".".join(folder.parts)
        assert any(name == package or name.startswith(f"{package}.") for name in imported(path))


def test_what_is_tested_from_outside_is_there() -> None:
    assert sorted(path for path in FROM_OUTSIDE if not (ROOT / path).exists()) == []
