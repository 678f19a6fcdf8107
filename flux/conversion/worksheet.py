"""The worksheet (feuille de conversion): lines that one reads and argues with, and what they give. Frozen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Any

from flux.conversion import figures
from flux.conversion.facts import ConversionInput, Note, Override

#: One whole unit in the integer shares that a signed quota carries: a percentage with four decimals is exact.
UNIT = 1_000_000

INFO, WARNING = "INFO", "WARNING"


@dataclass(frozen=True, slots=True)
class Number:
    """One number put into a line: its name, its exact text (fraction or date), how it is shown."""

    name: str
    value: str
    display: str

    @classmethod
    def of(cls, name: str, value: Fraction | int, display: str = "") -> Number:
        """A figure; shown with two decimals unless `display` says otherwise."""
        exact = Fraction(value)
        return cls(name, figures.exact(exact), display or figures.figure(exact))

    @classmethod
    def day(cls, name: str, value: date) -> Number:
        """A date, shown the French way."""
        return cls(name, value.isoformat(), f"{value:%d/%m/%Y}")


@dataclass(frozen=True, slots=True)
class WorksheetLine:
    """One step of the sum: what it is, its formula, the numbers put in, the exact result and the shown one.

    `worked` is the formula with its numbers. `code` is the same in every variant, so that they compare line by
    line. `details` are the steps behind this one.
    """

    code: str
    label: str
    formula: str
    numbers: tuple[Number, ...]
    worked: str
    value: Fraction
    display: str
    source: str = ""
    overrides: tuple[Override, ...] = ()
    details: tuple[WorksheetLine, ...] = ()

    def noted(self, note: Note) -> WorksheetLine:
        """The same line, with where its figures come from."""
        return replace(self, source=note.source or self.source, overrides=note.overrides)

    def as_json(self) -> dict[str, Any]:
        """Plain data; the result as the text of a fraction."""
        return {
            "code": self.code,
            "label": self.label,
            "formula": self.formula,
            "numbers": [asdict(number) for number in self.numbers],
            "worked": self.worked,
            "exact": figures.exact(self.value),
            "display": self.display,
            "source": self.source,
            "overrides": [asdict(override) for override in self.overrides],
            "details": [line.as_json() for line in self.details],
        }


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the sum, with its lines in reading order; the last gives the part’s result."""

    code: str
    label: str
    lines: tuple[WorksheetLine, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {"code": self.code, "label": self.label, "lines": [line.as_json() for line in self.lines]}


@dataclass(frozen=True, slots=True)
class Remark:
    """Something to know or to settle about the worksheet; a WARNING is to be settled before signing."""

    code: str
    level: str
    text: str


@dataclass(frozen=True, slots=True)
class Target:
    """What one holder may expect in a year, in whole units: the exact figure, and its apportioned one."""

    name: str
    exact: Fraction
    units: int


@dataclass(frozen=True, slots=True)
class Worksheet:
    """A conversion, worked out. `rate` is the exact share of the flow, `share` what a signed quota would carry.

    `base` in units; `net_flow` and `expected` in units a year; `targets` only where the other shares are known.
    """

    given: ConversionInput
    sections: tuple[Section, ...]
    remarks: tuple[Remark, ...]
    targets: tuple[Target, ...]
    base: int
    net_flow: Fraction
    rate: Fraction
    share: int
    expected: Fraction

    @property
    def rounding(self) -> Fraction:
        """Units a year that the signed share gives beyond the exact rate (less than zero: what it loses)."""
        return (Fraction(self.share, UNIT) - self.rate) * self.net_flow

    def lines(self) -> Iterator[WorksheetLine]:
        """Every line, details after their own, in reading order."""

        def walk(lines: tuple[WorksheetLine, ...]) -> Iterator[WorksheetLine]:
            for line in lines:
                yield line
                yield from walk(line.details)

        for section in self.sections:
            yield from walk(section.lines)

    def as_json(self) -> dict[str, Any]:
        """Plain data: exact figures as the text of fractions, shown ones beside (docs/conversion.md)."""
        given = self.given
        return {
            "format": 1,
            "landlord": asdict(given.landlord),
            "holder": asdict(given.holder),
            "perimeter": asdict(given.perimeter),
            "term": {"starts_on": given.term.starts_on.isoformat(), "ends_on": given.term.ends_on.isoformat()},
            "result": {
                "rate": figures.exact(self.rate),
                "percent": figures.percent(self.rate, 4),
                "share": self.share,
                "base": self.base,
                "net_flow": figures.exact(self.net_flow),
                "expected": figures.exact(self.expected),
                "rounding": figures.exact(self.rounding),
                "expected_shown": figures.figure(self.expected),
                "net_flow_shown": figures.figure(self.net_flow),
            },
            "sections": [section.as_json() for section in self.sections],
            "targets": [
                {"name": target.name, "exact": figures.exact(target.exact), "units": target.units}
                for target in self.targets
            ],
            "remarks": [asdict(remark) for remark in self.remarks],
        }
