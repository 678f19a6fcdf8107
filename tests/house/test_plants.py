"""The faults of `tests/house/planting.py` can still be planted; that tests see them is asked by hand."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.house.planting import batches
from tests.house.plants import ROOT, Plant, where
from tests.house.plants_by_kind import FAULTS
from tests.house.plants_of_the_net import PLANTS
from tests.house.plants_page import known


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


def test_page_tells_of_each_fault_that_its_nearest_tests_see_it() -> None:
    """`.venv/bin/python -m tests.house.planting --nearest --write` writes docs/plants.md."""
    assert {what: row[0] for what, row in known().items()} == {plant.what: "seen" for plant in FAULTS}
