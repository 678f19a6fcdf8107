"""One way to write a content to the byte, and the seal of these bytes: two machines seal the same, for ever.

What is sealed (minutes of a committee, an annual balance) is described by whoever seals it; here is only how it is
written."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def canonical(content: Mapping[str, Any]) -> bytes:
    """The one way to write this content: keys sorted, no space, UTF-8. Raises ValueError: a number with a fraction,
    that two machines may write in two ways."""
    _refuse_floats(content)
    written = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return written.encode("utf-8")


def _refuse_floats(value: object) -> None:
    if isinstance(value, float):
        raise ValueError("what is sealed holds whole numbers only")
    if isinstance(value, Mapping):
        for each in value.values():
            _refuse_floats(each)
    elif isinstance(value, list | tuple):
        for each in value:
            _refuse_floats(each)


def seal_of_bytes(written: bytes) -> str:
    """SHA-256 of these bytes, in hexadecimal."""
    return hashlib.sha256(written).hexdigest()


def seal_of(content: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical content, in hexadecimal."""
    return seal_of_bytes(canonical(content))


def verify(content: Mapping[str, Any], seal: str) -> bool:
    """Is this content the one that was sealed, to the byte?"""
    try:
        return seal_of(content) == seal
    except (TypeError, ValueError):
        return False
