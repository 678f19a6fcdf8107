"""A committee that sits, for its pages."""

from __future__ import annotations

from typing import Any

import pytest

from tests.attributions.households.sittings import HOUR, House, house
from tests.flux.views.conftest import year  # noqa: F401  a fixture of these tests too
from tests.world import MORNING, World
from tests.world_again import kept


@pytest.fixture(autouse=True)
def morning(time_machine: Any) -> Any:
    """Pages are read two hours after MORNING: the session is on, its vote too."""
    time_machine.move_to(MORNING + 2 * HOUR, tick=False)
    return time_machine


@pytest.fixture
@kept
def home(world: World) -> House:
    return house(world)
