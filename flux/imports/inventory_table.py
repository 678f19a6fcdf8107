"""The rows of a table that a landlord's software or a spreadsheet wrote: CSV or XLSX, every cell as text.

CSV: UTF-8, with or without its mark, else Windows (cp1252); `;` or `,`. Here nothing is written from a name: units,
programmes and holders are looked up, so that a wrong guess of the encoding finds nothing rather than something else.
XLSX: the first sheet, read as a stream, within bounds: what a file unpacks to, its rows, its columns. A formula is
refused: its value is that of another day, or of another file.
"""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from flux.imports.table import FileRefused
from flux.operations.stock_inventory_file import RowError

MOST_ROWS = 20_000
MOST_COLUMNS = 60
LONGEST_CELL = 200
#: What an XLSX file may unpack to: twenty thousand rows of twelve columns take a tenth of it.
MOST_UNPACKED = 60 * 1024 * 1024
MOST_PARTS = 200

UNREADABLE = (
    "Ce classeur ne se lit pas : enregistrez-le de nouveau au format « Classeur Excel (.xlsx) » ou « CSV UTF-8 »."
)
#: What a workbook that is damaged, or made to harm, raises while it is read.
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    InvalidFileException,
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


class _CellRefused(Exception):
    """A cell that cannot be read; says why."""


@dataclass(frozen=True, slots=True)
class Table:
    """`header` as written; `rows`: number in the file (the header is 1) and cells, blank rows apart; what is wrong."""

    header: list[str]
    rows: list[tuple[int, list[str]]]
    errors: list[RowError]


def read_any_table(content: bytes) -> Table:
    """Read a CSV or an XLSX file, told apart by its first bytes. A row with an unreadable cell is left to `errors`.

    Raises FileRefused when the whole file cannot be read: empty, an old .xls, neither encoding, too large.
    """
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise FileRefused("C’est un ancien classeur (.xls) : enregistrez-le au format « Classeur Excel (.xlsx) ».")
    read = _xlsx(content) if content.startswith(b"PK\x03\x04") else _csv(_text(content))
    number, first = next(read, (0, []))
    if not number:
        raise FileRefused("Le fichier est vide : choisissez l’inventaire de vos droits.")
    header = [str(cell) for cell in first]
    while header and not header[-1]:
        header.pop()
    rows: list[tuple[int, list[str]]] = []
    errors: list[RowError] = []
    for number, cells in read:
        if not any(cells):
            continue
        if len(rows) >= MOST_ROWS:
            raise FileRefused("Le fichier dépasse 20 000 lignes : coupez-le en plusieurs fichiers, titre par titre.")
        wrong = list(_wrong(number, header, cells))
        errors += wrong
        if not wrong:
            rows.append((number, [str(cell) for cell in cells]))
    return Table(header, rows, errors)


def _wrong(number: int, header: list[str], cells: list[str | _CellRefused]) -> Iterator[RowError]:
    for place, cell in enumerate(cells):
        column = header[place] if place < len(header) else f"colonne {place + 1}"
        if isinstance(cell, _CellRefused):
            yield RowError(number, column, str(cell))
        elif place >= len(header) and cell:
            yield RowError(number, column, "cette cellule n’est sous aucun nom de colonne : videz-la.")
        elif len(cell) > LONGEST_CELL:
            yield RowError(number, column, f"{LONGEST_CELL} caractères au plus : raccourcissez-la.")
        elif cell.startswith("="):
            yield RowError(number, column, FORMULA)
        elif any(ord(sign) < 32 for sign in cell):
            yield RowError(number, column, "un caractère ne se lit pas : retapez la cellule.")


FORMULA = "c’est une formule : collez sa valeur à la place (collage spécial, valeurs)."


def _text(content: bytes) -> str:
    if not content.strip():
        raise FileRefused("Le fichier est vide : choisissez l’inventaire de vos droits.")
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise FileRefused("Le fichier n’est ni en UTF-8 ni en Windows : enregistrez-le au format « CSV UTF-8 ».")


def _csv(text: str) -> Iterator[tuple[int, list[str | _CellRefused]]]:
    """A quote never reaches over the end of its line, so that one dirty row cannot swallow the next."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    sign = ";" if ";" in lines[0] else ","
    if sign not in lines[0]:
        raise FileRefused(
            "Ce n’est pas un tableau : la première ligne donne les noms des colonnes, séparés par des points-virgules."
        )
    for number, line in enumerate(lines, start=1):
        try:
            cells = next(csv.reader([line], delimiter=sign, strict=True), [])
        except csv.Error:
            cells = line.split(sign)
        yield number, [cell.strip() for cell in cells]


def _xlsx(content: bytes) -> Iterator[tuple[int, list[str | _CellRefused]]]:
    try:
        check_archive(content)
        book = load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
        try:
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # what the file says of its own size is not believed
            for number, row in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS), start=1):
                if number > 2 * MOST_ROWS:
                    raise FileRefused("La feuille a trop de lignes : supprimez celles qui sont vides.")
                yield number, _trimmed(_cell(cell) for cell in row)
        finally:
            book.close()
    except BROKEN as error:
        raise FileRefused(UNREADABLE) from error


def check_archive(content: bytes) -> None:
    """An archive within bounds, none of whose parts declares entities: what is unpacked is what was measured."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = archive.infolist()
        if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
            raise FileRefused(
                "Ce classeur est trop lourd une fois ouvert : gardez la seule feuille des données, sans image."
            )
        for part in parts:
            said = archive.read(part)
            if b"<!DOCTYPE" in said or (part.filename.endswith((".xml", ".rels")) and b"\0" in said[:4096]):
                raise FileRefused(UNREADABLE)


def _trimmed(cells: Iterable[str | _CellRefused]) -> list[str | _CellRefused]:
    read = list(cells)
    while read and read[-1] == "":
        read.pop()
    return read


def _cell(cell: Any) -> str | _CellRefused:
    """The text of a cell: a day as 2028-12-31, a whole number without its point."""
    value = cell.value
    if value is not None and (why := _why_not(cell.data_type, value)):
        return _CellRefused(why)
    if isinstance(value, datetime) and value.time() == time():
        value = value.date()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value).strip()


def _why_not(kind: str, value: object) -> str:
    """Why a cell is not taken for what it shows; "" when it is."""
    if kind == "f":
        return FORMULA
    if kind == "e":
        return f"la cellule porte une erreur de calcul ({value}) : écrivez sa valeur."
    return "« vrai » ou « faux » n’est pas attendu ici : écrivez la valeur." if isinstance(value, bool) else ""
