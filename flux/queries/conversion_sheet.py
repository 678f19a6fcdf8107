"""Worksheets of conversion as people read them: listed, opened line by line, side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.db.models.fields.json import KT

from flux.models import Conversion
from reservations.models import Membership


def conversions_of(member: Membership) -> QuerySet[Conversion]:
    """The worksheets that this person may read, those of one holder side by side, newest first. Not their contents."""
    return (
        Conversion.objects.visible_to(member)
        .select_related("landlord__organisation", "holder__organisation", "perimeter", "convention", "created_by")
        .defer("given", "worksheet")
        .annotate(expected=KT("worksheet__result__expected_shown"), net_flow=KT("worksheet__result__net_flow_shown"))
        .order_by("holder__organisation__name", "-holder__contingent", "landlord__organisation__name", "-pk")
    )


#: The line in which each part of the sum ends.
RESULTS = frozenset(["BASE", "WEIGHTED", "VOLUME_YEARLY", "ROTATION", "NET", "SHARE", "TARGET"])


@dataclass(frozen=True, slots=True)
class ComparedLine:
    """One line of several worksheets: what each shows, None where it has no such line."""

    label: str
    shown: tuple[str | None, ...]

    @property
    def differs(self) -> bool:
        """Do the worksheets not all say the same?"""
        return len(set(self.shown)) > 1


@dataclass(frozen=True, slots=True)
class ComparedSection:
    """A part of the sum, line by line."""

    label: str
    lines: tuple[ComparedLine, ...]


def compared(conversions: Sequence[Conversion]) -> list[ComparedSection]:
    """Worksheets line by line: those of the first in its order, then what only the others have. No query."""
    sections: dict[str, str] = {}
    for conversion in conversions:
        sections |= {
            part["code"]: part["label"] for part in conversion.worksheet["sections"] if part["code"] not in sections
        }
    return [ComparedSection(label, tuple(_lines(conversions, code))) for code, label in sections.items()]


def _lines(conversions: Iterable[Conversion], section: str) -> Iterable[ComparedLine]:
    columns = [
        {
            line["code"]: line
            for part in conversion.worksheet["sections"]
            if part["code"] == section
            for line in part["lines"]
        }
        for conversion in conversions
    ]
    order: list[str] = []
    for column in columns:
        following = 0
        for code in column:
            if code not in order:
                order.insert(following, code)  # beside the line before it, not after the result
            following = order.index(code) + 1
    for code in order:
        label = next(column[code]["label"] for column in columns if code in column)
        yield ComparedLine(label, tuple(column[code]["display"] if code in column else None for column in columns))


@dataclass(frozen=True, slots=True)
class SheetLine:
    """One line to read and to argue with. `life`: from when to when a right lives, and why then. `changes`:
    each figure that was overridden, what it was, and why."""

    line: Mapping[str, Any]
    life: tuple[str, ...]
    changes: tuple[Mapping[str, Any], ...]

    @property
    def is_result(self) -> bool:
        """Is it the last word of its part?"""
        return self.line["code"] in RESULTS


@dataclass(frozen=True, slots=True)
class SheetSection:
    """A part of the worksheet."""

    code: str
    label: str
    lines: tuple[SheetLine, ...]


def sheet(conversion: Conversion) -> list[SheetSection]:
    """The whole worksheet, as it was kept. No query."""
    return [
        SheetSection(part["code"], part["label"], tuple(_sheet_line(line) for line in part["lines"]))
        for part in conversion.worksheet["sections"]
    ]


def _sheet_line(line: Mapping[str, Any]) -> SheetLine:
    lives = line["code"].startswith("RIGHT.")
    return SheetLine(
        line,
        tuple(f"{number['name']} {number['display']}" for number in line["numbers"]) if lives else (),
        tuple(change for line_or_detail in (line, *line["details"]) for change in line_or_detail["overrides"]),
    )
