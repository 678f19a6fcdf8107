"""Is a kept row vouched for by others than the database? Every signature is checked with the keys of the environment,
and its place in the log by its proof: rows alone certify nothing."""

from __future__ import annotations

from django.conf import settings
from django.db.models import Count

from reservations.models import LogCheckpoint, LogCosignature
from reservations.queries.log import WITNESSES, Opened, opened, published, tree
from reservations.verifiable.notes import (
    Kind,
    NoteFault,
    Verifier,
    read_checkpoint,
    read_note,
    read_signer,
    read_verifier,
)
from reservations.verifiable.tree import ProofFault, leaf_hash, root_by_inclusion


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


def attested(table: str, row: int) -> tuple[bool, bool]:
    """Is a row, as it is now, in a state of the log that this installation signed; and in one that two organisations
    cosigned? Seven statements, and one for each tile that is read."""
    found = opened(table, [row])
    if not found:
        return False, False
    after = LogCheckpoint.objects.filter(size__gt=found[-1].leaf.index).order_by("-size")
    sizes = LogCosignature.objects.order_by().values("size").annotate(by=Count("organisation", distinct=True))
    seen = after.filter(size__in=sizes.filter(by__gte=WITNESSES).values("size"))
    vouched = [_vouched(each, found[-1]) for each in (after.first(), seen.first()) if each is not None]
    return any(ours for ours, _ in vouched), any(theirs for _, theirs in vouched)


def _vouched(signed: LogCheckpoint, line: Opened) -> tuple[bool, bool]:
    """Does a key of this installation, and do those of two organisations with it, sign a tree that has this leaf?"""
    try:
        note = read_note(published(signed))
        state, known, ours = read_checkpoint(note.text), witnesses(), map(read_signer, settings.JOURNAL_KEYS)
        path, leaf = tree(state.size).inclusion(line.leaf.index), leaf_hash(line.leaf.entry)
        is_there = root_by_inclusion(line.leaf.index, state.size, leaf, path) == state.root
        is_ours = is_there and bool(note.signed_by(each.verifier for each in ours))
        return is_ours, is_ours and len({known[each] for each in note.signed_by(known)}) >= WITNESSES
    except (NoteFault, ProofFault):
        return False, False
