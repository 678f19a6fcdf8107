"""Signed notes, checkpoints and cosignatures, as C2SP writes them (signed-note, tlog-checkpoint, tlog-cosignature).

Keys are text: a verifier key « name+id+base64 », which is public; a signer key « PRIVATE+KEY+name+id+base64 », which is
in the environment of who signs and nowhere else. Ed25519, and ML-DSA-44 beside it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import struct
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import IntEnum

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

PRIVATE = "PRIVATE+KEY+"
DASH = "\u2014 "
#: Signatures that a note may carry; one holds at most five thousand bytes.
MOST = 32


class NoteFault(Exception):
    """The note is not written as it should be, or nobody who is known signed it."""


class Kind(IntEnum):
    """What a key signs, by the byte that its name and its public key are hashed with."""

    NOTE = 0x01
    COSIGNATURE = 0x04
    COSIGNATURE_ML = 0x06

    @property
    def is_timed(self) -> bool:
        return self is not Kind.NOTE


def key_id(name: str, kind: Kind, public: bytes) -> bytes:
    """The four bytes that name a key in a signature."""
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key that is known, with its name."""

    name: str
    kind: Kind
    public: bytes

    @property
    def id(self) -> bytes:
        return key_id(self.name, self.kind, self.public)

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(bytes([self.kind]) + self.public).decode()}"

    def verifies(self, text: str, signature: bytes) -> bool:
        """Did this key sign this text?"""
        stamp, signed = (_stamp(signature), signature[8:]) if self.kind.is_timed else (0, signature)
        try:
            message = _message(self.name, self.kind, text, stamp)
            if self.kind is Kind.COSIGNATURE_ML:
                MLDSA44PublicKey.from_public_bytes(self.public).verify(signed, message)
            else:
                Ed25519PublicKey.from_public_bytes(self.public).verify(signed, message)
        except (InvalidSignature, ValueError, NoteFault):
            return False
        return True


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key, by its seed of 32 bytes."""

    name: str
    kind: Kind
    seed: bytes

    @property
    def verifier(self) -> Verifier:
        key = self._key
        return Verifier(self.name, self.kind, key.public_key().public_bytes_raw())

    @property
    def _key(self) -> Ed25519PrivateKey | MLDSA44PrivateKey:
        if self.kind is Kind.COSIGNATURE_ML:
            return MLDSA44PrivateKey.from_seed_bytes(self.seed)
        return Ed25519PrivateKey.from_private_bytes(self.seed)

    def __str__(self) -> str:
        seed = base64.b64encode(bytes([self.kind]) + self.seed).decode()
        return f"{PRIVATE}{self.name}+{self.verifier.id.hex()}+{seed}"

    def __repr__(self) -> str:
        return f"Signer({self.name!r})"

    def sign(self, text: str, *, at: int = 0) -> str:
        """The line by which this key signs this text; `at`, in seconds, is what a cosignature says of its time."""
        signature = self._key.sign(_message(self.name, self.kind, text, at))
        stamped = struct.pack(">Q", at) + signature if self.kind.is_timed else signature
        return f"{DASH}{self.name} {base64.b64encode(self.verifier.id + stamped).decode()}\n"


@dataclass(frozen=True, slots=True)
class Signature:
    """A line of a note: who signed, by which key, and the signature itself."""

    name: str
    id: bytes
    content: bytes

    def __str__(self) -> str:
        return f"{DASH}{self.name} {base64.b64encode(self.id + self.content).decode()}\n"

    @property
    def at(self) -> int:
        """When a cosignature says that it was made, in seconds."""
        return _stamp(self.content)


@dataclass(frozen=True, slots=True)
class Note:
    """A text and who signed it."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        return f"{self.text}\n" + "".join(map(str, self.signatures))

    def signed_by(self, known: Iterable[Verifier]) -> list[Verifier]:
        """Of the keys that are known, those that signed. Raises NoteFault: a signature of one of them is false."""
        found = []
        for verifier in known:
            theirs = [each for each in self.signatures if (each.name, each.id) == (verifier.name, verifier.id)]
            if not all(verifier.verifies(self.text, each.content) for each in theirs):
                raise NoteFault(f"the signature of {verifier.name} is false")
            if theirs:
                found.append(verifier)
        return found


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How large a log is, and its root."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def sign_note(text: str, signers: Collection[Signer], *, at: int = 0) -> str:
    """The note that these keys sign together."""
    return f"{text}\n" + "".join(each.sign(text, at=at) for each in signers)


def read_note(written: str) -> Note:
    """A note as it is written. Raises NoteFault."""
    if any(ord(each) < 0x20 and each != "\n" for each in written):
        raise NoteFault("a note holds no control character")
    text, blank, signed = written.rpartition("\n\n")
    lines = signed.removesuffix("\n").split("\n")
    if not blank or not signed.endswith("\n") or len(lines) > MOST:
        raise NoteFault("a note is a text, an empty line, and signatures")
    return Note(f"{text}\n", tuple(read_signature(line) for line in lines))


def read_signature(line: str) -> Signature:
    """One line of a note. Raises NoteFault."""
    name, space, content = line.removeprefix(DASH).partition(" ")
    held = decoded(content)
    if not line.startswith(DASH) or not space or not _named(name) or len(held) < 5:
        raise NoteFault("a signature is a dash, a name and base64")
    return Signature(name, held[:4], held[4:])


def read_checkpoint(text: str) -> Checkpoint:
    """The checkpoint that the text of a note says. Raises NoteFault."""
    lines = text.removesuffix("\n").split("\n")
    if len(lines) < 3 or not all(lines) or not lines[1].isascii() or not lines[1].isdecimal():
        raise NoteFault("a checkpoint has an origin, a size and a root")
    root = decoded(lines[2])
    if len(root) != 32 or (lines[1] != "0" and lines[1].startswith("0")):
        raise NoteFault("a checkpoint has an origin, a size and a root")
    return Checkpoint(lines[0], int(lines[1]), root)


def read_verifier(written: str) -> Verifier:
    """A verifier key as it is written. Raises NoteFault."""
    name, kind, public, result = _key_parts(written.strip())
    if len(public) != (1312 if kind is Kind.COSIGNATURE_ML else 32):
        raise NoteFault("this key has not the length of its kind")
    return _is_named(Verifier(name, kind, public), result)


def read_signer(written: str) -> Signer:
    """A signer key as the environment gives it. Raises NoteFault."""
    if not written.strip().startswith(PRIVATE):
        raise NoteFault("a signer key begins with PRIVATE+KEY")
    name, kind, seed, result = _key_parts(written.strip().removeprefix(PRIVATE))
    if len(seed) != 32:
        raise NoteFault("the seed of a key has 32 bytes")
    signer = Signer(name, kind, seed)
    _is_named(signer.verifier, result)
    return signer


def decoded(written: str) -> bytes:
    """What this base64 says, written in the one way there is. Raises NoteFault."""
    try:
        found = base64.b64decode(written, validate=True)
    except (binascii.Error, ValueError) as fault:
        raise NoteFault("this is no base64") from fault
    if base64.b64encode(found).decode() != written:
        raise NoteFault("this is no base64")
    return found


def _key_parts(written: str) -> tuple[str, Kind, bytes, str]:
    name, _, rest = written.partition("+")
    result, _, content = rest.partition("+")
    held = decoded(content)
    if not _named(name) or not held or held[0] not in set(Kind):
        raise NoteFault("a key is a name, an identifier and base64")
    return name, Kind(held[0]), held[1:], result


def _is_named(verifier: Verifier, text: str) -> Verifier:
    if verifier.id.hex() != text:
        raise NoteFault("the identifier of this key is not that of its name and content")
    return verifier


def _named(name: str) -> bool:
    return bool(name) and "+" not in name and not any(each.isspace() for each in name)


def _stamp(signature: bytes) -> int:
    return int.from_bytes(signature[:8])


def _message(name: str, kind: Kind, text: str, at: int) -> bytes:
    """The bytes that a key of this kind signs."""
    if kind is Kind.NOTE:
        return text.encode()
    if kind is Kind.COSIGNATURE:
        return f"cosignature/v1\ntime {at}\n{text}".encode()
    checkpoint = read_checkpoint(text)
    held = [name.encode(), checkpoint.origin.encode()]
    if any(not 1 <= len(each) <= 255 for each in held):
        raise NoteFault("a name has 255 bytes at most")
    cosigner, origin = (bytes([len(each)]) + each for each in held)
    ends = struct.pack(">QQ", 0, checkpoint.size)
    return b"subtree/v1\n\0" + cosigner + struct.pack(">Q", at) + origin + ends + checkpoint.root
