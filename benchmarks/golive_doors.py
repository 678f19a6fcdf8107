"""Kinds of fault that a file may have whatever it is of, made on purpose at every door (docs/imports.md).

Each is drawn from the columns of a kind: a model line, and good ones around the wrong one. A fault that no column of a
kind can have is left out of that door."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from openpyxl import Workbook

if TYPE_CHECKING:
    from reservations.imports.kinds import Column, FileKind

Grid = list[list[str]]

#: The line of the file that is wrong: the names, two good ones, it, a good one.
WRONG = 4
HEAVY = 61 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Fault:
    """A file with one fault. `line`: the one that must be named, 0 when it is the whole file; then `says`, words of the
    refusal. `column`: the one that must be named."""

    what: str
    content: bytes
    line: int = 0
    says: str = ""
    column: str = ""


def faults_at(kind: FileKind) -> Iterator[Fault]:
    """Every fault that this door can be tried with."""
    yield from _no_table(kind)
    yield from _bad_text(kind)
    yield from _bad_columns(kind)
    yield from _bad_lines(kind)
    yield from _bad_cells(kind)
    yield from _bad_sheet(kind)


def good(kind: FileKind) -> Grid:
    """The names of the columns, and four model lines."""
    row = [column.example for column in kind.columns]
    return [[column.name for column in kind.columns], *(list(row) for _ in range(WRONG))]


def text(grid: Sequence[Sequence[str]], encoding: str = "utf-8") -> bytes:
    """As a French spreadsheet writes it."""
    return ("\r\n".join(";".join(row) for row in grid) + "\r\n").encode(encoding)


def _no_table(kind: FileKind) -> Iterator[Fault]:
    yield Fault("vide", b"", says="Le fichier est vide")
    yield Fault("des lignes vides", b"\xef\xbb\xbf\r\n\r\n", says="Le fichier est vide")
    yield Fault("une image", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), says="ni en UTF-8 ni en Windows")
    yield Fault("un PDF", b"%PDF-1.7 ...", says="C’est un PDF")
    yield Fault("un ancien classeur", b"\xd0\xcf\x11\xe0...", says="C’est un ancien classeur (.xls)")
    yield Fault("un classeur abîmé", b"PK\x03\x04 rien d autre".ljust(120, b"."), says="Ce classeur ne se lit pas")
    yield Fault("un classeur trop lourd", _archive(bytes(HEAVY)), says="trop lourd une fois ouvert")
    entities = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><worksheet/>'
    yield Fault("un classeur à entités", _archive(entities), says="Ce classeur ne se lit pas")
    yield Fault("un texte sans colonne", b"Bonjour.\r\nCordialement.\r\n", says="Ce n’est pas un tableau")


def _archive(part: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", part)
    return held.getvalue()


def _bad_text(kind: FileKind) -> Iterator[Fault]:
    plain = [["".join(letter for letter in cell if letter.isascii()) for cell in row] for row in good(kind)]
    accented = [*plain[:-1], ["Résidence de la liberté, été", *plain[-1][1:]]]
    spoilt = text([*good(kind)[:-1], ["é’"]]) + b"LIBERT\xc9\r\n"
    yield Fault("un octet d’ailleurs", spoilt, says=f"sauf à la ligne {WRONG + 2}")
    yield Fault("les accents d’un vieux Mac", text(accented, "mac-roman"), says=f"ne se lisent pas (ligne {WRONG + 1})")
    yield Fault("les accents de DOS", text(accented, "cp850"), says=f"ne se lisent pas (ligne {WRONG + 1})")
    unknown = text(plain) + b"\x81;\x8d\r\n"
    yield Fault("aucun encodage connu", unknown, says=f"première erreur à la ligne {WRONG + 2}")


def _bad_columns(kind: FileKind) -> Iterator[Fault]:
    names, *rows = good(kind)
    yield Fault("des colonnes sans ligne", text([names]), says="aucune ligne")
    twice = [[*row, row[0]] for row in (names, *rows)]
    yield Fault("une colonne deux fois", text(twice), says=f"« {names[0]} » est donnée deux fois")
    for place, column in enumerate(kind.columns):
        if column.required:
            less = [[*row[:place], *row[place + 1 :]] for row in (names, *rows)]
            yield Fault("une colonne nécessaire absente", text(less), says=column.name)
            return


def _changed(kind: FileKind, place: int, cell: str) -> bytes:
    grid = good(kind)
    grid[WRONG - 1][place] = cell
    return text(grid)


def _bad_lines(kind: FileKind) -> Iterator[Fault]:
    grid = good(kind)
    longer = [row if number != WRONG - 1 else [*row, "de trop"] for number, row in enumerate(grid)]
    yield Fault("une cellule de trop", text(longer), WRONG, column=kind.columns[0].name)
    required = [place for place, column in enumerate(kind.columns) if column.required]
    if required:
        yield Fault(
            "une cellule nécessaire vide",
            _changed(kind, required[0], ""),
            WRONG,
            column=kind.columns[required[0]].name,
        )
        cut = [row if number != WRONG - 1 else row[: required[-1]] or [" ", "x"] for number, row in enumerate(grid)]
        yield Fault("une ligne coupée", text(cut), WRONG, column=kind.columns[required[-1]].name)


#: What a cell may say wrong, by what its column reads: the fault, the cell.
CELLS: dict[type, tuple[tuple[str, str], ...]] = {
    date: (
        ("un jour qui n’existe pas", "31/02/2026"),
        ("un jour à l’américaine", "02/28/2026"),
        ("une année à deux chiffres", "28/02/26"),
        ("une année d’un autre temps", "28/02/0226"),
        ("un jour en lettres", "fin février"),
    ),
    int: (
        ("un nombre en lettres", "trois"),
        ("un nombre négatif", "-99999"),
        ("un nombre hors bornes", "999999999"),
        ("un nombre à virgule", "3,25"),
    ),
    Decimal: (
        ("un nombre en lettres", "trois"),
        ("un nombre négatif", "-99999"),
        ("un nombre hors bornes", "999999999"),
        ("deux virgules", "1,200,50"),
    ),
    bool: (("ni oui ni non", "peut-être"),),
}
#: The same, for those that read words: the fault, the cell, and what such a column reads.
WORDS = (
    ("une adresse électronique illisible", "pas une adresse", "nom@domaine.fr"),
    ("un SIREN faux", "123456789", "990000044"),
    ("un code inconnu", "?!", ""),
    ("un texte trop long", "x" * 2_000, ""),
)


def _bad_cells(kind: FileKind) -> Iterator[Fault]:
    """Each fault once, in the first column that refuses it."""
    done = set[str]()
    for place, column in enumerate(kind.columns):
        read = _read(column, column.example) if column.example else None
        rows = CELLS.get(type(read), ()) if not isinstance(read, str) else ()
        words = ((what, cell) for what, cell, right in WORDS if not right or _read(column, right) is not None)
        for what, cell in (*rows, *(words if isinstance(read, str) else ())):
            if what not in done and not column.soft and _read(column, cell) is None:
                done.add(what)
                yield Fault(what, _changed(kind, place, cell), WRONG, column=column.name)


def _read(column: Column, cell: str) -> Any:
    """What a cell says; None when its column refuses it."""
    from reservations.imports.cells import CellRefused

    try:
        return column.read(cell)
    except CellRefused:
        return None


def _bad_sheet(kind: FileKind) -> Iterator[Fault]:
    cells: tuple[tuple[str, Callable[[Any], None]], ...] = (
        ("une formule", lambda cell: setattr(cell, "value", "=1+1")),
        ("une erreur de calcul", _error),
        ("vrai ou faux", lambda cell: setattr(cell, "value", True)),
    )
    for what, spoil in cells:
        book, held = Workbook(), io.BytesIO()
        sheet = book.active
        assert sheet is not None
        for row in good(kind):
            sheet.append(row)
        spoil(sheet.cell(row=WRONG, column=1))
        book.save(held)
        yield Fault(what, held.getvalue(), WRONG, column=kind.columns[0].name)


def _error(cell: Any) -> None:
    cell.value, cell.data_type = "#REF!", "e"
