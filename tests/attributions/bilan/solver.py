"""Linear programming over fractions, exact: between which bounds a count is, given everything that is published."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain

#: What is published: these cells together have at least, and at most, so many.
Published = tuple[frozenset[Hashable], int, int]


@dataclass(frozen=True)
class Solver:
    """Cells of known sizes, whose true counts meet all that is published: from them the simplex starts, so that it has
    no first phase; where it ends does not depend on them."""

    sizes: Mapping[Hashable, int]
    counts: Mapping[Hashable, int]
    published: Iterable[Published]

    def bounds(self, wanted: Collection[Hashable]) -> tuple[Fraction, Fraction]:
        """The least and the most that these cells may have together, whatever else is true."""
        own = sum(self.counts[cell] for cell in wanted)
        return own - self._furthest(wanted, -1), own + self._furthest(wanted, 1)

    def _furthest(self, wanted: Collection[Hashable], side: int) -> Fraction:
        """How far from its true count this sum may go, on a side: a simplex in tableau, by the rule of Bland. Columns:
        how much more, then how much less, each cell has; rows: what is published, and the size of each cell."""
        cells = list(self.sizes)
        rows = []
        alone = [(frozenset({cell}), 0, size) for cell, size in self.sizes.items()]
        for text, low, high in dict.fromkeys(chain(self.published, alone)):
            have = sum(self.counts[cell] for cell in text)
            assert low <= have <= high, "what is published is true"
            more = [int(cell in text) for cell in cells]
            rows += [
                ([*more, *(-each for each in more)], high - have),
                ([*(-each for each in more), *more], have - low),
            ]
        gain = [side * int(cell in wanted) for cell in cells]
        return _simplex(rows, [*gain, *(-each for each in gain)])


def squeezed(
    left: Mapping[Hashable, tuple[int, int]],
    read: Iterable[Published],
    views: Iterable[Collection[Hashable]],
    least: int,
) -> list[str]:
    """Views of a few households whose count has fewer values than the threshold, or than their leases allow. `left`: of
    each cell, those that are counted and not, that the reader does not know; `read`: what is published, less those it
    knows."""
    solver = Solver(
        {cell: yes + no for cell, (yes, no) in left.items()}, {cell: yes for cell, (yes, _) in left.items()}, read
    )
    found = []
    for view in views:
        yes, no = (sum(left[cell][side] for cell in view) for side in (0, 1))
        if min(yes, no) < least and (values := min(least, yes + no)):
            low, high = solver.bounds(view)
            if high - low < values:
                found.append(f"{yes} of {yes + no} in {sorted(view, key=repr)}: {low}–{high}")
    return found


def _simplex(rows: list[tuple[list[int], int]], gain: list[int]) -> Fraction:
    """The most of `gain` · x where each row · x ≤ its limit, x ≥ 0; limits are ≥ 0."""
    width = len(gain)
    table = [
        [*map(Fraction, row), *(Fraction(int(each == place)) for each in range(len(rows))), Fraction(limit)]
        for place, (row, limit) in enumerate(rows)
    ]
    basis = [width + place for place in range(len(rows))]
    goal = [*(Fraction(-each) for each in gain), *([Fraction()] * (len(rows) + 1))]
    while (enters := next((place for place, each in enumerate(goal[:-1]) if each < 0), None)) is not None:
        able = [(row[-1] / row[enters], basis[place], place) for place, row in enumerate(table) if row[enters] > 0]
        _, _, leaves = min(able)
        pivot = [each / table[leaves][enters] for each in table[leaves]]
        for row in (*(row for place, row in enumerate(table) if place != leaves), goal):
            if factor := row[enters]:
                row[:] = [each - factor * other if other else each for each, other in zip(row, pivot, strict=True)]
        table[leaves], basis[leaves] = pivot, enters
    return goal[-1]
