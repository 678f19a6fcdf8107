"""Two acts at the same time on real PostgreSQL, and what the account says afterwards."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import psycopg
from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet

from flux.models import FlowEntry, Ledger, LedgerLine, Recommendation
from tests.one_template import server

#: Seconds between two looks at who waits for whom; after so many, an act that neither ended nor waits is a fault.
LOOK, LONGEST = 0.01, 60

WRITES = ("INSERT", "UPDATE", "DELETE")

#: Whether a connection of these waits for a lock that another of these holds.
WAITING = "SELECT pid FROM unnest(%s::int[]) pid WHERE pg_blocking_pids(pid) && %s::int[]"


class Meeting:
    """Where acts wait for each other: until each of them is there, has ended, or waits for the lock of another.

    Nobody sleeps for a time that a busy machine could exceed: who waits for whom is asked of the database.
    """

    def __init__(self, acts: int) -> None:
        self.awaited = acts
        self.gone: set[int] = set()  # threads that are there, or whose act has ended
        self.somebody, self.everybody = threading.Event(), threading.Event()

    def leave(self) -> None:
        """The act of this thread is not awaited any more."""
        self.gone.add(threading.get_ident())

    def wait(self) -> None:
        """Until the others are there."""
        self.leave()
        self.somebody.set()
        assert self.everybody.wait(LONGEST), "the other act never came: where is it?"

    def look(self, watching: psycopg.Connection[Any], pids: list[int]) -> None:
        """Open when nobody is awaited any more."""
        waiting = len(watching.execute(WAITING, [pids, pids]).fetchall())
        if self.awaited - len(self.gone) <= waiting:
            self.everybody.set()


class Acts:
    """The acts that run now: they meet before they write, and again, if they ask for it, before they end."""

    running: Acts

    def __init__(self, number: int) -> None:
        self.writing, self.ending = Meeting(number), Meeting(number)
        self.pids: list[int] = []

    def look(self, watching: psycopg.Connection[Any]) -> None:
        for meeting in (self.writing, self.ending):
            if not meeting.everybody.is_set():
                meeting.look(watching, list(self.pids))
                return


def let_the_others_write() -> None:
    """Inside an act: wait until each other act asks for the same, has ended, or waits for a lock."""
    Acts.running.ending.wait()


def second(act: Callable[[], Any]) -> Callable[[], Any]:
    """The act, begun once another waits before its write."""

    def later() -> Any:
        assert Acts.running.writing.somebody.wait(LONGEST), "the first act never came to write"
        return act()

    return later


def at_once(*acts: Callable[[], Any], before: str = "") -> list[Any]:
    """Run these acts at the same time; return what each returns, or the exception it raises.

    Each stops once before its first write (to the table `before`, when named) until all are there or have ended; an act
    that waits for a lock of another does not come, and is not awaited.
    """
    running = Acts.running = Acts(len(acts))
    outcomes: list[Any] = [None] * len(acts)

    def run(index: int, act: Callable[[], Any]) -> None:
        met = False

        def meet_before_writing(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
            nonlocal met
            if not met and sql.startswith(WRITES) and before in sql:
                met = True
                running.writing.wait()
            return execute(sql, *rest)

        try:
            connection.ensure_connection()
            running.pids.append(connection.connection.info.backend_pid)
            with connection.execute_wrapper(meet_before_writing):
                outcomes[index] = act()
        except Exception as error:  # the outcome, that the test compares
            outcomes[index] = error
        finally:
            connection.close()
            running.writing.leave()
            running.ending.leave()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    deadline = time.monotonic() + LONGEST
    with server() as watching:
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads) and time.monotonic() < deadline:
            if len(running.pids) == len(acts):
                running.look(watching)
            time.sleep(LOOK)
    assert not any(thread.is_alive() for thread in threads), "an act never ended: a deadlock?"
    return outcomes


def held(act: Callable[[], Any], rows: QuerySet[Any], *, writing: str) -> bool:
    """Does an act hold these rows when it begins to write in the table `writing`? Another connection then asks for
    them, without waiting: no luck, and no pause."""
    found: list[bool] = []

    def ask() -> None:
        try:
            with transaction.atomic():
                list(rows.order_by("pk").select_for_update(of=("self",), no_key=True, nowait=True))
            found.append(False)
        except OperationalError:
            found.append(True)
        finally:
            connection.close()

    def ask_before_writing(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if not found and sql.startswith(WRITES) and writing in sql:
            other = threading.Thread(target=ask)
            other.start()
            other.join(20)
        return execute(sql, *rest)

    with connection.execute_wrapper(ask_before_writing):
        act()
    [answer] = found
    return answer


def account(ledger: Ledger) -> dict[str, tuple[int, int]]:
    """What the entries say: (due, received) of each holder."""
    due: Counter[str] = Counter()
    received: Counter[str] = Counter()
    moved = FlowEntry.objects.filter(ledger=ledger).exclude(stage__in=FlowEntry.MEMO)
    for entry in moved.select_related("holder__organisation").order_by("pk"):
        (due if entry.stage == FlowEntry.Stage.DUE else received)[str(entry.holder)] += entry.quantity
    return {name: (due[name], received[name]) for name in sorted({*due, *received})}


def lines(ledger: Ledger) -> dict[str, tuple[int, int]]:
    """What the counters say: the same, if no count is lost."""
    found = LedgerLine.objects.filter(ledger=ledger).select_related("holder__organisation").order_by("pk")
    return {str(line.holder): (line.due, line.received) for line in found}


def sequences(ledger: Ledger) -> list[int]:
    """The ranks of the recommendations of a ledger, in order."""
    return list(Recommendation.objects.filter(ledger=ledger).order_by("sequence").values_list("sequence", flat=True))
