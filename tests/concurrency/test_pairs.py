"""Any two acts of one unit, one household and one account: neither waits for the other in a circle."""

from __future__ import annotations

import re
import threading
from collections import Counter as Tally
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import combinations_with_replacement
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.db.models import Count, Sum, Value
from django.db.models.functions import Concat

from attributions.households.models import Lease
from flux.controls import run_controls
from flux.models import AuditAlert, FlowEntry, Ledger, Routing
from reservations.models import Organisation
from reservations.models.guards import ORDER
from reservations.models.wall import atomic
from reservations.refusals import Refusal
from reservations.retries import is_crossed
from tests.concurrency.acts import ACTS, There, lived
from tests.concurrency.lockstep import Lockstep, two_connections
from tests.concurrency.together import at_once
from tests.flux.books import check_books
from tests.house.tree import ROOT
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

#: Some that meet on one unit, one household or one account: in an ordinary run. Every pair at night.
MEETING = [
    ("confirm", "confirm"),
    ("sign", "sign"),
    ("confirm", "reclassify"),
    ("type a candidate", "merge requests"),
    ("send candidates", "merge requests"),
    ("refuse an offer", "sign"),
    ("sign", "merge requests"),
    ("cancel of last year", "send a balance"),
]

there = pytest.fixture(kept(lived))

#: The tables of the order, by the name that the database has.
TABLES = {apps.get_model(label)._meta.db_table: place for place, label in enumerate(ORDER)}
#: The rows of docs/locks.md: what each act locks, in that order.
_, _, _LISTED = (ROOT / "docs/locks.md").read_text(encoding="utf-8").partition("| --- | --- |\n")
PAGE = [row for row in _LISTED.partition("\n\n")[0].splitlines() if row.startswith("| ")]
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
def test_each_act_locks_what_the_page_says_in_the_one_order(name: str, world: World, there: There) -> None:
    """Two acts that take what they share in one order never wait for each other in a circle: stated of each alone, it
    is stated of every pair, and of acts of three people.

    No less: a lock that is taken away is missed here, whoever else would have to come at that moment to see it. Two
    leases of one household, an account that moves while its balance is sealed (CCH, R441-5-1) began so."""
    with recorded() as locks, transaction.atomic():
        ACTS[name](world, there)
    places = [(table, place) for table, place, _ in locks]
    assert places == sorted(places), [named for *_, named in locks]
    labels = list(ORDER)
    counted = Tally(labels[table].partition(".")[2] for table, *_ in locks)
    text = ", ".join(f"{label} × {count}" if count > 1 else label for label, count in counted.items())
    assert text, "an act of this list locks something"
    assert f"| {name} | {text} |" == next((row for row in PAGE if row.startswith(f"| {name} |")), "")


def test_the_page_says_the_locks_of_these_acts_alone() -> None:
    assert [row.strip("| ").partition(" | ")[0] for row in PAGE] == list(ACTS)


@pytest.mark.django_db(transaction=True)
def test_no_pair_of_acts_is_a_deadlock(world: World, there: There, pytestconfig: pytest.Config) -> None:
    """Played by two connections, in lockstep; each succeeds or is refused with its sentence. In an ordinary run, those
    that meet: of the others, that each act locks in the one order says as much."""
    faults = []
    with two_connections() as threads:
        for first, second in combinations_with_replacement(PLAYED, 2) if pytestconfig.getoption("all") else MEETING:
            acts = [lambda act=ACTS[name]: act(world, there) for name in (first, second)]
            outcomes = Lockstep(threads, *acts).run()
            wrong = [error for error in outcomes if error is not None and not isinstance(error, Refusal)]
            if wrong:
                kinds = ["deadlock" if is_crossed(error) else repr(error) for error in wrong]
                faults.append(f"{first} / {second}: {', '.join(kinds)}")
    assert not faults, "\n".join(faults)


def watched(world: World) -> There:
    """What was lived, and what the controls of the night say of it: rows made by hand."""
    there = lived(world)
    night()
    return there


def night() -> list[tuple[str, Any]]:
    """What the controls of this night find that they had not found, where acts were just written recounted."""
    known = set(AuditAlert.objects.values_list("pk", flat=True))
    run_controls(now=FlowEntry.objects.latest("recorded_at").recorded_at + timedelta(hours=1))
    return list(AuditAlert.objects.exclude(pk__in=known).order_by("pk").values_list("check_code", "found"))


def doubled() -> dict[str, list[int]]:
    """Units with two routings that stand, or two leases; received twice by whoever has them."""
    routed = Routing.objects.filter(closed_at=None).values("vacancy")
    let = Lease.objects.filter(cancelled_at=None).values("vacancy")
    received = FlowEntry.objects.filter(stage__in=FlowEntry.RECEIVED).values("vacancy", "holder")
    found = {
        "routed": routed.annotate(times=Count("pk")).filter(times__gt=1),
        "let": let.annotate(times=Count("pk")).filter(times__gt=1),
        "received": received.annotate(times=Sum("quantity")).exclude(times__in=[0, 1]),
    }
    return {name: [row["vacancy"] for row in rows.order_by()] for name, rows in found.items() if rows}


beside = pytest.fixture(watched)
PAIRS = [
    pytest.param(*pair, marks=[] if pair in MEETING else [pytest.mark.nightly])
    for pair in combinations_with_replacement(PLAYED, 2)
]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_no_pair_of_acts_doubles_or_loses(first: str, second: str, world: World, beside: There) -> None:
    """Both are written; whoever comes second is refused with its sentence, or adds to the first. Accounts, counts and
    states are what a recount says."""
    with two_connections() as threads:
        outcomes = Lockstep(
            threads, *(lambda act=ACTS[name]: act(world, beside) for name in (first, second)), kept=True
        ).run()
    assert all(error is None or isinstance(error, Refusal) for error in outcomes), outcomes
    assert None in outcomes, "one of them is done"
    assert night() == []
    assert doubled() == {}
    check_books(*Ledger.objects.order_by("pk"))


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
                Organisation.objects.filter(pk=getattr(world, name).pk).update(name=Concat("name", Value("x")))
                if not met:
                    met = True
                    meeting.wait(10)

        return act

    outcomes = at_once(crossing("city", "als"), crossing("als", "city"), before="nothing")
    assert outcomes == [None, None]
    assert len(tries) == 3
    for name in ("city", "als"):
        assert Organisation.objects.get(pk=getattr(world, name).pk).name.endswith("xx"), "neither is lost"
