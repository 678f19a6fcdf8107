"""The small world before any convention."""

from __future__ import annotations

import pytest

from tests.world import World, build_parties


@pytest.fixture
def bare_world(db: None) -> World:
    return build_parties()
