"""Somebody who writes down every figure that they may read, and solves."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from fractions import Fraction


class Attacker:
    """Which sums follow from those that are reported, by any additions, subtractions and divisions: exact
    elimination."""

    def __init__(self, values: Iterable[frozenset[Hashable]]) -> None:
        self._rows: dict[Hashable, dict[Hashable, Fraction]] = {}
        for parts in values:
            row = self._reduced(parts)
            if row:
                pivot = next(iter(row))
                scale = row[pivot]
                self._rows[pivot] = {part: value / scale for part, value in row.items()}

    def knows(self, parts: frozenset[Hashable]) -> bool:
        """Is the count of these parts together known?"""
        return not self._reduced(parts)

    def _reduced(self, parts: frozenset[Hashable]) -> dict[Hashable, Fraction]:
        row = dict.fromkeys(sorted(parts, key=repr), Fraction(1))
        while (pivot := next((part for part in row if part in self._rows), None)) is not None:
            factor = row[pivot]
            for part, value in self._rows[pivot].items():
                row[part] = row.get(part, Fraction(0)) - factor * value
            row = {part: value for part, value in row.items() if value}
        return row
