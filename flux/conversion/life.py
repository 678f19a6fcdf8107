"""How long a right lives within a term. Days are counted with both ends in; no clock: dates come with the facts."""

from __future__ import annotations

from calendar import isleap
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from flux.conversion.facts import GUARANTEE_EXTENSION_YEARS, Parameter, Right, Term


@dataclass(frozen=True, slots=True)
class Year:
    """The part of one calendar year that a term covers."""

    number: int
    starts_on: date
    ends_on: date

    @property
    def days(self) -> int:
        """Days of the term in this year."""
        return days_between(self.starts_on, self.ends_on)

    @property
    def of(self) -> int:
        """Days of the whole calendar year."""
        return 366 if isleap(self.number) else 365


def days_between(first: date, last: date) -> int:
    """Days from one date to another, both counted; 0 when the last comes before the first."""
    return max((last - first).days + 1, 0)


def years_of(term: Term) -> Iterator[Year]:
    """Each calendar year that the term touches."""
    for number in range(term.starts_on.year, term.ends_on.year + 1):
        yield Year(number, max(term.starts_on, date(number, 1, 1)), min(term.ends_on, date(number, 12, 31)))


def length(term: Term) -> Fraction:
    """Years of the term, exact: each year counts for its days in the term over its days."""
    return sum((Fraction(year.days, year.of) for year in years_of(term)), Fraction(0))


def later(day: date, years: int) -> date:
    """The same day, years later; 29 February becomes 28 where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def last_day(right: Right, parameters: dict[str, Parameter]) -> date | None:
    """A right’s last day: written, or a number of years after the guaranteed loan (CCH, R441-6); None for no end."""
    if right.loan_ends_on is None:
        return right.ends_on
    return later(right.loan_ends_on, extension(right, parameters))


def extension(right: Right, parameters: dict[str, Parameter]) -> int:
    """Years that the right outlives its loan: those of its title, else those of the law."""
    if right.extension_years is not None:
        return right.extension_years
    return int(parameters[GUARANTEE_EXTENSION_YEARS].value)


def days_alive(right: Right, end: date | None, first: date, last: date) -> int:
    """Days between two dates, both counted, on which a right that ends on `end` lives."""
    return days_between(max(right.starts_on, first), last if end is None else min(end, last))
