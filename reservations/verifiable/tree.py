"""Trees of hashes, to the letter of RFC 6962 (section 2.1): roots, proofs of inclusion and of consistency.

Beside them, one proof of many leaves together: the account of a holder for a year holds each hash once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Sequence

#: Hashes of one tile (C2SP, tlog-tiles).
WIDTH = 256
#: The root of a tree without leaves: the hash of nothing.
EMPTY = hashlib.sha256().digest()

#: The hashes of one tile, (level, number) given: all 256 of one that is full.
Tiles = Callable[[int, int], Sequence[bytes]]


class ProofFault(Exception):
    """The proof does not hold: what it says of the tree is not what the tree is."""


def leaf_hash(entry: bytes) -> bytes:
    """The hash of one entry."""
    return hashlib.sha256(b"\0" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees, side by side."""
    return hashlib.sha256(b"\1" + left + right).digest()


def split(size: int) -> int:
    """The largest power of two that is smaller than this size: the leaves on the left."""
    return 1 << (size - 1).bit_length() - 1


def root_of(hashes: Sequence[bytes]) -> bytes:
    """The root over these hashes of leaves, in order."""
    if not hashes:
        return EMPTY
    if len(hashes) == 1:
        return hashes[0]
    left = split(len(hashes))
    return node_hash(root_of(hashes[:left]), root_of(hashes[left:]))


class Tree:
    """A tree read by its tiles, each of them once."""

    def __init__(self, size: int, tiles: Tiles) -> None:
        self.size = size
        self._tiles = tiles
        self._read: dict[tuple[int, int], Sequence[bytes]] = {}

    def root(self, size: int | None = None) -> bytes:
        """The root that the tree has, or had at this size."""
        size = self._within(self.size if size is None else size)
        return self._hash(0, size) if size else EMPTY

    def inclusion(self, index: int, size: int | None = None) -> list[bytes]:
        """The proof that a leaf is in the tree of this size: PATH(m, D[n])."""
        size = self._within(self.size if size is None else size)
        if not 0 <= index < size:
            raise ValueError("no leaf has this index in a tree of this size")
        found: list[bytes] = []
        start, end = 0, size
        while end - start > 1:
            middle = start + split(end - start)
            if index < middle:
                found.append(self._hash(middle, end))
                end = middle
            else:
                found.append(self._hash(start, middle))
                start = middle
        return found[::-1]

    def consistency(self, old: int, size: int | None = None) -> list[bytes]:
        """The proof that the tree of this size begins with the tree of the old one: PROOF(m, D[n])."""
        size = self._within(self.size if size is None else size)
        if not 0 <= old <= size:
            raise ValueError("a tree does not begin with one that is larger")
        if old in {0, size}:
            return []
        found: list[bytes] = []
        start, end, whole = 0, size, True
        while old != end:
            middle = start + split(end - start)
            if old <= middle:
                found.append(self._hash(middle, end))
                end = middle
            else:
                found.append(self._hash(start, middle))
                start, whole = middle, False
        return [*([] if whole else [self._hash(start, end)]), *found[::-1]]

    def batch(self, indexes: Collection[int], size: int | None = None) -> list[bytes]:
        """What a reader of these leaves lacks to compute the root: the hashes of the largest subtrees without any of
        them, from left to right."""
        size = self._within(self.size if size is None else size)
        return [self._hash(start, end) for start, end in _without(sorted(set(indexes)), 0, size)]

    def _within(self, size: int) -> int:
        if not 0 <= size <= self.size:
            raise ValueError("the tree never had this size")
        return size

    def _hash(self, start: int, end: int) -> bytes:
        """The hash of the leaves of a subtree. One that is as wide as tiles count is in a tile of its level."""
        level, span = 0, 1
        while span < end - start:
            level, span = level + 1, span * WIDTH
        if span == end - start:
            hashes, place = self._tile(level, start // span // WIDTH), start // span % WIDTH
            if place >= len(hashes):
                raise ProofFault("a tile is not whole")
            return hashes[place]
        middle = start + split(end - start)
        return node_hash(self._hash(start, middle), self._hash(middle, end))

    def _tile(self, level: int, number: int) -> Sequence[bytes]:
        if (level, number) not in self._read:
            self._read[level, number] = self._tiles(level, number)
        return self._read[level, number]


def _without(indexes: Sequence[int], start: int, end: int) -> Iterator[tuple[int, int]]:
    """The largest subtrees between these leaves that hold none of the indexes."""
    if not indexes:
        yield start, end
    elif end - start > 1:
        middle = start + split(end - start)
        yield from _without([each for each in indexes if each < middle], start, middle)
        yield from _without([each for each in indexes if each >= middle], middle, end)


def check_consistency(old: int, old_root: bytes, size: int, root: bytes, path: Sequence[bytes]) -> None:
    """Does this tree begin with the old one (RFC 9162, 2.1.4.2)? Raises ProofFault: it does not."""
    if not 0 <= old <= size:
        raise ProofFault("a tree does not begin with one that is larger")
    if old in {0, size}:
        if path or (old == size and old_root != root) or (old == 0 and old_root != EMPTY):
            raise ProofFault("two trees of one size differ, or what is empty is proved")
        return
    hashes = list(path) if old & (old - 1) else [old_root, *path]
    if not hashes:
        raise ProofFault("the proof is too short")
    at, last = old - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    before = after = hashes[0]
    for each in hashes[1:]:
        if last == 0:
            raise ProofFault("the proof is too long")
        if at & 1 or at == last:
            before, after = node_hash(each, before), node_hash(each, after)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            after = node_hash(after, each)
        at, last = at >> 1, last >> 1
    if last or before != old_root or after != root:
        raise ProofFault("one tree does not begin with the other")


def root_by_inclusion(index: int, size: int, leaf: bytes, path: Sequence[bytes]) -> bytes:
    """The root that a proof of inclusion gives (RFC 6962, 2.1.1). Raises ProofFault: it is not of this size."""
    if size == 1:
        if index or path:
            raise ProofFault("the proof has not the length of the log")
        return leaf
    if not path:
        raise ProofFault("the proof is too short")
    *rest, other = path
    left = split(size)
    if index < left:
        return node_hash(root_by_inclusion(index, left, leaf, rest), other)
    return node_hash(other, root_by_inclusion(index - left, size - left, leaf, rest))
