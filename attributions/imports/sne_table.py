"""The table of an export of the SNE: XLSX or CSV, under any number of banner rows, its names of columns repaired.

The header is the first row that holds « Numéro Unique » and two other known columns (`attributions/data/`). Names are
compared without accents, case, spaces or line breaks, since exports write « Autre logement dé↵tenu demandeur↵ ».
Rows are read as a stream and within bounds; cells keep the type that the file gives them.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from flux.imports.inventory_table import BROKEN, UNREADABLE, check_archive
from flux.imports.table import FileRefused
from reservations.models.territory import search_key

COLUMNS = Path(__file__).parent.parent / "data" / "sne_export_columns.json"
NUMBER = "Numéro Unique"

#: Banner rows read before giving up on finding the names of the columns.
MOST_BANNER = 200
MOST_ROWS = 20_000
MOST_COLUMNS = 120
#: Characters of one cell; beyond, a quote that never closes has swallowed the rows after it.
LONGEST_CELL = 1_000
#: Columns known, with the number, that make a row the header.
ENOUGH = 3

Row = Sequence[Any]


def column_key(name: object) -> str:
    """What makes two names of columns the same: no accent, case, punctuation, space or line break."""
    return search_key(str(name or "")).replace(" ", "")


@cache
def known_columns() -> dict[str, dict[str, str]]:
    """For each export of the SNE (« demandeurs », « attributaires »), its columns by their key."""
    told = json.loads(COLUMNS.read_text(encoding="utf-8"))
    return {
        shape: {column_key(name): name for name in told[f"{shape}_export"]} for shape in ("demandeurs", "attributaires")
    }


def read_sne_table(content: bytes) -> tuple[list[str], Iterator[tuple[int, Row]]]:
    """The keys of the columns, then each row that is not blank with its number in the file.

    Raises FileRefused, at once or while the rows are read: empty, no workbook and no text, no header, too long.
    """
    if not content.strip():
        raise FileRefused("Le fichier est vide : choisissez un export du SNE.")
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise FileRefused("C’est un ancien classeur (.xls) : enregistrez-le au format « Classeur Excel (.xlsx) ».")
    if content.startswith(b"%PDF"):
        raise FileRefused("C’est un PDF : choisissez l’export du SNE, un classeur .xlsx ou un fichier CSV.")
    if content.startswith(b"PK\x03\x04"):
        return _under_header(_xlsx(content))
    text = _text(content)
    refused: FileRefused | None = None
    for sign in (";", "\t", ","):
        try:
            return _under_header(_csv(text, sign))
        except FileRefused as refusal:
            refused = refused or refusal
    assert refused is not None
    raise refused


def _under_header(rows: Iterator[tuple[int, Row]]) -> tuple[list[str], Iterator[tuple[int, Row]]]:
    every = {key for columns in known_columns().values() for key in columns}
    most = 0
    for number, cells in rows:
        keys = [column_key(cell) for cell in cells]
        found = len(every.intersection(keys))
        if found >= ENOUGH and column_key(NUMBER) in keys:
            return keys, _bounded(rows, number)
        most = max(most, found)
        if number > MOST_BANNER:
            break
    if most >= ENOUGH:
        raise FileRefused(f"Il manque la colonne « {NUMBER} » : ajoutez-la à l’export.")
    raise FileRefused(
        f"Aucune ligne ne donne les noms des colonnes d’un export du SNE : il faut au moins « {NUMBER} » et les "
        "colonnes lues, comme le SNE les écrit."
    )


def _bounded(rows: Iterator[tuple[int, Row]], header: int) -> Iterator[tuple[int, Row]]:
    held = 0
    for number, cells in rows:
        if not any(cell not in (None, "") for cell in cells):
            if number > header + 4 * MOST_ROWS:
                raise FileRefused("La feuille a trop de lignes vides : supprimez-les.")
            continue
        held += 1
        if held > MOST_ROWS:
            raise FileRefused("Le fichier dépasse 20 000 lignes : coupez-le en plusieurs fichiers.")
        yield number, cells


def _xlsx(content: bytes) -> Iterator[tuple[int, Row]]:
    try:
        check_archive(content)
        book = load_workbook(io.BytesIO(content), read_only=True, keep_links=False, data_only=True)
        try:
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # what the file says of its own size is not believed
            yield from enumerate(sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True), start=1)
        finally:
            book.close()
    except BROKEN as error:
        raise FileRefused(UNREADABLE) from error


def _text(content: bytes) -> str:
    """UTF-8 with or without its mark, else Windows: only codes and figures are read, no name is written from it."""
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise FileRefused("Ce n’est ni un classeur .xlsx ni un fichier CSV : choisissez l’export tel que le SNE le donne.")


def _csv(text: str, sign: str) -> Iterator[tuple[int, Row]]:
    """Cells may hold line breaks between quotes: the header does. Rows are numbered as a spreadsheet shows them."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=sign)
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            if any(len(cell) > LONGEST_CELL for cell in cells):
                raise FileRefused(f"Ligne {number} : un guillemet n’est pas refermé. Corrigez-la, puis recommencez.")
            yield number, cells
    except csv.Error as error:
        raise FileRefused(f"Ligne {number + 1} : elle ne se lit pas. Corrigez-la, puis recommencez.") from error
