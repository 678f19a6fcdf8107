"""Credentials of the second wall (docs/second-wall.md): signed here by the key of the installation, verified in the
database by blocks made from it, that its owner alone reads.

A credential is 64 hexadecimal digits, the HMAC-SHA256 of what follows them: JSON that says for what it is used, by
which connection, until when, and what it gives. No account of the database can write one: the key is in the
environment.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from functools import cache

#: Bytes of a block of SHA-256.
BLOCK = 64
#: What states the key of credentials from others made from the same secret.
USE = b"equiflux: credentials of the second wall"


@cache
def _key_of(secret: str) -> bytes:
    return hmac.digest(secret.encode(), USE, "sha256")


def blocks_of(secret: str) -> tuple[bytes, bytes]:
    """The (inner, outer) blocks by which an HMAC is made of two SHA-256 (RFC 2104), from a key of the installation."""
    key = _key_of(secret).ljust(BLOCK, b"\0")
    return bytes(byte ^ 0x36 for byte in key), bytes(byte ^ 0x5C for byte in key)


def signed(*, use: str, given: Mapping[str, object], connection: int, until: float, secret: str) -> str:
    """A credential for this connection, of a number given by its server, until this second of its clock."""
    content = json.dumps({**given, "use": use, "connection": connection, "until": until})
    return hmac.digest(_key_of(secret), content.encode(), "sha256").hex() + content
