"""Any two acts of one unit, one household and one account: neither waits for the other in a circle."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import combinations_with_replacement
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, transaction

from reservations.models import Organisation
from reservations.models.acting import atomic
from reservations.models.locking import ORDER
from reservations.refusals import Refusal
from reservations.retries import is_crossed
from tests.concurrency.acts import ACTS, There, lived
from tests.concurrency.lockstep import Lockstep, two_connections
from tests.concurrency.together import at_once
from tests.world import World
from tests.world_again import kept

#: Those played two by two: one for each way of meeting. What the order says of one act, it says of all.
PLAYED = (
    "confirm",
    "reclassify",
    "reclassify outside the accounts",
    "cancel outside the accounts",
    "cancel of last year",
    "send a balance",
    "type a candidate",
    "send candidates",
    "refuse an offer",
    "sign",
    "merge requests",
)

there = pytest.fixture(kept(lived))

#: The tables of the order, by the name that the database has.
TABLES = {apps.get_model(label)._meta.db_table: place for place, label in enumerate(ORDER)}
LOCKS = re.compile(r' FOR (?:NO KEY )?UPDATE OF "(\w+)"')


@contextmanager
def recorded() -> Iterator[list[tuple[int, tuple[Any, ...], str]]]:
    """Inside, each row that is locked for the first time, as (place of its table, its own place there, its name)."""
    found: list[tuple[int, tuple[Any, ...], str]] = []
    known: set[tuple[str, int]] = set()

    def record(execute: Callable[..., Any], statement: str, parameters: Any, many: bool, context: Any) -> Any:
        result = execute(statement, parameters, many, context)
        locked = LOCKS.search(statement)
        if locked and locked[1] in TABLES:
            cursor = context["cursor"].cursor
            rows = cursor.fetchall()
            if rows:
                cursor.scroll(0, mode="absolute")
            for pk, *_ in rows:
                if (locked[1], pk) not in known:
                    known.add((locked[1], pk))
                    found.append((TABLES[locked[1]], _place(locked[1], pk), f"{locked[1]} {pk}"))
        return result

    with connection.execute_wrapper(record):
        yield found


def _place(table: str, pk: int) -> tuple[Any, ...]:
    label = list(ORDER)[TABLES[table]]
    model = apps.get_model(label)
    return tuple(model._base_manager.filter(pk=pk).values_list(*ORDER[label][0]).get())


@pytest.mark.django_db
@pytest.mark.parametrize("name", ACTS)
def test_each_act_locks_in_the_one_order(name: str, world: World, there: There) -> None:
    """Two acts that take what they share in one order never wait for each other in a circle: said of each alone, it is
    said of every pair, and of acts of three people."""
    with recorded() as locks, transaction.atomic():
        ACTS[name](world, there)
    assert locks, "an act of this list locks something"
    places = [(table, place) for table, place, _ in locks]
    assert places == sorted(places), [named for *_, named in locks]


@pytest.mark.django_db(transaction=True)
def test_no_pair_of_acts_is_a_deadlock(world: World, there: There) -> None:
    """Played by two connections, in lockstep; each succeeds or is refused with its sentence."""
    faults = []
    with two_connections() as threads:
        for first, second in combinations_with_replacement(PLAYED, 2):
            acts = [lambda act=ACTS[name]: act(world, there) for name in (first, second)]
            outcomes = Lockstep(threads, *acts).run()
            wrong = [error for error in outcomes if error is not None and not isinstance(error, Refusal)]
            if wrong:
                kinds = ["deadlock" if is_crossed(error) else repr(error) for error in wrong]
                faults.append(f"{first} / {second}: {', '.join(kinds)}")
    assert not faults, "\n".join(faults)


@pytest.mark.django_db(transaction=True)
def test_acts_that_cross_all_the_same_are_done_again(world: World) -> None:
    """As any two could, that nobody put in order: PostgreSQL undoes one of them, and it is done from its beginning."""
    meeting, tries = threading.Barrier(2), list[str]()

    def crossing(*names: str) -> Callable[[], None]:
        met = False

        @atomic
        def act() -> None:
            nonlocal met
            tries.append(names[0])
            for name in names:
                row = Organisation.objects.get(pk=getattr(world, name).pk)
                row.name = f"{row.name}x"
                row.save(update_fields=["name"])
                if not met:
                    met = True
                    meeting.wait(10)

        return act

    outcomes = at_once(crossing("city", "als"), crossing("als", "city"), before="nothing")
    assert outcomes == [None, None]
    assert len(tries) == 3
    for name in ("city", "als"):
        assert Organisation.objects.get(pk=getattr(world, name).pk).name.endswith("xx"), "neither is lost"
