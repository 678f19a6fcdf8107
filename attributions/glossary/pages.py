"""The words of the field, as their page tells them."""

from __future__ import annotations

from collections.abc import Iterable

from attributions.glossary.words import Word
from reservations.pages.pieces import bold
from reservations.pages.table import Head, Rows, Shown, Table


def words_table(section: str, words: Iterable[Word]) -> Table:
    """A word a row: what it means, and which article says so."""
    return Rows(
        words,
        Shown(Head("Mot"), lambda each: bold(each.word)),
        Shown(Head("Sens", label=""), lambda each: each.meaning),
        Shown(Head("Source", label=""), lambda each: each.source),
    ).titled("", f"{section} : mots, sens et source", quiet=True)
