"""The header and the rows of a table whose every cell is read as text, and what is wrong with each cell.

Here nothing is written from a name: units, programmes and holders are looked up.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flux.operations.stock_inventory_file import RowError
from reservations.imports.table import EMPTY, FORMULA, FileRefused, Unreadable, as_text, read_rows

MOST_ROWS = 20_000
LONGEST_CELL = 200


@dataclass(frozen=True, slots=True)
class Table:
    """`header` as written; `rows`: number in the file (the header is 1) and cells, blank rows apart; what is wrong."""

    header: list[str]
    rows: list[tuple[int, list[str]]]
    errors: list[RowError]


def read_any_table(content: bytes) -> Table:
    """Read a table. A row with an unreadable cell is left to `errors`.

    Raises FileRefused when the whole file cannot be read.
    """
    read = read_rows(content)
    number, first = next(read, (0, []))
    header = [str(as_text(cell)) for cell in first]
    while header and not header[-1]:
        header.pop()
    if not header:
        raise FileRefused(EMPTY)
    rows: list[tuple[int, list[str]]] = []
    errors: list[RowError] = []
    for number, values in read:
        cells = [as_text(value) for value in values]
        if not any(cells):
            continue
        if len(rows) >= MOST_ROWS:
            raise FileRefused("Le fichier dépasse 20 000 lignes : coupez-le en plusieurs fichiers.")
        wrong = list(_wrong(number, header, cells))
        errors += wrong
        if not wrong:
            rows.append((number, [str(cell) for cell in cells]))
    return Table(header, rows, errors)


def _wrong(number: int, header: list[str], cells: list[str | Unreadable]) -> Iterator[RowError]:
    for place, cell in enumerate(cells):
        column = header[place] if place < len(header) else f"colonne {place + 1}"
        if isinstance(cell, Unreadable):
            yield RowError(number, column, cell.why)
        elif place >= len(header) and cell:
            yield RowError(number, column, "cette cellule n’est sous aucun nom de colonne : videz-la.")
        elif len(cell) > LONGEST_CELL:
            yield RowError(number, column, f"{LONGEST_CELL} caractères au plus : raccourcissez-la.")
        elif cell.startswith("="):
            yield RowError(number, column, FORMULA)
        elif any(ord(sign) < 32 for sign in cell):
            yield RowError(number, column, "un caractère ne se lit pas : retapez la cellule.")
