"""The operators of `./run mutants` make the faults that they say, each alone, and the page keeps what was found."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.house import mutants_page
from tests.house.mutants import among_all, chosen, modules
from tests.house.mutating import LOCKED, before, mutants, nearest
from tests.house.plants import ROOT


@pytest.mark.parametrize(
    ("path", "old", "new", "kind"),
    [
        ("flux/x.py", "a < b", "a <= b", "comparison"),
        ("flux/x.py", "rows.filter(day__lt=x)", "rows.filter(day__lte=x)", "boundary"),
        ("flux/x.py", "rows.filter(day=x)", "rows", "filter"),
        ("flux/x.py", "Unit.objects.exclude(day=x)", "Unit.objects.all()", "exclude"),
        ("flux/x.py", "in_order(rows).get(pk=1)", "rows.get(pk=1)", "lock"),
        ("flux/x.py", "a | b", "a", "recipient"),
        ("flux/x.py", "tell(a)", "pass", "recipient"),
        ("flux/x.py", "_check(a)", "pass", "check"),
        ("flux/x.py", "transaction.on_commit(a)", "pass", "hook"),
        ("flux/x.py", "a // b", "-(-(a) // (b))", "rounding"),
        ("flux/x.py", "a + b", "a - b", "sign"),
        ("flux/x.py", "a - 1", "a", "boundary"),
        ("flux/x.py", "a and b", "((b))", "condition"),
        ("flux/permissions.py", "def may(a):\n    return a", "def may(a):\n    return True", "permission"),
        ("flux/exports/x.py", "def row(a):\n    return a.b, a.c", "def row(a):\n    return a.c, a.b", "cell"),
        ("templates/x.html", "{{ a.b }} {{ a.c }}", "{{ a.c }} {{ a.c }}", "variable"),
    ],
)
def test_each_operator_makes_its_fault(path: str, old: str, new: str, kind: str) -> None:
    made = {each.text: each.kind for each in mutants(path, old)}
    assert made[new] == kind
    if path.endswith(".py"):
        assert [ast.parse(text) for text in made]


def test_types_are_no_fault() -> None:
    assert mutants("flux/x.py", "def f(a: int | None) -> str | bytes: ...\nAnswer = int | None\n") == []


def test_nearest_tests_are_those_beside_then_those_that_import() -> None:
    users = {
        "flux/x.py": {"flux/y.py", "tests/house/test_z.py", "tests/flux/test_x.py", "tests/attributions/test_a.py"}
    }
    assert nearest("flux/x.py", users) == ["tests/flux/test_x.py", "tests/attributions/test_a.py"]
    alike = {"flux/rows.py": {"tests/flux/test_a.py", "tests/flux/test_row.py", "tests/flux/test_roof.py"}}
    assert nearest("flux/rows.py", alike) == [f"tests/flux/test_{name}.py" for name in ("row", "roof", "a")]


def test_a_lock_is_taken_away_before_what_reads_the_rows_that_are_locked() -> None:
    path = "flux/operations/returning.py"
    locks = chosen(path, None, "lock")
    assert {each.kind for each in locks} == {"lock"}
    assert [before(each, ["tests/test_x.py"]) for each in locks] == [[LOCKED, "tests/test_x.py"]] * len(locks)
    near = ["tests/a.py", "tests/concurrency/b.py", "tests/c.py"]
    assert before(locks[0], near, 2) == [LOCKED, "tests/concurrency/b.py", "tests/a.py"]
    [other, *_] = chosen(path, None, "comparison")
    assert before(other, ["tests/test_x.py"]) == ["tests/test_x.py"]
    module, _, name = LOCKED.partition("::")
    assert f"def {name}(" in (ROOT / module).read_text(encoding="utf-8")


def test_the_page_keeps_what_was_found_of_other_modules(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(mutants_page, "PAGE", tmp_path / "mutants.md")
    mutants_page.write("flux/a.py", 20, 10, ["3: sign: `a` → `b`"], again=False)
    mutants_page.write("flux/b.py", 5, 5, [], again=False)
    assert mutants_page.left("flux/a.py") == ["3: sign: `a` → `b`"]
    mutants_page.write("flux/a.py", 20, 1, [], again=True)
    assert "| `flux/a.py` | 20 | 10 | 10 | 100 |" in mutants_page.PAGE.read_text(encoding="utf-8")
    assert mutants_page.left("flux/a.py") == []


def test_what_is_drawn_is_of_all_modules_together_and_the_same_again() -> None:
    """So that what it comes to is that of the whole: a module of many faults is drawn more often than one of few."""
    drawn = among_all(["flux/operations"], 40, 3, "")
    assert drawn == among_all(["flux/operations"], 40, 3, "")
    assert drawn != among_all(["flux/operations"], 40, 4, "")
    assert sum(map(len, drawn.values())) == 40
    assert set(drawn) < set(modules(["flux/operations"])) < set(modules(["operations"]))
    assert "flux/permissions.py" in modules(["permissions"])
    assert all(each in chosen(path, None) for path, faults in drawn.items() for each in faults)
