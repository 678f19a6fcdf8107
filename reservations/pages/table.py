"""A table of a page, said once: its headings and its cells in words, for one template to lay out
(`components/table.html`). The first cell of a row is its heading.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Said:
    """One cell: what one reads; `hint`, below it; where it leads; whether it is a status (`pill`), or `strong`, as is
    its hint then."""

    text: str
    hint: str = ""
    link: str = ""
    pill: str = ""
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Placed:
    """A cell in its column: the heading is said again on a phone, and figures stand on the right."""

    said: Said
    heading: str
    css: str


@dataclass(frozen=True, slots=True)
class TableLine:
    """A row; `css` marks the one that a reader looks for."""

    cells: tuple[Placed, ...]
    css: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table: `key`, its id on the page; `note`, how it is to be read; headings that end with `FIGURE` are figures."""

    key: str
    title: str
    note: str
    headings: tuple[tuple[str, str], ...]
    lines: tuple[TableLine, ...]


#: After the heading of a column of figures.
FIGURE = " #"


def table(
    key: str, title: str, note: str, headings: Sequence[str], rows: Sequence[Sequence[Said | str]], *, first: int = -1
) -> Table:
    """Lay out rows under headings; `first`: the place of the row that stands out, none by default.

    Raises ValueError on a row that the headings do not announce.
    """
    heads = [(each.removesuffix(FIGURE), "n" if each.endswith(FIGURE) else "") for each in headings]
    lines = tuple(
        TableLine(
            tuple(
                Placed(cell if isinstance(cell, Said) else Said(cell), name, css or "all")
                for cell, (name, css) in zip(row, heads, strict=True)
            ),
            css="first" if place == first else "",
        )
        for place, row in enumerate(rows)
    )
    return Table(key, title, note, tuple(heads), lines)
