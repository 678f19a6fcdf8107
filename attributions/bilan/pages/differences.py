"""Two versions of a balance side by side: the lines that differ."""

from __future__ import annotations

from collections.abc import Iterable

from attributions.bilan.queries.figures import Difference
from flux.words import gap, units
from reservations.pages.table import FIGURE, Number, Rows, Shown, Table
from reservations.words import integer, signed, upper_first


def differences_table(rows: Iterable[tuple[str, str, str, str, Difference]], versions: tuple[int, int]) -> Table:
    """A figure that differs a row: whose, in which table and category, which measure, in both `versions`."""
    before, after = (f"Version {number}{FIGURE}" for number in versions)
    return Rows(
        rows,
        Shown("Réservataire", lambda each: upper_first(each[0])),
        Shown("Tableau", lambda each: f"{upper_first(each[1])} : {each[2]}" if each[2] else upper_first(each[1])),
        Shown("Colonne", lambda each: upper_first(each[3])),
        Shown(before, lambda each: _figure(each[4].before, is_due=each[4].is_due)),
        Shown(after, lambda each: _figure(each[4].after, is_due=each[4].is_due)),
        Number("Écart", lambda each: gap(each[4].gap) if each[4].is_due else signed(each[4].gap)),
    ).titled("", "Lignes qui diffèrent", "En logements.")


def _figure(value: int, *, is_due: bool) -> str:
    return units(value) if is_due else integer(value)
