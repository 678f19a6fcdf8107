"""The writer of the verifiable log: imprints become leaves, and what the log is becomes a signed checkpoint."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from django.conf import settings
from django.db import connection

from reservations.models import LogCheckpoint, LogCosignature, Organisation
from reservations.models.wall import atomic
from reservations.queries.attested import witnesses
from reservations.queries.log import last_checkpoint, size, tree
from reservations.refusals import Refusal
from reservations.verifiable.notes import (
    Checkpoint,
    Note,
    NoteFault,
    Signer,
    Verifier,
    read_checkpoint,
    read_note,
    read_signer,
    sign_note,
)
from reservations.verifiable.tree import check_consistency

#: Leaves of one transaction.
BATCH = 5000


class CosignatureRefused(Refusal):
    """What a witness sends is not received; the sentence says why."""


class UnknownWitness(CosignatureRefused):
    """No key of a witness that is known signed it."""


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


@atomic
def receive_cosignatures(*, written: str, now: datetime) -> list[LogCosignature]:
    """Keep what witnesses signed of the log: a checkpoint of this installation, cosigned by organisations whose keys
    are known, one row each. Safe to send twice. One that this installation signed and that it does not hold is kept as
    well: it proves that two logs were published. Signatures of strangers are left out.

    Raises CosignatureRefused: no checkpoint of this log; UnknownWitness.
    """
    note, result, ours = _cosigned(written)
    theirs = witnesses()
    try:
        by = note.signed_by(theirs)
    except NoteFault as fault:
        sentence = "La contresignature n’est pas celle de sa clé : signez de nouveau le même texte."
        raise UnknownWitness(sentence) from fault
    organisations = Organisation.objects.filter(siren__in={theirs[each] for each in by}).order_by("pk")
    rows = []
    for organisation in organisations:
        kept = {(each.name, each.id) for each in (*ours, *(key for key in by if theirs[key] == organisation.siren))}
        lines = tuple(each for each in note.signatures if (each.name, each.id) in kept)
        row, _ = LogCosignature.objects.get_or_create(
            size=result.size,
            root=result.root,
            organisation=organisation,
            defaults={"note": str(Note(note.text, lines)), "received_at": now},
        )
        rows.append(row)
    if not rows:
        raise UnknownWitness(
            "Aucun témoin connu n’a contresigné ce point de contrôle : donnez la clé publique du témoin à qui exploite "
            "l’installation."
        )
    return rows


def _cosigned(written: str) -> tuple[Note, Checkpoint, list[Verifier]]:
    """A checkpoint that this installation signed, its note, and our keys under it. Raises CosignatureRefused."""
    known = [each.verifier for each in signers_of(settings.JOURNAL_KEYS)]
    try:
        note = read_note(written)
        result, ours = read_checkpoint(note.text), note.signed_by(known)
    except NoteFault as fault:
        raise CosignatureRefused("Envoyez une note signée : un point de contrôle, puis ses signatures.") from fault
    if not ours:
        raise CosignatureRefused("Ce point de contrôle n’est pas signé par ce journal : relisez son adresse.")
    return note, result, ours
