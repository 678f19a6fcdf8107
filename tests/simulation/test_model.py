"""The model is read in one evening, and reads nothing of the product."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from tests.simulation.comparing import Difference
from tests.simulation.drawing import draw
from tests.simulation.shrinking import shrunk, told

MODULES = sorted((Path(__file__).parents[1] / "model").glob("*.py"))


def test_model_holds_in_six_hundred_lines() -> None:
    """Blank ones left out."""
    lines = [line for path in MODULES for line in path.read_text(encoding="utf-8").splitlines()]
    assert len(MODULES) > 4
    assert sum(bool(line.strip()) for line in lines) <= 600


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_model_imports_nothing_of_the_product(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        for name in names:
            assert name.startswith("tests.model.") or name.partition(".")[0] in sys.stdlib_module_names


def test_a_story_is_drawn_again_from_its_seed() -> None:
    assert draw(7, 40) == draw(7, 40)
    assert draw(7, 60).acts[:40] == draw(7, 40).acts
    assert draw(7, 40).acts != draw(8, 40).acts


def test_a_difference_is_shrunk_to_the_acts_that_make_it() -> None:
    """Acts 3 and 17 together make it, at the later of the two."""

    def differs(places: set[int]) -> Difference | None:
        return Difference(max(3, 17), "counted twice") if {3, 17} <= places else None

    kept, found = shrunk(list(range(40)), differs)
    assert kept == [3, 17]
    lines = told(draw(7, 40), kept, found).splitlines()
    assert lines[0] == "seed 7"
    assert lines[-2:] == ["act 17: counted twice", "./run simulate --seed 7 --acts 40 --only 3,17"]
