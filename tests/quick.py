"""`--quick`: the tests that need neither a database, nor a browser, nor the processes of an installation.

The rule, the words, the pages that are functions, the contracts of the house: what one runs between two commits. It
replaces nothing: `./run test` is what says that all is well.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pytest

#: What asks pytest-django for a database, or the journeys for a browser.
SLOW = {"db", "transactional_db", "django_db_setup", "live_server", "browser"}

#: Whose tests start databases, workers and demonstrations of their own.
INSTALLATIONS = "tests/config/"


def is_quick(nodeid: str, fixtures: Iterable[str], marks: Iterable[str]) -> bool:
    """Is a test to be run, by its address, what it is given and how it is marked?"""
    return (
        not nodeid.startswith(INSTALLATIONS)
        and SLOW.isdisjoint(fixtures)
        and {"django_db", "browser"}.isdisjoint(marks)
    )


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--quick", action="store_true", help="only what needs no database, no browser, no process")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("quick"):
        return
    kept, left = [], []
    for item in items:
        fixtures: Sequence[str] = getattr(item, "fixturenames", ())
        quick = is_quick(item.nodeid, fixtures, (mark.name for mark in item.iter_markers()))
        (kept if quick else left).append(item)
    items[:] = kept
    config.hook.pytest_deselected(items=left)
