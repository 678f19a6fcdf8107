"""The net: after a life drawn from a seed, every page and every file, for every role (tests/house/pages.py).

`--seeds 4,5,6` tells other lives by hand, `--pages FILE` writes what was read.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import time_machine
from pytest_django.plugin import DjangoDbBlocker

from tests.house.life import live
from tests.house.pages import Page, visit, written
from tests.own_database import own_database
from tests.strict import what_a_page_never_says
from tests.world import build_world


@pytest.fixture(scope="module")
def visited(
    pytestconfig: pytest.Config, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> dict[str, list[Page]]:
    """What everybody read, at the end of each life that the command line names."""
    found: dict[str, list[Page]] = {}
    for seed in pytestconfig.getoption("seeds").split(","):
        with django_db_blocker.unblock(), own_database("net"), time_machine.travel(0, tick=False) as clock:
            world = build_world()
            live(world, int(seed), clock)
            found[seed] = list(visit(world, people=pytestconfig.getoption("people").split(",")))
    if name := pytestconfig.getoption("pages"):
        html = pytestconfig.getoption("html_too")
        told = {f"{page.key} life {seed}": written(page, html=html) for seed in found for page in found[seed]}
        Path(name).write_text(json.dumps(told, ensure_ascii=False, indent=0, sort_keys=True), encoding="utf-8")
    return found


def wrong_with(page: Page) -> list[str]:
    """What no page may be or say, in words."""
    if page.status >= 500 and page.name != "health-ready":  # no worker beats here
        return [f"{page.status}"]
    return what_a_page_never_says(page.html) if page.is_html else []


@pytest.mark.django_db
def test_no_page_is_wrong_after_a_life(visited: dict[str, list[Page]]) -> None:
    """In one test: the lives are told once, whatever process takes it."""
    every = ((seed, page) for seed, pages in visited.items() for page in pages)
    wrong = {f"{page.key} life {seed}": said for seed, page in every if (said := wrong_with(page))}
    assert wrong == {}
