"""What readers of the log do, and the product does not: they read its files, and compute roots from its proofs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from reservations.verifiable.files import PROOF, Proof
from reservations.verifiable.notes import NoteFault, decoded
from reservations.verifiable.tree import ProofFault, node_hash, split


def root_by_batch(leaves: Mapping[int, bytes], size: int, lacking: Sequence[bytes]) -> bytes:
    """The root that these leaves ({index: hash}) give with what `Tree.batch` says they lack. Raises ProofFault."""
    if not leaves or not all(0 <= each < size for each in leaves):
        raise ProofFault("no leaf has one of these indexes in a tree of this size")
    rest = iter(lacking)
    found = _gathered(leaves, sorted(leaves), 0, size, rest)
    if next(rest, None) is not None:
        raise ProofFault("the proof is too long")
    return found


def _gathered(
    leaves: Mapping[int, bytes], indexes: Sequence[int], start: int, end: int, rest: Iterator[bytes]
) -> bytes:
    if not indexes:
        found = next(rest, None)
        if found is None:
            raise ProofFault("the proof is too short")
        return found
    if end - start == 1:
        return leaves[start]
    middle = start + split(end - start)
    left = _gathered(leaves, [each for each in indexes if each < middle], start, middle, rest)
    return node_hash(left, _gathered(leaves, [each for each in indexes if each >= middle], middle, end, rest))


def read_proof(written: str) -> Proof:
    """A proof as it is written. Raises NoteFault."""
    head, blank, checkpoint = written.partition("\n\n")
    lines = head.split("\n")
    if not blank or lines.pop(0) != PROOF:
        raise NoteFault("this is no proof")
    extra = decoded(lines.pop(0).removeprefix("extra ")) if lines and lines[0].startswith("extra ") else b""
    text = lines.pop(0).removeprefix("index ") if lines and lines[0].startswith("index ") else ""
    if not text.isascii() or not text.isdecimal() or str(int(text)) != text:
        raise NoteFault("a proof says the index of its entry")
    path = [decoded(each) for each in lines]
    if any(len(each) != 32 for each in path):
        raise NoteFault("a hash has 32 bytes")
    return Proof(int(text), path, checkpoint, extra)
