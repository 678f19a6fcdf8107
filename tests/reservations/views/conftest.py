"""Screens are read on a morning that does not move."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine

from tests.world import MORNING


@pytest.fixture(autouse=True)
def morning() -> Iterator[None]:
    """24 November 2026, 9 h in Paris."""
    with time_machine.travel(MORNING, tick=False):
        yield
