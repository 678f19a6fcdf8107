"""The one reader of the tables that come in: the stock (RPLS), the inventory of rights, the SNE,
SYPLO, and every kind of file of the one door (docs/imports.md).

Reported apart by their first bytes: a workbook (XLSX or ODS, the first sheet), else text, in UTF-8 with or without its
mark, in UTF-16 with it, else in Windows (cp1252), as a French spreadsheet writes its « CSV »; columns are separated by
`;`, `,` or tabs. Rows are read as a stream: what is held is a row, and the texts that the cells of a workbook share. A
workbook is read within bounds: what it unpacks to, its columns, its blank rows. A formula is refused: its value is that
of another day, or of another file.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, time
from itertools import chain
from typing import Any, BinaryIO
from xml.etree.ElementTree import Element, ParseError, iterparse

from reservations.imports.cells import EXACT, as_shown, as_written, percentage, plainly
from reservations.imports.kept import CHUNK, EMPTY, FileRefused, encoding_of, holds, is_blank, is_workbook, opened

#: What readers of one kind of file take from here, the bytes apart.
__all__ = [
    "EMPTY",
    "FORMULA",
    "MOST_UNPACKED",
    "SIGNS",
    "FileRefused",
    "Numbered",
    "Unreadable",
    "as_text",
    "check_archive",
    "is_workbook",
    "read_rows",
    "sign_of",
]

SIGNS = (";", "\t", ",")
MOST_COLUMNS = 120
#: Characters of one cell that may hold line breaks; beyond, a quote that never closes has swallowed the rows after it.
LONGEST_CELL = 1_000
#: Blank rows in a row: a sheet of which somebody coloured a whole column has a million.
MOST_BLANK = 80_000
#: What a workbook may unpack to: twenty thousand rows of twelve columns take a tenth of it.
MOST_UNPACKED = 60 * 1024 * 1024
MOST_PARTS = 200
#: Lines that are not blank among which the separator is looked for, in a file that may begin with a banner.
BANNER = 40
#: A cell between quotes.
QUOTED = re.compile(r'"[^"]*"')
#: How a part of a workbook would begin to declare entities: none has a reason to.
DECLARED = b"<!DOCTYPE"

UNREADABLE = (
    "Ce classeur ne se lit pas : enregistrez-le de nouveau au format « Classeur Excel (.xlsx) » ou « CSV UTF-8 »."
)
#: Of a number above `EXACT`, which a spreadsheet that holds it as a figure has rounded.
ROUNDED = (
    "elle est écrite comme un nombre et a perdu des chiffres : mettez la colonne au format texte, puis exportez de "
    "nouveau."
)
FORMULA = "c’est une formule : collez sa valeur à la place (collage spécial, valeurs)."
#: What a workbook that is damaged, or made to harm, raises while it is read.
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    ParseError,
    KeyError,
    ValueError,
    TypeError,
    IndexError,
    AttributeError,
    OverflowError,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
)

#: The number of a row in its file (the first is 1), and its cells: text from a text, values or Unreadable from a sheet.
Numbered = tuple[int, list[Any]]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A cell of a workbook that holds no plain value; `why` begins without a capital, after the name of its column."""

    why: str


def is_open_document(head: bytes) -> bool:
    """A sheet of LibreOffice, by its first hundred bytes: its nature is its first part, not packed."""
    return head[30:38] == b"mimetype" and b"opendocument.spreadsheet" in head[38:100]


def read_rows(
    content: bytes | BinaryIO,
    *,
    sign: str = "",
    breaks: bool = False,
    banner: bool = False,
    unpacked: int = MOST_UNPACKED,
) -> Iterator[Numbered]:
    """Every row of a file, blank ones included, as they are read: its bytes, or a file of them, which is left open.

    `sign`: what separates the columns of a text; "" reads it in its first line, or, with `banner`, in that of its first
    lines which has the most. `unpacked`: what a workbook may unpack to. `breaks`: may a cell of a text hold
    line breaks between quotes? Else a quote never reaches over the end of its line, so that one dirty row cannot
    swallow the next. Raises FileRefused, at once or while it is read: empty, an old .xls, a PDF, no encoding that is
    known, no table, a workbook that is damaged or too large.
    """
    file = opened(content)
    if is_blank(file):
        raise FileRefused(EMPTY)
    file.seek(0)
    start = file.read(100)
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise FileRefused("C’est un ancien classeur (.xls) : enregistrez-le au format « Classeur Excel (.xlsx) ».")
    if start.startswith(b"%PDF"):
        raise FileRefused("C’est un PDF : choisissez un classeur .xlsx ou un fichier CSV.")
    if is_workbook(file):
        return _open_document(file, unpacked) if is_open_document(start) else _workbook(file, unpacked)
    lines, head = _lines(file, encoding_of(file), breaks=breaks), list[str]()
    held = 0
    for line in lines:
        head.append(line)
        held += bool(line.strip())
        if held >= (BANNER if banner else 1):
            break
    if not held:
        raise FileRefused(EMPTY)
    every = chain(head, lines)
    bare = [QUOTED.sub("", line) for line in head]  # a text between quotes may hold many commas
    sign = sign or sign_of(max(bare, key=lambda line: max(line.count(each) for each in SIGNS)) if banner else bare[0])
    return _quoted(every, sign) if breaks else _line_by_line(every, sign)


def as_text(value: Any) -> str | Unreadable:
    """The text of a cell: a day as 2028-12-31, a whole number without its point, another with all its decimals and no
    exponent; an unreadable one as it is."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, Unreadable):
        return value
    if isinstance(value, datetime) and value.time() == time():
        value = value.date()
    if isinstance(value, float) and value.is_integer():
        if abs(value) >= EXACT:
            return Unreadable(ROUNDED)
        value = int(value)
    if isinstance(value, int) and abs(value) >= EXACT and (int(float(value)) == value or value % 1000 == 0):
        return Unreadable(ROUNDED)
    if isinstance(value, float):
        return plainly(value)
    return "" if value is None else str(value).strip()


def _lines(file: BinaryIO, encoding: str, *, breaks: bool) -> Iterator[str]:
    """Physical lines, without their ends, but where cells may hold line breaks: the reader of quotes needs them.
    `str.splitlines` also cuts at rare characters that a name may hold."""
    end = "" if breaks else "\n" if holds(file, b"\n") else "\r"
    file.seek(0)
    text = io.TextIOWrapper(file, encoding, newline=end)
    try:
        for line in text:
            yield line if breaks else line.removesuffix("\n").removesuffix("\r")
    finally:
        with suppress(ValueError):  # it is closed already, by whoever gave it
            text.detach()  # who gave it goes on with it


def sign_of(line: str) -> str:
    """What separates the names of the columns. Raises FileRefused when nothing does."""
    sign = max(SIGNS, key=line.count)
    if sign in line:
        return sign
    raise FileRefused(
        "Ce n’est pas un tableau : la première ligne donne les noms des colonnes, séparés par des points-virgules, des "
        "virgules ou des tabulations."
    )


def _line_by_line(lines: Iterator[str], sign: str) -> Iterator[Numbered]:
    """A stray quote is a character like another: it is one when the line has the right number of cells without it."""
    expected = 0
    for number, line in enumerate(lines, start=1):
        bare = line.split(sign)
        if '"' in line:
            try:
                quoted = next(csv.reader([line], delimiter=sign, strict=True))
            except csv.Error:
                quoted = bare
            if expected in (0, len(quoted)) or len(bare) != expected:
                bare = quoted
        expected = expected or len(bare)
        yield number, [cell.strip() for cell in bare]


def _quoted(lines: Iterator[str], sign: str) -> Iterator[Numbered]:
    """Rows are numbered as a spreadsheet shows them."""
    reader = csv.reader(lines, delimiter=sign)
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            if any(len(cell) > LONGEST_CELL and "\n" in cell for cell in cells):
                raise FileRefused(f"Ligne {number} : un guillemet n’est pas refermé. Corrigez-la, puis recommencez.")
            yield number, cells
    except csv.Error as error:
        raise FileRefused(f"Ligne {number + 1} : elle ne se lit pas. Corrigez-la, puis recommencez.") from error


def _workbook(content: BinaryIO, unpacked: int) -> Iterator[Numbered]:
    from openpyxl import load_workbook  # loaded with the first workbook: most commands read none

    try:
        check_archive(content, unpacked)
        book = load_workbook(content, read_only=True, keep_links=False)
        try:
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # what the file says of its own size is not believed
            blank = 0
            for number, row in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS), start=1):
                cells = [_value(cell) for cell in row]
                while cells and cells[-1] in (None, ""):
                    cells.pop()
                blank = 0 if cells else blank + 1
                if blank > MOST_BLANK:
                    raise FileRefused("La feuille a trop de lignes vides : supprimez-les.")
                yield number, cells
        finally:
            book.close()
    except BROKEN as error:
        raise FileRefused(UNREADABLE) from error


def check_archive(content: BinaryIO, unpacked: int = MOST_UNPACKED) -> None:
    """An archive within bounds, none of whose parts declares entities: what is unpacked is what was measured."""
    with zipfile.ZipFile(content) as archive:
        parts = archive.infolist()
        if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > unpacked:
            raise FileRefused(
                "Ce classeur est trop lourd une fois ouvert : gardez la seule feuille des données, sans image."
            )
        for part in parts:
            with archive.open(part) as stream:
                result = stream.read(CHUNK)
                plain = not part.filename.endswith((".xml", ".rels")) or b"\0" not in result[:4096]
                while result and plain:
                    plain = DECLARED not in result
                    result = result[-len(DECLARED) :] + more if (more := stream.read(CHUNK)) else b""
            if not plain:
                raise FileRefused(UNREADABLE)


def _value(cell: Any) -> Any:
    """What a cell holds, or why it is not taken for what it shows."""
    value = cell.value
    if value is None:
        return None
    if cell.data_type == "f":
        return Unreadable(FORMULA)
    if cell.data_type == "e":
        return Unreadable(f"la cellule porte une erreur de calcul ({value}) : écrivez sa valeur.")
    if isinstance(value, bool):
        return Unreadable("« vrai » ou « faux » n’est pas attendu ici : écrivez la valeur.")
    return as_shown(value, cell.number_format) if isinstance(value, int | float) else value


#: The names of an OpenDocument sheet, by their namespace.
OF_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
OF_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
OF_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"


def _open_document(content: BinaryIO, unpacked: int) -> Iterator[Numbered]:
    """The first sheet of an ODS. What repeats is written out, but the blank that fills the sheet to its edges."""
    try:
        check_archive(content, unpacked)
        with zipfile.ZipFile(content) as archive, archive.open("content.xml") as part:
            number, sheet = 0, None
            for event, element in iterparse(part, events=("start", "end")):  # noqa: S314 - checked: no entity
                if event == "start":
                    sheet = element if sheet is None and element.tag == f"{OF_TABLE}table" else sheet
                    continue
                if element is sheet:
                    break
                if element.tag != f"{OF_TABLE}table-row":
                    continue
                cells = _row_of(element)
                times = int(element.get(f"{OF_TABLE}number-rows-repeated", 1))
                element.clear()
                if not cells:
                    number += times
                    continue
                if times > MOST_BLANK:
                    raise FileRefused("Une même ligne est répétée jusqu’au bas de la feuille : supprimez ces lignes.")
                for _ in range(times):
                    number += 1
                    yield number, list(cells)
    except BROKEN as error:
        raise FileRefused(UNREADABLE) from error


def _row_of(row: Element) -> list[Any]:
    cells: list[Any] = []
    blank = 0
    for cell in row:
        if cell.tag not in (f"{OF_TABLE}table-cell", f"{OF_TABLE}covered-table-cell"):
            continue
        times = int(cell.get(f"{OF_TABLE}number-columns-repeated", 1))
        value = _held_by(cell)
        if value in (None, ""):
            blank += times
        elif len(cells) + blank < MOST_COLUMNS:
            cells += [None] * blank + [value] * min(times, MOST_COLUMNS)
            blank = 0
    return cells[:MOST_COLUMNS]


def _held_by(cell: Element) -> Any:
    """What a cell of an ODS holds, as `_value` for a workbook."""
    nature = cell.get(f"{OF_OFFICE}value-type", "")
    if cell.get(f"{OF_TABLE}formula"):
        return Unreadable(FORMULA)
    if nature == "percentage":
        return percentage(float(cell.get(f"{OF_OFFICE}value", "")))
    if nature in ("float", "currency"):
        return as_written(float(cell.get(f"{OF_OFFICE}value", "")), _text_of(cell))
    if nature == "date":
        return datetime.fromisoformat(cell.get(f"{OF_OFFICE}date-value", ""))
    if nature == "boolean":
        return Unreadable("« vrai » ou « faux » n’est pas attendu ici : écrivez la valeur.")
    return _text_of(cell)


def _text_of(cell: Element) -> str:
    return "\n".join("".join(paragraph.itertext()) for paragraph in cell.iter(f"{OF_TEXT}p")).strip()
