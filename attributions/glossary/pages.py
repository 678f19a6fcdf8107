"""The words of the field, as their page tells them."""

from __future__ import annotations

from collections.abc import Iterable

from attributions.glossary.words import Word
from reservations.pages.pieces import bold
from reservations.pages.table import Head, Table, table


def words_table(section: str, words: Iterable[Word]) -> Table:
    """A word a row: what it means, and which article says so."""
    headings = (Head("Mot"), Head("Sens", label=""), Head("Source", label=""))
    rows = [(bold(each.word), each.meaning, each.source) for each in words]
    return table("", f"{section} : mots, sens et source", "", headings, rows, quiet=True)
