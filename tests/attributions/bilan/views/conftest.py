"""Pages of the balance are read two hours after MORNING."""

from __future__ import annotations

from typing import Any

import pytest

from tests.attributions.households.sittings import HOUR
from tests.world import MORNING


@pytest.fixture(autouse=True)
def morning(time_machine: Any) -> Any:
    """The morning on which the world lives, two hours later."""
    time_machine.move_to(MORNING + 2 * HOUR, tick=False)
    return time_machine
