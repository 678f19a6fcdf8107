"""Two acts at the same time on real PostgreSQL, and what the account says afterwards."""

from __future__ import annotations

import contextlib
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet

from flux.models import FlowEntry, Ledger, LedgerLine, Recommendation

#: How long the first to write waits for the other, in seconds: on a busy machine it comes late. With the lock, it never
#: comes.
PATIENCE = 1.5

WRITES = ("INSERT", "UPDATE", "DELETE")


def at_once(*acts: Callable[[], Any], before: str = "") -> list[Any]:
    """Run these acts at the same time; return what each returns, or the exception it raises.

    Each stops once before its first write (to the table `before`, when named) until all are there, or until
    PATIENCE has passed: an act that waits for a lock does not come.
    """
    meeting = threading.Barrier(len(acts))
    outcomes: list[Any] = [None] * len(acts)

    def run(index: int, act: Callable[[], Any]) -> None:
        met = False

        def meet_before_writing(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
            nonlocal met
            if not met and sql.startswith(WRITES) and before in sql:
                met = True
                with contextlib.suppress(threading.BrokenBarrierError):
                    meeting.wait(PATIENCE)
            return execute(sql, *rest)

        try:
            with connection.execute_wrapper(meet_before_writing):
                outcomes[index] = act()
        except Exception as error:  # the outcome, that the test compares
            outcomes[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
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
