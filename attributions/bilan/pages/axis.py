"""One axis of a balance: holders by categories of units, two measures side by side (CCH, R441-5-1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html

from attributions.bilan.pages.opened import Figure
from reservations.exports.sheet import Row
from reservations.pages.table import Head, Table, table


@dataclass(frozen=True, slots=True)
class Choice:
    """Two measures side by side: their names, their heads, and what a cell says of them."""

    slug: str
    words: str
    measures: tuple[str, str]
    heads: tuple[str, str]
    letters: tuple[str, str]


@dataclass(frozen=True, slots=True)
class AxisRow:
    """A line of the table: a holder, or all of them; pairs of figures by category, then in all."""

    words: str
    pairs: list[tuple[Figure, Figure]]

    @property
    def cells(self) -> Row:
        """The same without their addresses."""
        return self.words, *(figure.value for pair in self.pairs for figure in pair)

    @property
    def said(self) -> tuple[str, ...]:
        """The same, each leading to its units."""
        return self.words, *(figure.said for pair in self.pairs for figure in pair)


def axis_table(title: str, choice: Choice, categories: Sequence[str], rows: Sequence[AxisRow], total: AxisRow) -> Table:
    """A holder a row; under each category, and under all of them, the two measures by their letter."""
    first, second = (
        format_html('<abbr title="{}">{}</abbr>', head, letter)
        for head, letter in zip(choice.heads, choice.letters, strict=True)
    )
    headings = [Head("Réservataire", "")]
    for words in (*categories, "Ensemble"):
        headings += [Head(first, "n grp", label="", group=words), Head(second, "n", label="", group=words)]
    letters = " ".join(f"{letter} : {head}." for letter, head in zip(choice.letters, choice.heads, strict=True))
    note = f"{letters} Chaque nombre mène à ses logements."
    told = [row.said for row in rows]
    return table("t-axe", title, note, headings, told, totals=[total.said], css="wide")
