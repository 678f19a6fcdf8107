"""The faults of `tests/house/plants.py` can still be planted; that the net sees them is asked by hand."""

from __future__ import annotations

import pytest

from tests.house.plants import PLANTS, Plant, where


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.what)
def test_anchor_of_each_fault_stands_once(plant: Plant) -> None:
    """Where its text was written again, the anchor follows it: a fault of the same sort, in the same place."""
    assert len(where(plant.anchor)) == 1
    assert plant.anchor != plant.instead


def test_faults_are_twenty() -> None:
    assert len({plant.anchor for plant in PLANTS}) == len(PLANTS) == 20
