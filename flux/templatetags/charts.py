"""Server-side charts: bar = received, tick = due, hollow = ahead, dotted = one unit. x in per cent, y in pixels.

Figures over time keep their text size on a phone (no viewBox), and stand in a table beside the chart. A delay, which
has no text, is a path for the days that are over and one for those that remain, stretched to the width that there is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django import template

from flux.engine.wording import units
from flux.queries.accounts import AccountLine
from flux.queries.flow import FlowMonth, HolderYear, KindsMonth, Ranked, summed
from flux.queries.returns import Clock
from flux.queries.statement import Month
from flux.templatetags.drawing import (
    Scale,
    Slot,
    coordinate,
    longest_first,
    per_cent,
    pixels,
    slots,
    stack,
    step_of,
)
from reservations.models.convention import UNIT
from reservations.words import SHORT_MONTHS, integer

register = template.Library()

TOP, PLOT = 24, 136  # pixels above the highest grid line, and from there to the axis
LEFT = 7.5  # per cent kept for the figures of the axis
RIGHT = 3.5  # per cent kept for what the figure over the last bar takes beyond it, on a phone
SMALL, SIDE = 96, 2  # pixels of the plot of one small chart among several; per cent before its first month
TINY, UNDER = 44, 36  # pixels of the plot of one of three charts in a row, and of its two lines of words above
SIGNS = {1: "▽", 0: "=", -1: "▲"}  # still owed, even, ahead
MOST = 15  # rows of an ordered chart: the next ones are drawn together


@register.inclusion_tag("components/days.html")
def days_gauge(clock: Clock) -> dict[str, Any]:
    """A delay, one block a working day: solid when it is over, hollow when it remains. Beyond 60, one block in ten."""
    total = clock.days or 1
    step = 1 if total <= 60 else 10
    blocks = -(-total // step)
    width = 100 / blocks
    over = min(blocks, -(-max(0, clock.spent) // step))
    return {"past": _blocks(range(over), width), "ahead": _blocks(range(over, blocks), width)}


def _blocks(places: Iterable[int], width: float) -> str:
    """The path of these blocks, in a drawing of a hundred by twenty."""
    wide = coordinate(width * 0.84)
    return "".join(f"M{coordinate(place * width)} 3h{wide}v14h-{wide}z" for place in places)


@dataclass(frozen=True, slots=True)
class Column:
    """Where one month stands."""

    month: Month
    place: int
    width: float

    @property
    def left(self) -> float:
        return LEFT + self.place * self.width

    @property
    def common(self) -> dict[str, Any]:
        return {
            "x": per_cent(self.left + self.width * 0.24),
            "width": per_cent(self.width * 0.52),
            "middle": per_cent(self.left + self.width / 2),
            "label": SHORT_MONTHS[self.month.first.month - 1],
            "alternate": self.place % 2,
        }


def columns(months: Sequence[Month]) -> list[Column]:
    width = (100 - LEFT - RIGHT) / len(months)
    return [Column(month, place, width) for place, month in enumerate(months)]


@register.inclusion_tag("components/month_chart.html")
def month_chart(months: Sequence[Month]) -> dict[str, Any]:
    """Due and received each month. The axis starts at 0; a month that gave back more than it got goes below."""
    values = [value for month in months for value in (month.figures.due, UNIT * month.figures.received)]
    low, high = min(0, *values), max(UNIT, *values)
    step = step_of(-(-high // UNIT))
    scale = PLOT / (high - low)
    axis = TOP + high * scale

    def y(value: int) -> float:
        return axis - value * scale

    marks = list(range(step, high // UNIT + 1, step))
    return {
        "axis": pixels(axis),
        "grid": [
            {
                "y": pixels(y(mark * UNIT)),
                "text": pixels(y(mark * UNIT) - 4),
                "label": f"{mark} logement{'s' if mark > 1 else ''}" if mark == marks[-1] else mark,
            }
            for mark in marks
        ],
        "bars": [
            column.common
            | {
                "gained": column.month.figures.received >= 0,
                "y": pixels(min(axis, y(UNIT * column.month.figures.received))),
                "height": pixels(abs(UNIT * column.month.figures.received) * scale),
                "due_x": per_cent(column.left + column.width * 0.12),
                "due_width": per_cent(column.width * 0.76),
                "due_y": pixels(y(column.month.figures.due) - 2),
            }
            for column in columns(months)
        ],
        "month_label": pixels(TOP + PLOT + 20),
        "months": months,
        "year": months[0].first.year,
    }


@register.inclusion_tag("components/balance_chart.html")
def balance_chart(months: Sequence[Month]) -> dict[str, Any]:
    """The gap when each month ends, around its axis, with its marks at one unit."""
    zero, reach = 65, 50
    scale = reach / max(UNIT, *(abs(month.balance) for month in months))

    def bar(column: Column) -> dict[str, Any]:
        size = abs(column.month.balance) * scale
        owed = column.month.balance >= 0
        return column.common | {
            "owed": owed,
            "y": pixels(zero - size if owed else zero),
            "height": pixels(size),
            "value": units(column.month.balance, UNIT, signed=True),
            "value_y": pixels(zero - size - 5 if owed else zero + size + 14),
        }

    return {
        "bars": [bar(column) for column in columns(months)],
        "high": pixels(zero - UNIT * scale),
        "high_text": pixels(zero - UNIT * scale - 4),
        "low": pixels(zero + UNIT * scale),
        "low_text": pixels(zero + UNIT * scale + 13),
        "months": months,
        "year": months[0].first.year,
    }


@register.inclusion_tag("components/gauge.html")
def gauge(due: int, received: int, scale: int) -> dict[str, str | bool]:
    """One bar: received (whole units), its due (millionths), and what is still owed; `scale` millionths wide."""
    got = min(max(UNIT * received, 0), scale)
    return {
        "got": per_cent(100 * got / scale),
        "owed": due > got,
        "void": per_cent(100 * max(due - got, 0) / scale),
        "due": per_cent(100 * due / scale),
    }


@register.inclusion_tag("components/gauge.html")
def rate_bar(rate: int, asked: int | None) -> dict[str, str | bool]:
    """One rate beside what is asked, both shares in millionths, on a scale of the whole: solid the numerator, hollow
    the rest of the denominator; no mark when nothing is asked."""
    got = min(rate, UNIT)
    mark = "" if asked is None else per_cent(100 * asked / UNIT)
    return {
        "got": per_cent(100 * got / UNIT),
        "owed": got < UNIT,
        "void": per_cent(100 * (UNIT - got) / UNIT),
        "due": mark,
    }


@register.inclusion_tag("components/gauge.html")
def part_bar(part: int, whole: int) -> dict[str, str | bool]:
    """One number out of the whole of a table: solid, and nothing else."""
    return {"got": per_cent(100 * part / whole), "owed": False, "void": "", "due": ""}


@register.inclusion_tag("components/holders_chart.html")
def holders_chart(lines: Sequence[AccountLine]) -> dict[str, Any]:
    """Received and due of each holder, one under the other, on one scale."""
    scale = max([UNIT, *(max(line.figures.due, UNIT * line.figures.received) for line in lines)])
    return {"rows": [{"line": line} | gauge(line.figures.due, line.figures.received, scale) for line in lines]}


def _month_slot(slot: Slot, month: int) -> dict[str, Any]:
    """Where a month of a chart writes its name; every other one is left out on a phone."""
    return {"middle": per_cent(slot.middle), "label": SHORT_MONTHS[month - 1], "alternate": slot.place % 2}


@register.inclusion_tag("components/account_year_chart.html")
def account_year_chart(year: HolderYear) -> dict[str, Any]:
    """One holder, due and received cumulated when each month ends: a bar stops under its tick where something is still
    owed; what is ahead stands on the tick, hollow. A sign under each month says which, however small the gap.

    On its own scale, from 0 to the figure written at the top: the bar is read against its tick.
    """
    due = [value / UNIT for value in year.due]
    scale = Scale.over([*due, *year.received], least=1, top=TOP, height=SMALL)
    bars = []
    for slot, (month, _, got, gap), owed in zip(slots(len(due), margin=SIDE), year.rows, due, strict=True):
        x, width = slot.inside(0.6)
        tick_x, tick_width = slot.inside(0.84)
        y, height = scale.bar(min(got, max(owed, 0)))  # what is not ahead
        top, _ = scale.bar(got)
        bars.append(
            _month_slot(slot, month.month)
            | {"x": per_cent(x), "width": per_cent(width), "y": pixels(y), "height": pixels(height)}
            | {"ahead_y": pixels(top), "ahead": pixels(y - top) if y > top else ""}
            | {"due_x": per_cent(tick_x), "due_end": per_cent(tick_x + tick_width), "due_y": pixels(scale.y(owed))}
            | {"sign": SIGNS[(gap > 0) - (gap < 0)]}
        )
    return {
        "year": year,
        "bars": bars,
        "axis": pixels(scale.axis),
        "top": pixels(TOP),
        "top_text": pixels(TOP - 6),
        "high": units(max([UNIT, *year.due, *(UNIT * got for got in year.received)]), UNIT),
        "sign": pixels(TOP + SMALL + 14),
        "month_label": pixels(TOP + SMALL + 30),
        "height": TOP + SMALL + 36,
    }


@register.inclusion_tag("components/year_chart.html")
def year_chart(months: Sequence[KindsMonth]) -> dict[str, Any]:
    """Due, offered and received, one small chart each, a bar a month of the year: on one scale, so that a month is
    compared from one to the next. A month that gave back more than it got goes below the axis."""
    kinds: list[tuple[str, str, bool, list[float]]] = [
        ("Dû", "ahead", False, [month.due / UNIT for month in months]),
        ("Proposés", "ahead", True, [month.offered for month in months]),
        ("Reçus", "got", False, [month.received for month in months]),
    ]
    scale = Scale.over([value for *_, values in kinds for value in values], least=1, top=UNDER, height=TINY)
    due = units(sum(month.due for month in months), UNIT)
    others = [integer(sum(each)) for each in zip(*((month.offered, month.received) for month in months), strict=True)]
    charts = []
    for slot, total, (words, kind, hatched, values) in zip(slots(3, margin=0), [due, *others], kinds, strict=True):
        start, width = slot.inside(0.9)
        bars = []
        for place, value in enumerate(values):
            y, height = scale.bar(value)
            bar = Slot(place, start + place * width / 12, width / 12).inside(0.7)
            bars.append({"x": per_cent(bar[0]), "width": per_cent(bar[1]), "y": pixels(y), "height": pixels(height)})
        charts.append(
            {
                "words": words,
                "kind": kind,
                "hatched": hatched,
                "total": total,
                "bars": bars,
                "middle": per_cent(slot.middle),
            }
            | {"start": per_cent(start), "end": per_cent(start + width)}
        )
    bottom = UNDER + TINY + 16
    return {
        "year": months[0].first.year,
        "charts": charts,
        "axis": pixels(scale.axis),
        "months": pixels(bottom),
        "height": bottom + 4,
    }


@register.inclusion_tag("components/flow_chart.html")
def flow_chart(months: Sequence[FlowMonth]) -> dict[str, Any]:
    """Units freed each month, by class piled up: solid what is of the flow, hatched what the law subtracts, hollow
    what is in stock, dotted the others."""
    scale = Scale.over([month.vacated for month in months], least=1, top=TOP, height=PLOT)
    high = max([1, *(month.vacated for month in months)])
    step = step_of(high)
    marks = range(step, high + 1, step)
    bars = []
    for slot, month in zip(slots(len(months), margin=LEFT), months, strict=True):
        x, width = slot.inside(0.56)
        parts = [
            {"kind": kind, "y": pixels(scale.y(high)), "height": pixels(scale.y(low) - scale.y(high))}
            for kind, (low, high) in zip(("solid", "hatched", "hollow", "dotted"), stack(month.parts), strict=True)
            if high > low
        ]
        bars.append(
            _month_slot(slot, month.first.month)
            | {"x": per_cent(x), "width": per_cent(width), "parts": parts, "value": month.vacated}
            | {"value_y": pixels(scale.y(month.vacated) - 5)}
        )
    return {
        "months": months,
        "bars": bars,
        "axis": pixels(scale.axis),
        "grid": [
            {"y": pixels(scale.y(mark)), "text": pixels(scale.y(mark) - 4), "label": mark, "last": mark == marks[-1]}
            for mark in marks
        ],
        "month_label": pixels(TOP + PLOT + 20),
    }


@register.inclusion_tag("components/ranked_bars.html")
def ranked_bars(rows: Sequence[Ranked], others: str) -> dict[str, Any]:
    """Units offered (the outline) and allocated (solid, inside it) in each place, the largest first, on one scale;
    beyond MOST places, `others` names those drawn together at the end."""
    shown, rest = longest_first(rows, lambda row: (row.offered, row.name), most=MOST)
    drawn = [*shown, summed(rest, f"{others} ({len(rest)})")] if rest else shown
    scale = max([1, *(max(row.offered, row.allocated) for row in drawn)])
    return {
        "rows": [
            {
                "row": row,
                "offered": per_cent(100 * row.offered / scale),
                "allocated": per_cent(100 * row.allocated / scale),
            }
            for row in drawn
        ],
    }
