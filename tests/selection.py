"""Which tests a run takes: `--quick`, `--ordinary`, `--changed COMMIT`, or all that its arguments name.

`./run test` takes the ordinary ones. `./run test --all` takes the nightly ones too: those marked `nightly`, whose
essence an ordinary test holds (a whole year where a month shows it, each seed where one shows it).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import pytest

from tests.changed import Changed

#: What asks pytest-django for a database, or the journeys for a browser.
SLOW = {"db", "transactional_db", "django_db_setup", "live_server", "browser"}

#: Whose tests start databases, workers and demonstrations of their own.
INSTALLATIONS = "tests/config/"
#: These, and those that start processes of ours or measure for long.
LONG = (INSTALLATIONS, "tests/benchmarks/", "tests/flux/conversion/test_command.py", "tests/house/test_drawn.py")


def is_quick(nodeid: str, fixtures: Iterable[str], marks: Iterable[str]) -> bool:
    """Does this test need neither a database, nor a browser, nor processes of its own?

    `nodeid` is its address, `fixtures` the names of what it is given, `marks` the names of its markers.
    """
    return not nodeid.startswith(LONG) and SLOW.isdisjoint(fixtures) and {"django_db", "browser"}.isdisjoint(marks)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--quick", action="store_true", help="only what needs no database, no browser, no process")
    parser.addoption("--all", action="store_true", help="the nightly tests too, each in its longest form")
    parser.addoption("--ordinary", action="store_true", help="all but what is marked nightly")
    parser.addoption("--changed", metavar="COMMIT", help="only what depends on what changed since this commit")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    wanted: list[Callable[[pytest.Item], bool]] = []
    if config.getoption("quick"):
        wanted.append(is_quick_item)
    if config.getoption("ordinary") or config.getoption("quick") or config.getoption("changed"):
        wanted.append(lambda item: item.get_closest_marker("nightly") is None)
    if commit := config.getoption("changed"):
        changed = Changed.since(commit)
        wanted.append(lambda item: changed.concerns(item.path))
    kept, left = list[pytest.Item](), list[pytest.Item]()
    for item in items:
        (kept if all(wants(item) for wants in wanted) else left).append(item)
    items[:] = kept
    if left:
        config.hook.pytest_deselected(items=left)


def is_quick_item(item: pytest.Item) -> bool:
    fixtures: Sequence[str] = getattr(item, "fixturenames", ())
    return is_quick(item.nodeid, fixtures, (mark.name for mark in item.iter_markers()))
