"""Where the columns of a file are: under which line, and which is which. By their names, whatever the order; as told
once by hand for the files of an organisation; or, for a file that names none, by the kind that knows its order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO

from reservations.imports.kinds import FileKind, column_key
from reservations.imports.table import FileRefused, Numbered, Unreadable, as_text, read_rows

#: Lines in which the names of the columns are looked for: a file may have a banner.
MOST_BANNER = 40
NO_LINE = "Le fichier a ses noms de colonnes mais aucune ligne : ajoutez-en, puis choisissez-le de nouveau."


@dataclass(frozen=True, slots=True)
class Recognised:
    """The names as written, the line after which the data begin, and the place of each column that is known."""

    header: list[str]
    first_line: int
    places: dict[str, int]

    def missing(self, kind: FileKind) -> list[str]:
        """The columns that are always there, and that are not found."""
        return [column.name for column in kind.columns if column.required and column.name not in self.places]


def texts(rows: Iterator[Numbered]) -> Iterator[tuple[int, list[str | Unreadable]]]:
    """Cells as text, their number in the file; blank rows left out."""
    for number, cells in rows:
        said = [as_text(cell) for cell in cells]
        if any(said):
            yield number, said


def recognise(content: bytes | BinaryIO, kind: FileKind, told: Mapping[str, str]) -> Recognised:
    """Find the columns. `told`: the name that files give each column, as told by hand; it has the last word.

    Raises FileRefused: no table, nothing under the names of the columns, a column there twice.
    """
    first = list(islice(texts(read_rows(content, banner=True, breaks=kind.breaks)), MOST_BANNER))
    rows = [[str(cell) if not isinstance(cell, Unreadable) else "" for cell in cells] for _, cells in first]
    if not rows:
        raise FileRefused("Le fichier est vide : choisissez-en un qui a des lignes.")
    every = frozenset().union(*(column.keys for column in kind.columns)) | {column_key(name) for name in told.values()}
    counts = [len({column_key(cell) for cell in row} & every) for row in rows]
    at = max(range(len(rows)), key=lambda place: counts[place])
    if counts[at] < min(2, len(kind.columns)) and (unnamed := kind.nameless(rows)):
        header, skipped = unnamed
        return Recognised(header, first[skipped - 1][0] if skipped else 0, places_of(header, kind, told))
    if counts[at] == 0:
        at = 0
    if at + 1 >= len(rows):
        raise FileRefused(NO_LINE)
    header = rows[at]
    while header and not header[-1]:
        header.pop()
    return Recognised(header, first[at][0], places_of(header, kind, told))


def places_of(header: Sequence[str], kind: FileKind, told: Mapping[str, str]) -> dict[str, int]:
    """The place of each known column. A column told by hand is where it was told. Raises FileRefused: there twice."""
    keys = [column_key(name) for name in header]
    places: dict[str, int] = {}
    for column in kind.columns:
        by_hand = column_key(told.get(column.name, ""))
        if by_hand and by_hand in keys:
            places[column.name] = keys.index(by_hand)
    free = [place for place in range(len(keys)) if place not in places.values()]
    for column in kind.columns:
        if column.name in places:
            continue
        own = column_key(column.name)
        found = [place for place in free if keys[place] == own] or [
            place for place in free if keys[place] in column.keys
        ]
        if len({keys[place] for place in found}) < len(found):
            raise FileRefused(f"La colonne « {header[found[0]]} » est donnée deux fois : n’en gardez qu’une.")
        if found:
            places[column.name] = found[0]
            free.remove(found[0])
    return places
