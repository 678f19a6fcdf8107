"""Is a kept row vouched for by others than the database? Every signature is checked with the keys of the environment,
and every place in the log by its proof: rows alone certify nothing."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count, OuterRef, Subquery

from reservations.models import LogCheckpoint, LogCosignature
from reservations.queries.log import WITNESSES, Opened, opened, tree
from reservations.verifiable.notes import (
    Kind,
    NoteFault,
    Verifier,
    read_checkpoint,
    read_note,
    read_signer,
    read_verifier,
)
from reservations.verifiable.tree import ProofFault, check_inclusion, leaf_hash


@dataclass(frozen=True, slots=True)
class Attested:
    """Is a row, as it is now, in a state of the log that this installation signed; and in one that two organisations
    cosigned?"""

    logged: bool
    witnessed: bool


def witnesses() -> dict[Verifier, str]:
    """{key of a witness: the SIREN of its organisation}, as the environment gives them. Raises NoteFault."""
    found = {}
    for each in settings.JOURNAL_WITNESSES:
        siren, _, key = each.partition(":")
        verifier = read_verifier(key)
        if verifier.kind is Kind.NOTE:
            raise NoteFault(f"this key cosigns nothing: {verifier.name}")
        found[verifier] = siren
    return found


def attested(table: str, row: int) -> Attested:
    """What vouches for a kept row. Six statements, and one for each tile that is read."""
    line = next(iter(opened(table, [row])), None)
    if line is None:
        return Attested(False, False)
    states = LogCheckpoint.objects.filter(size__gt=line.leaf.index).order_by("-size")
    alike = LogCosignature.objects.filter(size=OuterRef("size"), root=OuterRef("root")).order_by().values("size")
    by = alike.annotate(by=Count("organisation", distinct=True)).values("by")
    last, seen = states.first(), states.annotate(by=Subquery(by)).filter(by__gte=WITNESSES).first()
    return Attested(
        last is not None and _is_ours(last) and _contains(last, line),
        seen is not None and _is_ours(seen) and _is_seen(seen) and _contains(seen, line),
    )


def _is_ours(signed: LogCheckpoint) -> bool:
    """Did a key of this installation sign the state that the row says?"""
    return bool(_signers(signed, signed.note, {read_signer(each).verifier: "" for each in settings.JOURNAL_KEYS}))


def _is_seen(signed: LogCheckpoint) -> bool:
    """Did keys of two organisations?"""
    notes = LogCosignature.objects.filter(size=signed.size, root=signed.root).values_list("note", flat=True)
    known = witnesses()
    return len({siren for note in notes for siren in _signers(signed, note, known)}) >= WITNESSES


def _signers(signed: LogCheckpoint, written: str, known: dict[Verifier, str]) -> list[str]:
    """Whose keys signed a note of this very state."""
    try:
        note = read_note(written)
        said = read_checkpoint(note.text)
        theirs = note.signed_by(known)
    except NoteFault:
        return []
    return [known[each] for each in theirs] if (said.size, said.root) == (signed.size, bytes(signed.root)) else []


def _contains(signed: LogCheckpoint, line: Opened) -> bool:
    """Does the tree whose root was signed have this leaf at its place?"""
    try:
        path = tree(signed.size).inclusion(line.leaf.index)
        check_inclusion(line.leaf.index, leaf_hash(line.leaf.entry), signed.size, bytes(signed.root), path)
    except ProofFault:
        return False
    return True
