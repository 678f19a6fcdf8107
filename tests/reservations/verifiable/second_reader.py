"""A second reader of the log, written from the definitions alone: slow, recursive, and of no code of ours."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence


def head(entries: Sequence[bytes]) -> bytes:
    """MTH(D[n]) of RFC 6962, 2.1, from entries."""
    if not entries:
        return hashlib.sha256(b"").digest()
    if len(entries) == 1:
        return hashlib.sha256(b"\x00" + entries[0]).digest()
    k = 1
    while k * 2 < len(entries):
        k *= 2
    return hashlib.sha256(b"\x01" + head(entries[:k]) + head(entries[k:])).digest()


def path(index: int, entries: Sequence[bytes]) -> list[bytes]:
    """PATH(m, D[n]) of RFC 6962, 2.1.1."""
    if len(entries) == 1:
        return []
    k = 1
    while k * 2 < len(entries):
        k *= 2
    if index < k:
        return [*path(index, entries[:k]), head(entries[k:])]
    return [*path(index - k, entries[k:]), head(entries[:k])]


def proof(old: int, entries: Sequence[bytes]) -> list[bytes]:
    """PROOF(m, D[n]) of RFC 6962, 2.1.2."""
    return _subproof(old, entries, whole=True)


def _subproof(old: int, entries: Sequence[bytes], *, whole: bool) -> list[bytes]:
    if old == len(entries):
        return [] if whole else [head(entries)]
    k = 1
    while k * 2 < len(entries):
        k *= 2
    if old <= k:
        return [*_subproof(old, entries[:k], whole=whole), head(entries[k:])]
    return [*_subproof(old - k, entries[k:], whole=False), head(entries[:k])]
