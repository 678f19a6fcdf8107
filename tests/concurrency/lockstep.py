"""Two acts in lockstep on real PostgreSQL: after each statement that locks or writes, one waits for the other to have
done as much, to have ended, or to wait for a lock. Nobody sleeps: who waits for whom is asked of the database."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

WRITES = ("INSERT", "UPDATE", "DELETE")
#: Seconds between two looks at who waits; and after which an act that never ended is a fault.
LOOK, LONGEST = 0.01, 30


class _Undone(Exception):
    """The act succeeded, and is taken back for the next pair."""


@contextmanager
def two_connections() -> Iterator[Executor]:
    """Two threads, each with its own connection until the end."""
    with ThreadPoolExecutor(2) as threads:
        yield threads
        both = threading.Barrier(2)
        for closed in [threads.submit(lambda: (both.wait(LONGEST), connection.close())) for _ in range(2)]:
            closed.result()


class Lockstep:
    """Runs two acts, on two threads that keep their connections from one pair to the next; `outcomes` are what they
    raised, None for those that succeeded. Both are taken back at the end, unless they are `kept`, each when it has done
    all that it does: its locks are held until then."""

    def __init__(self, threads: Executor, *acts: Callable[[], Any], kept: bool = False) -> None:
        self.threads, self.kept = threads, kept
        self.acts, self.outcomes = acts, [None] * len(acts)
        self.steps, self.done, self.waits = [0, 0], [False, False], [False, False]
        self.pids: dict[int, int] = {}
        self.turn = threading.Condition()

    def run(self) -> list[BaseException | None]:
        running = [self.threads.submit(self._run, index) for index in range(2)]
        while wait(running, LOOK).not_done:
            self._look()
        return self.outcomes

    def _look(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND pid = ANY(%s)",
                [list(self.pids.values())],
            )
            waiting = {pid for (pid,) in cursor.fetchall()}
        with self.turn:
            self.waits = [self.pids.get(index) in waiting for index in range(2)]
            self.turn.notify_all()

    def _run(self, index: int) -> None:
        try:
            with transaction.atomic(), connection.execute_wrapper(lambda *given: self._step(index, *given)):
                self.pids[index] = connection.connection.info.backend_pid
                self.acts[index]()
                if not self.kept:
                    raise _Undone
        except _Undone:
            pass
        except Exception as error:  # the outcome, that the test reads
            self.outcomes[index] = error
        finally:
            with self.turn:
                self.done[index] = True
                self.turn.notify_all()

    def _step(self, index: int, execute: Callable[..., Any], statement: str, *rest: Any) -> Any:
        found = execute(statement, *rest)
        if statement.startswith(WRITES) or " UPDATE OF " in statement:
            other = 1 - index
            with self.turn:
                self.steps[index] += 1
                self.turn.notify_all()
                self.turn.wait_for(
                    lambda: self.steps[other] >= self.steps[index] or self.done[other] or self.waits[other], LONGEST
                )
        return found
