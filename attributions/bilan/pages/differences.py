"""Two versions of a balance side by side: the lines that differ."""

from __future__ import annotations

from collections.abc import Iterable

from attributions.bilan.queries.figures import Difference
from flux.words import gap, units
from reservations.pages.table import FIGURE, Table, table
from reservations.words import integer, signed, upper_first


def differences_table(rows: Iterable[tuple[str, str, str, str, Difference]], versions: tuple[int, int]) -> Table:
    """A figure that differs a row: whose, in which table and category, which measure, in both `versions`."""
    told = [
        (
            upper_first(holder),
            f"{upper_first(line)} : {category}" if category else upper_first(line),
            upper_first(measure),
            _figure(change.before, is_due=change.is_due),
            _figure(change.after, is_due=change.is_due),
            gap(change.gap) if change.is_due else signed(change.gap),
        )
        for holder, line, category, measure, change in rows
    ]
    before, after = (f"Version {number}{FIGURE}" for number in versions)
    headings = ("Réservataire", "Tableau", "Colonne", before, after, f"Écart{FIGURE}")
    return table("", "Lignes qui diffèrent", "En logements.", headings, told)


def _figure(value: int, *, is_due: bool) -> str:
    return units(value) if is_due else integer(value)
