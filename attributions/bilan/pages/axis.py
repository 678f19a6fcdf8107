"""One axis of a balance: holders by categories of units, two measures side by side (CCH, R441-5-1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from django.utils.html import format_html

from attributions.bilan.pages.opened import Figure
from reservations.pages.table import Head, Rows, Shown, Table


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

    def figure(self, *, at: int, measure: int) -> int:
        """The count of a category, by its place."""
        return self.pairs[at][measure].value

    def said(self, *, at: int, measure: int) -> str:
        """The same, leading to its units."""
        return self.pairs[at][measure].said


def axis_table(title: str, choice: Choice, categories: Sequence[str], rows: Sequence[AxisRow], total: AxisRow) -> Table:
    """A holder a row; under each category, and under all of them, the two measures by their letter."""
    first, second = (
        format_html('<abbr title="{}">{}</abbr>', head, letter)
        for head, letter in zip(choice.heads, choice.letters, strict=True)
    )
    pairs = [
        Shown(
            Head(head, "n grp" if measure == 0 else "n", label="", group=words),
            partial(AxisRow.said, at=at, measure=measure),
            total.said(at=at, measure=measure),
        )
        for at, words in enumerate((*categories, "Ensemble"))
        for measure, head in enumerate((first, second))
    ]
    letters = " ".join(f"{letter} : {head}." for letter, head in zip(choice.letters, choice.heads, strict=True))
    note = f"{letters} Chaque nombre mène à ses logements."
    holder = Shown[AxisRow](Head("Réservataire", ""), lambda row: row.words, total.words)
    return Rows(rows, holder, *pairs).titled("t-axe", title, note, css="wide")
