"""What is given: dwellings, rights, the terms of conventions; and what is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

UNIT = 1_000_000
DIMENSIONS = ("typology", "financing", "qpv", "period", "commune", "attractiveness")

#: Whose doing a return is.
SIDES = {
    "NO_CANDIDATE": "HOLDER",
    "DECLINED": "HOLDER",
    "WITHDRAWN": "LANDLORD",
    "WORKS": "UNIT",
    "REFUSED": "APPLICANT",
    "UNALLOCATED": "COMMITTEE",
    "ERROR": "LANDLORD",
}


class Refused(Exception):
    """An act that must change nothing; `words` are in the sentence of the refusal."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


def refuse(wrong: object, words: str) -> None:
    """Raises Refused when something is wrong."""
    if wrong:
        raise Refused(words)


@dataclass(frozen=True)
class Dwelling:
    """Where a unit of housing is, the territories that cover it, and its category in each dimension."""

    places: tuple[str, ...]
    kinds: Mapping[str, str]


@dataclass(frozen=True)
class Row:
    """A row of a table of rates: the conditions that are not empty all hold; values of one dimension are « or »."""

    share: int
    place: str = ""
    kinds: Mapping[str, frozenset[str]] = field(default_factory=dict)
    since: int = 0

    def holds(self, dwelling: Dwelling, year: int) -> bool:
        here = not self.place or self.place in dwelling.places
        return here and self.since <= year and all(dwelling.kinds[each] in of for each, of in self.kinds.items())

    def is_within(self, other: Row, places: tuple[str, ...]) -> bool:
        """As precise as another one in every condition; `places` go from the narrowest to the widest."""
        scale = {"": len(places)} | {place: number for number, place in enumerate(places)}
        return (
            scale[self.place] <= scale[other.place]
            and self.since >= other.since
            and all(self.kinds.get(each, of | {None}) <= of for each, of in other.kinds.items())
        )


@dataclass(frozen=True)
class Terms:
    """What a convention settles of returns and delays."""

    returns: str = "YES_IF_HOLDER_FAULT"
    cap: int | None = None
    chain: tuple[str, ...] = ()
    days: int | None = None
    delegated: bool = False
    uniform: bool = False
    not_offered: tuple[str, ...] = ("LANDLORD", "UNIT")

    def uses_turn(self, reason: str) -> bool:
        side = SIDES[reason]
        return side != "UNIT" and (
            self.returns == "YES" or (self.returns == "YES_IF_HOLDER_FAULT" and side == "HOLDER")
        )


@dataclass(frozen=True)
class Right:
    """What a convention gives a holder on a perimeter: a general share, a table, what it does not take."""

    holder: str
    rank: int
    place: str
    share: int
    rows: tuple[Row, ...] = ()
    declined: Mapping[str, frozenset[str]] = field(default_factory=dict)
    terms: Terms = Terms()

    def share_of(self, dwelling: Dwelling, year: int) -> int:
        """That of the row within all the others that hold; the general one where none does."""
        holding = [row for row in self.rows if row.holds(dwelling, year)]
        for row in holding:
            if all(row.is_within(other, dwelling.places) for other in holding):
                return row.share
        return self.share

    def declines(self, dwelling: Dwelling) -> bool:
        return any(dwelling.kinds[dimension] in of for dimension, of in self.declined.items())


def is_worked(day: date) -> bool:
    """Monday to Friday, the holidays of a date left out (code du travail, L3133-1); no year here lasts until Easter."""
    fixed = {(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)}
    return day.weekday() < 5 and (day.month, day.day) not in fixed


def after(day: date, count: int) -> date:
    """The last of so many worked days after a day, which does not count."""
    while count:
        day += timedelta(1)
        count -= is_worked(day)
    return day


def share_out(total: int, weights: Mapping[str, int]) -> dict[str, int]:
    """In proportion, by largest remainder, ties by name."""
    whole = sum(weights.values())
    parts = {name: total * weight // whole for name, weight in weights.items()}
    first = sorted(weights, key=lambda name: (-(total * weights[name] % whole), name))
    for name in first[: total - sum(parts.values())]:
        parts[name] += 1
    return parts
