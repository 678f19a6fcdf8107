"""At term: identities and facts erased, journal purged. What balance and objectives count stays, of nobody
(docs/personal-data.md)."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from itertools import batched

from django.db import connection
from django.utils import timezone

from attributions.households.models import Application, TermReading
from attributions.households.queries.applications import due, past_term
from attributions.inbox.models import RowMark
from reservations.models import TaskFailure
from reservations.models.guards import in_order
from reservations.models.wall import atomic, atomic_act
from reservations.operations.apart import each_apart

BATCH = 200
#: After which what was noted of a row of « À faire » is deleted.
MARKS_KEPT = timedelta(days=366)

logger = logging.getLogger(__name__)

#: How the task, and each of its rows, are called where one fails.
TASK, called = "retention.pseudonymise", "application:{}".format


def pseudonymise_due(*, now: datetime | None = None) -> int:
    """Erase the identity of every request whose term has run out, 200 a transaction: how many. Safe to run twice.

    Where one of a batch is at fault, each is erased in its own transaction: the others do not wait for it.
    """
    now = now or timezone.now()
    out = TaskFailure.objects.left_out(TASK, now)
    found = [pk for pk in due(timezone.localdate(now)) if called(pk) not in out]
    erased = 0
    for batch in batched(found, BATCH):
        try:
            erased += pseudonymise(ids=batch, now=now)
        except Exception:
            logger.exception("A batch of identities could not be erased: each is, apart.")
            erased += each_apart(TASK, batch, lambda pk: pseudonymise(ids=[pk], now=now), name=called, now=now)
    return erased


@atomic_act
def pseudonymise(*, ids: Sequence[int], now: datetime) -> int:
    """Erase number, name, birth date, nationality, other numbers, typed texts and facts of these requests: how many. By
    a function of the owner of the tables (`attributions_pseudonymise()`, docs/triggers.md), which looks itself whether
    the term of each is over."""
    held = in_order(Application.objects.all()).filter(pk__in=ids, pseudonymised_on=None, closed_on__isnull=False)
    due = list(held.order_by("pk").values_list("pk", flat=True))
    return _asked("attributions_pseudonymise(%s, %s)", due, timezone.localdate(now))


@atomic_act
def deal_facts(*, now: datetime | None = None) -> int:
    """Deal the facts of the leases whose term is over among those of their class, so that none is any longer that of
    its dwelling, and counts of the class stay exact: how many leases. Safe to run twice."""
    return _asked("attributions_deal_facts(%s)", timezone.localdate(now or timezone.now()))


@atomic_act
def read_past_term(*, now: datetime | None = None) -> TermReading:
    """Count what is left of households past their term, for the register of processing. Safe to run twice."""
    read, _ = TermReading.objects.update_or_create(
        pk=TermReading.ROW, defaults={**asdict(past_term()), "read_at": now or timezone.now()}
    )
    return read


@atomic_act
def forget_reconciled_numbers(*, now: datetime | None = None) -> int:
    """Erase the numbers that files of the SNE and of SYPLO left on points to settle, and whose term is over: how many.

    Most are of requests that nobody registered here: their own day says when."""
    return _asked("attributions_forget_numbers(%s)", timezone.localdate(now or timezone.now()))


@atomic_act
def purge_access_log(*, now: datetime | None = None) -> int:
    """Delete the records of the journal older than its term in force today: how many. None recorded, none deleted."""
    return _asked("attributions_purge_access_log(%s)", timezone.localdate(now or timezone.now()))


@atomic
def forget_marks(*, now: datetime | None = None) -> int:
    """Delete what was noted of rows of « À faire » more than a year ago: how many. Safe to run twice."""
    old = RowMark.objects.filter(at__lt=(now or timezone.now()) - MARKS_KEPT)
    return old.delete()[0]


def _asked(function: str, *values: date | list[int]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}", [*values])
        return int(cursor.fetchone()[0])
