"""One account for all the tests that verify it."""

from __future__ import annotations

import pytest
from django.conf import LazySettings

from tests.reservations.verifiable.proved import KEYS, Proved, lived
from tests.world import World


@pytest.fixture
def proved(world: World, settings: LazySettings) -> Proved:
    settings.JOURNAL_KEYS = KEYS
    return lived(world)
