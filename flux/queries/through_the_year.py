"""What charts of a year show: each holder's account month by month, the flow month by month, communes in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from reservations.models import ReservationHolder
from reservations.models.convention import UNIT


@dataclass(frozen=True, slots=True)
class HolderYear:
    """One holder's account, cumulated when each month ends: `due` in millionths of a unit, `received` in units."""

    holder: ReservationHolder
    months: tuple[date, ...]
    due: tuple[int, ...]
    received: tuple[int, ...]

    @property
    def gap(self) -> int:
        """At the end of the last month, in millionths: positive when something is still owed."""
        return self.due[-1] - UNIT * self.received[-1]

    @property
    def rows(self) -> list[tuple[date, int, int, int]]:
        """(first day of the month, due, received, gap), for a table."""
        return [
            (month, due, received, due - UNIT * received)
            for month, due, received in zip(self.months, self.due, self.received, strict=True)
        ]


@dataclass(frozen=True, slots=True)
class FlowMonth:
    """Units that fell vacant in a month: `others` are first lettings and technical vacancies."""

    first: date
    in_flow: int = 0
    excluded: int = 0
    stock: int = 0
    others: int = 0

    @property
    def parts(self) -> tuple[int, int, int, int]:
        """As they pile up, what is of the flow at the bottom."""
        return self.in_flow, self.excluded, self.stock, self.others

    @property
    def vacated(self) -> int:
        return sum(self.parts)


@dataclass(frozen=True, slots=True)
class Ranked:
    """One place in an ordered list: units offered there, and units allocated."""

    name: str
    offered: int
    allocated: int


def together(rows: Sequence[Ranked], name: str) -> Ranked:
    """Several as one."""
    return Ranked(name, sum(row.offered for row in rows), sum(row.allocated for row in rows))
