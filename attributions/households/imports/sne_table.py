"""The table of an export of the SNE: XLSX or CSV, under any number of banner rows, its names of columns repaired.

The header is the first row that holds « Numéro Unique » and two other known columns (`data/` of this wing). Names are
compared without accents, case, spaces or line breaks, since exports write « Autre logement dé↵tenu demandeur↵ ».
Rows are read as a stream and within bounds; cells keep the type that the file gives them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from reservations.imports.table import SIGNS, FileRefused, is_workbook, read_rows
from reservations.models.territory import search_key

COLUMNS = Path(__file__).parent.parent / "data" / "sne_export_columns.json"
NUMBER = "Numéro Unique"

#: Banner rows read before giving up on finding the names of the columns.
MOST_BANNER = 200
MOST_ROWS = 20_000
#: Columns known, with the number, that make a row the header.
ENOUGH = 3

Row = Sequence[Any]


def column_key(name: object) -> str:
    """What makes two names of columns the same: no accent, case, punctuation, space or line break."""
    return search_key(str(name or "")).replace(" ", "")


@cache
def known_columns() -> dict[str, dict[str, str]]:
    """For each export of the SNE (« demandeurs », « attributaires »), its columns by their key."""
    content = json.loads(COLUMNS.read_text(encoding="utf-8"))
    return {
        shape: {column_key(name): name for name in content[f"{shape}_export"]}
        for shape in ("demandeurs", "attributaires")
    }


def read_sne_table(content: bytes) -> tuple[list[str], Iterator[tuple[int, Row]]]:
    """The keys of the columns, then each row that is not blank with its number in the file.

    Raises FileRefused, at once or while the rows are read: no table, no header, too long.
    """
    refused: FileRefused | None = None
    for sign in SIGNS[:1] if is_workbook(content) else SIGNS:
        try:
            return _under_header(read_rows(content, sign=sign, breaks=True))
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
