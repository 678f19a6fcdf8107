"""A witness of a log: it cosigns only what extends what it saw (C2SP, tlog-cosignature)."""

from __future__ import annotations

from collections.abc import Callable, Collection

from reservations.verifiable.files import TileNumber, width_at
from reservations.verifiable.notes import Checkpoint, Kind, NoteFault, Signer, Verifier, read_checkpoint, read_note
from reservations.verifiable.tree import ProofFault, Tree, check_consistency

#: The bytes at a path of the log, « tile/0/000.p/12 ».
Fetch = Callable[[str], bytes]


def cosign(
    written: str,
    *,
    known: Collection[Verifier],
    signers: Collection[Signer],
    seen: Checkpoint | None,
    fetch: Fetch,
    at: int,
) -> tuple[Checkpoint, str]:
    """What this witness saw of the log now, and the lines by which it cosigns it. Tiles are hashed again.

    Raises NoteFault: none of the known keys signed it; ProofFault: it does not extend what was seen.
    """
    note = read_note(written)
    if not note.signed_by(known):
        raise NoteFault("the log did not sign this checkpoint")
    said = read_checkpoint(note.text)
    log = Tree(said.size, lambda level, number: _tile(said.size, level, number, fetch))
    if log.root() != said.root:
        raise ProofFault("the tiles are not those of the checkpoint")
    if seen is not None:
        if seen.origin != said.origin or seen.size > said.size:
            raise ProofFault("the log is shorter than it was, or another one")
        check_consistency(seen.size, seen.root, said.size, said.root, log.consistency(seen.size))
    return said, "".join(each.sign(note.text, at=at) for each in signers if each.kind is not Kind.NOTE)


def _tile(size: int, level: int, number: int, fetch: Fetch) -> list[bytes]:
    tile = TileNumber(number, width_at(level, number, size))
    content = fetch(f"tile/{level}/{tile}")
    if len(content) != tile.width * 32:
        raise ProofFault("a tile is not whole")
    return [content[at : at + 32] for at in range(0, len(content), 32)]
