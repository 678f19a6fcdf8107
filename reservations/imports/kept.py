"""The files of what is kept that come in.

* The bytes of a file, a megabyte at a time: what it is, how its letters are written, where they are not. Nothing here
  holds more than a piece of it.
* The bytes of a file that came in: kept by parts, given back as a stream. Nobody holds all of them in memory.
"""

from __future__ import annotations

import codecs
import hashlib
import io
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO, cast

from reservations.models import FileImport, FilePart
from reservations.refusals import Refusal

CHUNK = 1024 * 1024
EMPTY = "Le fichier est vide : choisissez-en un qui a des lignes."

#: Letters and signs of French in UTF-8 (é, œ, ’, €): in Windows, « Ã© », « Å“ », « â€™ », which nobody writes.
IN_UTF8 = re.compile(rb"[\xc2\xc3\xc5][\x80-\xbf]|\xe2[\x80-\x8b][\x80-\xbf]")
#: What the accents of old Macs (Mac-Roman) and of DOS (CP850) become in Windows, beside a letter: ‚ ƒ ‡ ˆ ‰ Š Ž Ã.
ELSEWHERE = re.compile(rb"[A-Za-z][\x82\x83\x87-\x8a\x8e\xc3]|[\x82\x83\x87-\x8a\x8e\xc3][A-Za-z]")


class FileRefused(Refusal):
    """The whole file cannot be read: nothing of it is imported."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, field="file")


def opened(content: bytes | BinaryIO) -> BinaryIO:
    """A file that can be read from its start as often as one wants; bytes are not copied."""
    return io.BytesIO(content) if isinstance(content, bytes) else content


def pieces(file: BinaryIO) -> Iterator[bytes]:
    """All of it, from its start."""
    file.seek(0)
    while piece := file.read(CHUNK):
        yield piece


def is_workbook(content: bytes | BinaryIO) -> bool:
    """By its first bytes."""
    file = opened(content)
    file.seek(0)
    return file.read(4) == b"PK\x03\x04"


def is_blank(file: BinaryIO) -> bool:
    """Nothing but blanks."""
    return not any(piece.strip() for piece in pieces(file))


def holds(file: BinaryIO, byte: bytes) -> bool:
    """Is this one byte anywhere in it?"""
    return any(byte in piece for piece in pieces(file))


def encoding_of(file: BinaryIO) -> str:
    """The encoding of a text. Raises FileRefused with the line of the first byte that none of them knows, or that is
    not as the rest: read in Windows, a file in UTF-8 that a single byte spoils would lose every accent in silence."""
    file.seek(0)
    start = file.read(CHUNK)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        candidates = ["utf-16"]
    elif b"\0" in start[: start.find(b"\n") + 1 or len(start)]:
        candidates = []
    else:
        candidates = ["utf-8-sig", "cp1252"]
    wrong = 0
    for name in candidates:
        if name == "cp1252" and holds(file, b"\0"):
            break
        wrong = _first_wrong(file, name)
        if wrong < 0:
            if name == "cp1252" and (found := _found(ELSEWHERE, file)) >= 0:
                raise FileRefused(
                    f"Les accents du fichier ne se lisent pas (ligne {_line_of(file, found)}) : "
                    "enregistrez-le au format « CSV UTF-8 », puis choisissez-le de nouveau."
                )
            return name
        if name == "utf-8-sig" and (start.startswith(codecs.BOM_UTF8) or _found(IN_UTF8, file) >= 0):
            raise FileRefused(
                f"Le fichier est en UTF-8, sauf à la ligne {_line_of(file, wrong)} : corrigez les accents de cette "
                "ligne, enregistrez-le au format « CSV UTF-8 », puis choisissez-le de nouveau."
            )
    line = _line_of(file, wrong)
    raise FileRefused(
        f"Le fichier n’est ni en UTF-8 ni en Windows (première erreur à la ligne {line}) : enregistrez-le au format "
        "« CSV UTF-8 », puis choisissez-le de nouveau."
    )


def _line_of(file: BinaryIO, place: int) -> int:
    """The line of a byte, the first being 1."""
    end, count, at = (b"\n" if holds(file, b"\n") else b"\r"), 1, 0
    for piece in pieces(file):
        count += piece.count(end, 0, max(0, place - at))
        at += len(piece)
    return count


def _first_wrong(file: BinaryIO, name: str) -> int:
    """Where the first byte that is none of this encoding stands; −1 when all are. Nothing is kept of what is read."""
    # The mark is a character like another in UTF-8; the decoder that takes it off counts from after it.
    decoder, at = codecs.getincrementaldecoder(name.removesuffix("-sig"))(), 0
    held = 0
    try:
        for piece in pieces(file):
            decoder.decode(piece)
            at += len(piece)
            held = len(decoder.getstate()[0])
        decoder.decode(b"", True)
    except UnicodeError as error:
        return at - held + (error.start if isinstance(error, UnicodeDecodeError) else 0)
    return -1


def _found(pattern: re.Pattern[bytes], file: BinaryIO) -> int:
    """Where what this pattern says, of three bytes at most, first stands; −1 when it does not."""
    at, end = 0, b""
    for piece in pieces(file):
        if match := pattern.search(end + piece):
            return at - len(end) + match.start()
        at += len(piece)
        end = (end + piece)[-2:]
    return -1


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
