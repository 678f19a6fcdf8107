"""The engine is pure: exact integers, no clock, no chance, nothing imported but plain Python."""

from __future__ import annotations

import ast
import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings

import flux.engine
from flux.engine import rule, window
from flux.engine.facts import Situation
from tests.flux.engine import windows
from tests.flux.engine.test_reference import any_situation

MODULES = sorted(Path(flux.engine.__file__).parent.glob("*.py"))
PLAIN = {
    "__future__",
    "collections",
    "dataclasses",
    "functools",
    "hashlib",
    "heapq",
    "json",
    "typing",
    "flux",
    "reservations",
}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_source_has_no_float_and_no_true_division(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = [
        f"line {node.lineno}: {ast.unparse(node)}"
        for node in ast.walk(tree)
        if (isinstance(node, ast.Constant) and isinstance(node.value, float | complex))
        or (isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div))
        or (isinstance(node, ast.Name) and node.id in {"float", "round", "Decimal", "Fraction"})
        or (isinstance(node, ast.Call) and ast.unparse(node.func) in {"hash", "id", "open", "input"})
    ]
    assert found == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_source_imports_plain_python_and_the_engine_only(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in imported} <= PLAIN
    assert {name for name in imported if name.startswith(("flux", "reservations"))} <= {
        "flux.apportion",
        "reservations.rounding",
        "flux.engine",
        *(f"flux.engine.{module.stem}" for module in MODULES),
    }


def leaves(value: object) -> Iterator[object]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner)
    else:
        yield value


@given(any_situation())
@settings(deadline=None)
def test_a_decision_holds_whole_numbers_words_and_yes_or_no(seen: Situation) -> None:
    decision = rule.decide(seen)
    stored = [seen.as_json(), *decision.ranking_as_json(), decision.version]
    assert {type(leaf) for leaf in leaves(stored)} <= {int, str, bool}


def test_a_plan_holds_whole_numbers_words_and_yes_or_no() -> None:
    for seen, decision in windows.territories(random.Random("plain"), 5, 1000, 12).follow(lambda: 6):
        assert {type(leaf) for leaf in leaves([seen.as_json(), decision.plan_as_json()])} <= {int, str, bool}
        before = json.dumps(seen.as_json())
        assert window.decide(seen) == decision
        assert json.dumps(seen.as_json()) == before


@given(any_situation())
@settings(deadline=None)
def test_the_same_situation_gives_the_same_decision(seen: Situation) -> None:
    before = seen.as_json()
    assert rule.decide(seen) == rule.decide(seen)
    assert seen.as_json() == before
