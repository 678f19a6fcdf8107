"""Charts with an interval: bar = what is, tick = what is expected, hollow strip under them = what chance explains.

Server-side SVG, x in per cent and y in pixels, read without colour, each line under its words, which wrap; the same
figures stand in the table beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django import template

from flux.pages.needs import category_name
from flux.queries.mix import EquityRow
from flux.queries.projection import Projected
from flux.templatetags.drawing import per_cent
from flux.words import tenth
from reservations.models.convention import UNIT
from reservations.rounding import steps
from reservations.words import integer

register = template.Library()

register.filter(tenth)


@dataclass(frozen=True, slots=True)
class Strip:
    """One line of a chart: what is, what is expected, and between which counts."""

    name: str
    words: str
    value: float
    expected: float
    low: float
    high: float


@register.inclusion_tag("components/range_chart.html")
def mix_chart(rows: Sequence[EquityRow]) -> dict[str, Any]:
    """What one holder was offered in one dimension, beside what a blind draw gives."""
    return _chart(
        [
            Strip(
                category_name(row.reading.category),
                f"{integer(each.offered)} proposé{'s' * (each.offered > 1)}, {tenth(each.expected)} "
                f"attendu{'s' * (each.expected >= 2)} ({integer(each.low)} à {integer(each.high)})",
                each.offered,
                float(each.expected),
                each.low,
                each.high,
            )
            for row in rows
            for each in (row.reading,)
        ]
    )


@register.inclusion_tag("components/range_chart.html")
def projection_chart(lines: Sequence[Projected]) -> dict[str, Any]:
    """What each holder has received, beside what it will be due on 31 December."""
    strips = []
    for line in lines:
        low, expected, high = (Fraction(due, UNIT) for due in line.found.due)
        received = line.line.figures.received
        owed = f"{tenth(expected)} {'dus' if abs(steps(expected, 1)) >= 20 else 'dû'}"
        words = f"{integer(received)} reçu{'s' * (received > 1)}, {owed} au 31 décembre"
        strips.append(
            Strip(
                str(line.line.holder),
                f"{words} ({tenth(low)} à {tenth(high)})",
                received,
                float(expected),
                float(low),
                float(high),
            )
        )
    return _chart(strips)


def _chart(strips: Sequence[Strip]) -> dict[str, Any]:
    scale = max([1.0, *(max(strip.value, strip.expected, strip.high) for strip in strips)])

    def x(value: float) -> str:
        return per_cent(100 * max(0.0, value) / scale)

    return {
        "rows": [
            {
                "strip": strip,
                "got": x(strip.value),
                "expected": x(strip.expected),
                "low": x(strip.low),
                "width": x(max(strip.high - strip.low, scale / 200)),
            }
            for strip in strips
        ],
    }
