"""A list that goes out: what its page shows under its filters, whole (`in_a_file` of `reservations/http.py`).

A list says once which columns its file has and how a row is read; or, when its page is a `Table`, nothing more: the
file is that table. Rows are read by batches, as the page reads one page of them: a file of any length holds in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import batched
from typing import Any

from django.db.models import QuerySet

from reservations.exports.sheet import Column, Row, Sheet
from reservations.pages.table import Said, Table, TableLine

#: What a list goes through at a time.
BATCH = 500

#: What a page finds: rows of the database, or a list already made.
type Found = QuerySet[Any, Any] | Sequence[Any]


@dataclass(frozen=True, slots=True)
class Listing[T]:
    """A list: `name`, of its file; its title; its columns, and how a row of the page becomes a row of the file."""

    name: str
    title: str
    columns: tuple[Column, ...]
    row: Callable[[T], Row]

    def sheet(self, found: Found, read: Callable[[Sequence[Any]], Iterable[T]] = tuple) -> Sheet:
        """The table of everything found; `read` makes the rows of a page of what was found, as the page does."""
        return Sheet(self.title, self.columns, (self.row(each) for batch in _batches(found) for each in read(batch)))


def table_listing(name: str, tabled: Callable[[Sequence[Any]], Table]) -> Listing[Any]:
    """The list of a page that is a `Table`; give `tabled_rows(tabled)` as its `read`."""
    head = tabled(())
    return Listing(name, head.title, tuple(Column(each.text) for each in head.heads), _texts)


def tabled_rows(tabled: Callable[[Sequence[Any]], Table]) -> Callable[[Sequence[Any]], Iterable[TableLine]]:
    """How the rows of a page that is a `Table` are read."""
    return lambda batch: tabled(batch).lines


def _texts(line: TableLine) -> Row:
    return tuple(_text(cell.said) for cell in line.cells)


def _text(said: Said) -> str:
    """What is read in a cell, and below it; a figure without the spaces that part its thousands."""
    figure = "".join(said.text.split())
    text = figure if figure.isdecimal() else said.text
    return f"{text} ({said.hint})" if text and said.hint else text or said.hint


def _batches(found: Found) -> Iterator[tuple[Any, ...]]:
    return batched(found.iterator(chunk_size=BATCH) if isinstance(found, QuerySet) else found, BATCH)
