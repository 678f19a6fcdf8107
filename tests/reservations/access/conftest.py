"""What a sign-in costs is counted in passwords hashed, never in seconds: a machine may be busy."""

from __future__ import annotations

import pytest

from reservations.access.passwords import Argon2id, Before


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The algorithm of each password hashed from now on, in order."""
    done: list[str] = []
    argon_encode, argon_verify, before_encode = Argon2id.encode, Argon2id.verify, Before.encode

    def encode(hasher: Argon2id, *args: str) -> str:
        done.append(hasher.algorithm)
        return argon_encode(hasher, *args)

    def verify(hasher: Argon2id, *args: str) -> bool:
        done.append(hasher.algorithm)
        return argon_verify(hasher, *args)

    def encode_as_before(hasher: Before, *args: int | str) -> str:
        done.append(hasher.algorithm)
        return before_encode(hasher, *args)

    monkeypatch.setattr(Argon2id, "encode", encode)
    monkeypatch.setattr(Argon2id, "verify", verify)
    monkeypatch.setattr(Before, "encode", encode_as_before)
    return done
