"""The bytes of a file that came in: kept by parts, given back as a stream. Nobody holds all of them in memory."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO, cast

from reservations.imports.bytes_of import pieces
from reservations.models import FileImport, FilePart


@dataclass(frozen=True, slots=True)
class Measure:
    """What there is to say of bytes without reading them as a table: octets, SHA-256, ends of lines."""

    size: int
    sha256: str
    ends: int


def measure(file: BinaryIO) -> Measure:
    """In one reading."""
    size, ends, seal = 0, 0, hashlib.sha256()
    for piece in pieces(file):
        size += len(piece)
        ends += piece.count(b"\n")
        seal.update(piece)
    return Measure(size, seal.hexdigest(), ends)


def keep(order: FileImport, file: BinaryIO) -> None:
    """Keep all of a file, a statement a part. In the caller's transaction."""
    for number, piece in enumerate(pieces(file)):
        FilePart.objects.create(file_import=order, number=number, content=piece)


def parts(order: FileImport) -> Iterator[bytes]:
    """What was kept, in order; nothing once it was emptied. A query a part: none waits in memory for the next."""
    held = FilePart.objects.filter(file_import=order)
    for number in list(held.order_by("number").values_list("number", flat=True)):
        yield bytes(held.values_list("content", flat=True).get(number=number))


@contextmanager
def reopened(order: FileImport) -> Iterator[BinaryIO]:
    """What was kept, as a file of its own on the disk of whoever reads it, gone when it is closed."""
    with tempfile.TemporaryFile() as file:
        for part in parts(order):
            file.write(part)
        yield cast("BinaryIO", file)


def forget(order: FileImport) -> None:
    """Its bytes go; its row and its SHA-256 stay."""
    FilePart.objects.filter(file_import=order.pk).delete()
