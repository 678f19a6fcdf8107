"""Which process begins with what, when tests run in several: each has its share of what is slow, then of what is quick.

pytest-django puts the tests of a database first and those that need none last; cut in two, that order gave the journeys
to the end of one process, while the other had nothing left to take. Each share keeps that order here, and ends with
tests of a few milliseconds: they fill what is left of the run, on every core. pytest-randomly still draws the order of
modules and of their tests; a module stays whole but where two shares meet.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from itertools import groupby

import pytest

from tests.selection import is_quick_item

#: Whose tests take longest, the longest first: each process begins with some, since none helps another to end a test.
LONGEST = (
    "tests/house/test_net.py",
    "tests/config/test_supervisor.py",
    "tests/config/test_day.py",
    "tests/journeys/test_accessibility.py",
    "tests/attributions/demonstration/test_years.py",
    "tests/config/test_prepared.py",
    "tests/journeys/test_vacancy_to_lease.py",
    "tests/attributions/demonstration/test_going_on.py",
    "tests/house/test_seeing.py",
    "tests/config/test_backup.py",
    "tests/house/test_migrations.py",
    "tests/journeys/test_go_live.py",
    "tests/attributions/bilan/test_sealed_year.py",
    "tests/journeys/test_three_systems.py",
)


def dealt[Test](slow: Iterable[Sequence[Test]], quick: Sequence[Test], shares: int) -> list[Test]:
    """The tests of so many shares of one length, one after the other: slow modules go whole to the share that has the
    fewest tests, quick ones fill each. All shares but the first begin with half of theirs: the first process makes the
    tables meanwhile, which the others would wait for."""
    hands: list[list[Test]] = [[] for _ in range(shares)]
    for module in slow:
        min(hands, key=len).extend(module)
    whole, left, given = sum(map(len, hands)) + len(quick), list(quick), list[Test]()
    for number, hand in enumerate(hands):
        room = max(0, whole * (number + 1) // shares - len(given) - len(hand)) if number + 1 < shares else len(left)
        filling, left = left[:room], left[room:]
        early = len(filling) // 2 if number else 0
        given += [*filling[:early], *hand, *filling[early:]]
    return given


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    shares = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    if shares == 1:
        return
    slow: list[pytest.Item] = []
    quick: list[pytest.Item] = []
    for item in items:
        (quick if is_quick_item(item) else slow).append(item)
    modules = [list(module) for _, module in groupby(slow, key=lambda item: item.path)]
    rank = {file: number for number, file in enumerate(LONGEST)}
    modules.sort(key=lambda module: rank.get(module[0].nodeid.split("::")[0], len(rank)))
    items[:] = dealt(modules, quick, shares)
