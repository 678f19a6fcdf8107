"""Years replayed with other shares by a worker: ordered by a row, one at a time, with how far it is (decision 92)."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

from flux.models import Ledger, ReplayedYear
from flux.models.audit import TRIES
from flux.queries.balance import subtracted_from
from flux.situation import load
from flux.wakeups import wake
from flux.whatif import Changes, answer_of, packed, read, replay, same_rights, version_of
from reservations.models import TaskFailure
from reservations.models.wall import atomic
from reservations.operations.apart import each_alone, put_off

#: How long nothing is reported of a replay before it is taken for lost, with the worker that had it.
LEASE = timedelta(minutes=2)
#: How long an answer is still read once its account has moved: one that moves all the time has answers too.
FRESH = timedelta(minutes=5)
#: How long an answer that nobody asks for any more is kept.
UNASKED = timedelta(days=2)
#: How often a question is written down: not at each reload.
WRITTEN = timedelta(hours=1)
LONGEST_WAIT = timedelta(hours=1)
#: A replay takes a processor: one at a time.
ONE_AT_A_TIME = 0x5245504C41

#: How the replays, and each of them, are called by what sets aside.
TASK, called = "flux.replays", "replay:{.pk}".format
FAILED = "L’hypothèse n’a pas pu être rejouée, par une erreur de notre côté."


def question_of(changes: Changes) -> str:
    """What a hypothesis is known by, in its account."""
    return hashlib.sha256(json.dumps(changes.as_json(), sort_keys=True).encode()).hexdigest()


def order_replay(*, ledger: Ledger, changes: Changes, version: str, now: datetime | None = None) -> ReplayedYear:
    """Ask for a year replayed: the answer there is, what is under way, or a row that a worker will replay.

    Safe to run twice: the same question of the same account (`version`) is the same row, and is replayed once. An
    answer of an account that has moved since is replayed again, once it is no longer `FRESH`.
    """
    now, question = now or timezone.now(), question_of(changes)
    order = ReplayedYear.objects.filter(ledger=ledger, question=question).first()
    if order is None or order.asked_at < now - WRITTEN or _is_old(order, version, now):
        return _written(ledger, changes, question, version, now)
    if not order.is_ready and order.replaying_until is None:
        wake("flux.replay_years")
    return order


def replay_next(*, now: datetime | None = None) -> bool | None:
    """Replay the oldest that waits, and wake a worker for the next: each has the whole time of a task. Is its answer
    there?

    None when nothing waits, or when another worker replays: it is left to it.
    """
    order = _taken(now or timezone.now())
    if order is None:
        return None
    answered = each_alone(TASK, [order], _replayed, name=called, now=now)
    if not answered:
        again = put_off(task=TASK, row=called(order), until=order.due_at)
        ReplayedYear.objects.filter(pk=order.pk, answer=None).update(due_at=again)
    wake("flux.replay_years")
    return bool(answered)


def purge_replays(*, now: datetime | None = None) -> int:
    """Delete the answers that nobody asks for any more: how many."""
    return ReplayedYear.objects.filter(asked_at__lt=(now or timezone.now()) - UNASKED).delete()[0]


def _is_old(order: ReplayedYear, version: str, now: datetime) -> bool:
    """Is an answer there of an account that is no longer that one? For some time, if the rights are still the same."""
    if order.replayed_at is None or order.version == version:
        return False
    return order.replayed_at < now - FRESH or not same_rights(order.version, version)


@atomic
def _written(ledger: Ledger, changes: Changes, question: str, version: str, now: datetime) -> ReplayedYear:
    """The row of a question, asked now; it waits for a worker when it has no answer, or an old one."""
    order, _ = ReplayedYear.objects.select_for_update().get_or_create(
        ledger=ledger,
        question=question,
        defaults={"changes": changes.as_json(), "asked_at": now, "due_at": now},
    )
    order.asked_at = now
    if not order.is_ready and order.attempts >= TRIES:
        order.due_at, order.attempts, order.failure, order.replaying_until = now, 0, "", None
        TaskFailure.objects.filter(task=TASK, row=called(order)).delete()  # asked for again: tried as the first time
    if _is_old(order, version, now):
        order.answer = order.replayed_at = None
        order.moved, order.due_at, order.attempts, order.failure = True, now, 0, ""
        order.total = order.done = 0
    order.save()
    if not order.is_ready:
        wake("flux.replay_years")
    return order


@atomic
def _taken(now: datetime) -> ReplayedYear | None:
    """The next order, taken for the time of a lease: a worker that dies holding it loses it, and the sweep finds it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
    waiting = ReplayedYear.objects.filter(answer=None)
    if waiting.filter(replaying_until__gt=now).exists():
        return None
    out = [int(row.partition(":")[2]) for row in TaskFailure.objects.left_out(TASK, now)]
    due = waiting.filter(due_at__lte=now, attempts__lt=TRIES).exclude(pk__in=out)
    order = due.order_by("due_at", "pk").first()
    if order is not None:
        order.attempts += 1
        order.begun_at, order.replaying_until = now, now + LEASE
        order.total = order.done = 0
        order.due_at = now + min(LONGEST_WAIT, timedelta(minutes=2 ** min(order.attempts - 1, 10)))
        order.save(update_fields=["attempts", "begun_at", "replaying_until", "total", "done", "due_at"])
    return order


def _replayed(order: ReplayedYear) -> bool:
    """Replay one, and keep the answer or, before what was raised goes on, that there is none."""
    found = ReplayedYear.objects.filter(pk=order.pk, answer=None)

    def report(done: int, total: int) -> None:
        found.update(done=done, total=total, replaying_until=timezone.now() + LEASE)

    try:
        books = Ledger.objects.select_related("landlord__organisation", "departement")
        book = books.annotate(subtracted=subtracted_from()).get(pk=order.ledger_id)
        situation = load(book)
        version = version_of(situation, book.subtracted, on=timezone.localdate())
        past = read(book, situation)
        answer = packed(answer_of(past, replay(past, Changes.from_json(order.changes), report)))
        return _kept(order, answer, version)
    except Exception:
        found.update(replaying_until=None, failure=FAILED)
        raise


@atomic
def _kept(order: ReplayedYear, answer: bytes, version: str) -> bool:
    found = ReplayedYear.objects.filter(pk=order.pk, answer=None)
    return bool(
        found.update(
            answer=answer, version=version, replayed_at=timezone.now(), replaying_until=None, failure="", moved=False
        )
    )
