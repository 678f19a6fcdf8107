"""The writer of the verifiable log: imprints become leaves, and what the log is becomes a signed checkpoint."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import connection

from reservations.models import LogCheckpoint
from reservations.models.acting import atomic
from reservations.queries.log import last_checkpoint, size, tree
from reservations.verifiable.notes import Checkpoint, Signer, read_signer, sign_note
from reservations.verifiable.tree import check_consistency

#: Leaves of one transaction.
BATCH = 5000


def signers_of(keys: Iterable[str]) -> list[Signer]:
    """The keys that the environment gives. Raises NoteFault: one is not written as it should be."""
    return [read_signer(each) for each in keys]


def append_leaves(*, batch: int = BATCH) -> int:
    """Give each imprint that has none its leaf, so many a transaction: how many. Safe to run twice, or in two places:
    one writes at a time, and no act waits for it."""
    total = 0
    while True:
        added = _append(batch=batch)
        total += added
        if added < batch:
            return total


@atomic
def _append(*, batch: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT reservations_append_leaves(%s)", [batch])
        (added,) = cursor.fetchone()
    return int(added)


@atomic
def sign_checkpoint(*, signers: Collection[Signer], now: datetime) -> LogCheckpoint | None:
    """Sign what the log is now with these keys, the first of which names it. None when nobody signs here, when the log
    is empty, and when what it is was signed already.

    Raises ProofFault: the log does not extend what was signed before, which is never signed again.
    """
    last, held = last_checkpoint(), size()
    if not signers or not held or (last is not None and last.size == held):
        return None
    log = tree(held)
    root = log.root()
    if last is not None:
        path = log.consistency(last.size) if last.size <= held else []
        check_consistency(last.size, bytes(last.root), held, root, path)
    first, *_ = signers
    note = sign_note(Checkpoint(first.name, held, root).text, signers, at=int(now.timestamp()))
    kept, _ = LogCheckpoint.objects.get_or_create(size=held, defaults={"root": root, "note": note, "signed_at": now})
    return kept
