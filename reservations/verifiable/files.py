"""Files.

* What a log is published in, as C2SP writes it: tiles and bundles of entries (tlog-tiles), proofs (tlog-proof).
* A witness of a log: it cosigns only what extends what it saw (C2SP, tlog-cosignature).
"""

from __future__ import annotations

import base64
import re
import struct
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from reservations.verifiable.notes import Checkpoint, Kind, NoteFault, Signer, Verifier, read_checkpoint, read_note
from reservations.verifiable.tree import WIDTH, ProofFault, Tree, check_consistency

PROOF = "c2sp.org/tlog-proof@v1"
#: « x001/x234/067 », then « .p/12 » when the tile is not full.
NUMBER = re.compile(r"((?:x\d{3}/)*)(\d{3})(?:\.p/([1-9]\d{0,2}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class TileNumber:
    """Which tile of a level, and how many hashes it has: 256 for one that is full."""

    number: int
    width: int = WIDTH

    def __str__(self) -> str:
        parts = [f"{self.number % 1000:03}"]
        rest = self.number // 1000
        while rest:
            parts.insert(0, f"x{rest % 1000:03}")
            rest //= 1000
        return "/".join(parts) + ("" if self.width == WIDTH else f".p/{self.width}")


def read_tile_number(written: str) -> TileNumber | None:
    """The tile that an address names; None when it names none."""
    found = NUMBER.fullmatch(written)
    if found is None:
        return None
    number = int(found[1].replace("x", "").replace("/", "") + found[2])
    tile = TileNumber(number, int(found[3]) if found[3] else WIDTH)
    return tile if str(tile) == written else None


def width_at(level: int, number: int, size: int) -> int:
    """How many hashes this tile has in a tree of this size; 0 when there is none."""
    return max(0, min(WIDTH, size // WIDTH**level - number * WIDTH))


def bundle(entries: Iterable[bytes]) -> bytes:
    """Entries one after the other, each behind its length."""
    return b"".join(struct.pack(">H", len(each)) + each for each in entries)


@dataclass(frozen=True, slots=True)
class Proof:
    """That an entry is in the log of a checkpoint; `extra` is what else the reader needs, trusted by its hash alone."""

    index: int
    path: Sequence[bytes]
    checkpoint: str
    extra: bytes = b""

    def __str__(self) -> str:
        extra = [f"extra {base64.b64encode(self.extra).decode()}"] if self.extra else []
        path = [base64.b64encode(each).decode() for each in self.path]
        return "\n".join([PROOF, *extra, f"index {self.index}", *path, "", self.checkpoint])


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
    result = read_checkpoint(note.text)
    log = Tree(result.size, lambda level, number: _tile(result.size, level, number, fetch))
    if log.root() != result.root:
        raise ProofFault("the tiles are not those of the checkpoint")
    if seen is not None:
        if seen.origin != result.origin or seen.size > result.size:
            raise ProofFault("the log is shorter than it was, or another one")
        check_consistency(seen.size, seen.root, result.size, result.root, log.consistency(seen.size))
    return result, "".join(each.sign(note.text, at=at) for each in signers if each.kind is not Kind.NOTE)


def _tile(size: int, level: int, number: int, fetch: Fetch) -> list[bytes]:
    tile = TileNumber(number, width_at(level, number, size))
    content = fetch(f"tile/{level}/{tile}")
    if len(content) != tile.width * 32:
        raise ProofFault("a tile is not whole")
    return [content[at : at + 32] for at in range(0, len(content), 32)]
