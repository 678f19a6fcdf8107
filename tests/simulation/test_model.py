"""The model is read in one evening, and reads nothing of the product."""

from __future__ import annotations

import ast
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from tests.house.plants import Plant, where
from tests.simulation.comparing import Difference
from tests.simulation.drawing import draw
from tests.simulation.faults import FAULTS, faults_declared
from tests.simulation.shrinking import shrunk, story_of

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
    lines = story_of(draw(7, 40), kept, found).splitlines()
    assert lines[0] == "seed 7"
    assert lines[-2:] == ["act 17: counted twice", "./run simulate --seed 7 --acts 40 --only 3,17"]


def test_two_landlords_live_beside_each_other_and_seal() -> None:
    stories = [draw(seed, 100) for seed in range(1, 21)]
    two = [story for story in stories if len(story.settled) == 2]
    assert two
    assert all({act.at for act in story.acts} == {0, 1} for story in two)
    acts = [act for story in stories for act in story.acts]
    assert sum(act.name == "seal" for act in acts) > 5
    assert sum(one == other for story in stories for one, other in pairwise(story.acts)) > 20


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.what)
def test_anchor_of_each_fault_stands_once(fault: Plant) -> None:
    assert len(where(fault.anchor)) == 1
    assert fault.anchor != fault.instead


def test_the_page_says_of_thirty_faults_or_more_in_how_many_acts_each_is_found() -> None:
    assert len({fault.what for fault in FAULTS}) == len(FAULTS) >= 30
    assert list(faults_declared()) == ["fault", "---", *(fault.what for fault in FAULTS)]
