"""Random years: what the product decides, counts and answers after each act is what the model of `tests/model/` says.

`./run simulate --seed N --acts M` lives as many acts as it is asked, a year of a hundred after the other, each drawn
from a seed of its own: N, N + 1… A difference is printed as the shortest story that shows it, with its command.
"""

from __future__ import annotations

import pytest

from tests.simulation.comparing import Difference, compare
from tests.simulation.drawing import draw
from tests.simulation.shrinking import shrunk, story_of
from tests.world import World

pytestmark = pytest.mark.django_db

#: Acts of one year, and those of an ordinary run: fifty seconds of processor.
YEAR, ORDINARY = 100, 2000


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "seed" in metafunc.fixturenames:
        asked = metafunc.config.getoption
        seed, acts = asked("seed"), asked("acts") or ORDINARY
        years = [(seed + number, min(YEAR, acts - at)) for number, at in enumerate(range(0, acts, YEAR))]
        metafunc.parametrize(("seed", "acts"), years)


def test_a_year_is_what_the_model_says(bare_world: World, seed: int, acts: int, pytestconfig: pytest.Config) -> None:
    story = draw(seed, acts)
    asked = pytestconfig.getoption("only")
    only = {int(place) for place in asked.split(",")} if asked else set(range(acts))

    def differs(places: set[int]) -> Difference | None:
        try:
            compare(bare_world, story, places)
        except Difference as difference:
            return difference
        return None

    found = differs(only)
    if found is not None and pytestconfig.getoption("unshrunk"):
        pytest.fail(str(found), pytrace=False)
    if found is not None:
        pytest.fail(story_of(story, *shrunk(sorted(only), differs)), pytrace=False)
