"""The geometry of charts: figures in, places out. x in per cent of the width, y in pixels; no Django, no words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

#: What an axis may count by.
STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 10**9)


def per_cent(value: float) -> str:
    """A place or a width along x, as SVG writes it."""
    return f"{value:.2f}%"


def coordinate(value: float) -> str:
    """A place or a length in a path, in its own units, as SVG writes it."""
    return f"{value:.4g}"


def pixels(value: float) -> str:
    """A place or a height along y, as SVG writes it."""
    return f"{value:.1f}"


def step_of(high: int, *, marks: int = 5) -> int:
    """The smallest round step that reaches `high` in at most that many marks."""
    return next(step for step in STEPS if high <= marks * step or step == STEPS[-1])


@dataclass(frozen=True, slots=True)
class Scale:
    """From figures to heights: `low` and `high` are in the figure's own measure, and 0 always lies between them."""

    low: float
    high: float
    top: float
    height: float

    @classmethod
    def over(cls, values: Iterable[float], *, least: float, top: float, height: float) -> Scale:
        """One that holds all these values, and `least` above zero when they are smaller."""
        held = [0, least, *values]
        return cls(min(held), max(held), top, height)

    @property
    def axis(self) -> float:
        """Where zero stands."""
        return self.y(0)

    def y(self, value: float) -> float:
        return self.top + (self.high - value) * self.height / (self.high - self.low)

    def bar(self, value: float) -> tuple[float, float]:
        """(y, height) of a bar from zero to this value, upwards or downwards."""
        place = self.y(value)
        return min(place, self.axis), abs(self.axis - place)


@dataclass(frozen=True, slots=True)
class Slot:
    """The width of one of several columns that share what the left margin leaves; all in per cent."""

    place: int
    left: float
    width: float

    @property
    def middle(self) -> float:
        return self.left + self.width / 2

    def inside(self, part: float) -> tuple[float, float]:
        """(x, width) of something centred that takes this part of the slot."""
        return self.left + self.width * (1 - part) / 2, self.width * part


def slots(count: int, *, margin: float) -> list[Slot]:
    """The columns, from the left."""
    width = (100 - margin) / count
    return [Slot(place, margin + place * width, width) for place in range(count)]


def stack(parts: Sequence[int]) -> list[tuple[int, int]]:
    """Parts piled up, the first at the bottom: (from, to) of each, an empty one included. None is negative."""
    tops = list(accumulate(parts))
    return list(zip([0, *tops], tops, strict=False))


def longest_first[Row](
    rows: Iterable[Row], size: Callable[[Row], tuple[int, str]], *, most: int
) -> tuple[list[Row], list[Row]]:
    """The rows in decreasing size, those of one size by name; and those past `most`, to be drawn together.

    A lone row is never drawn « together »: it keeps its own name.
    """
    ordered = sorted(rows, key=lambda row: (-size(row)[0], size(row)[1]))
    return (ordered, []) if len(ordered) <= most + 1 else (ordered[:most], ordered[most:])
