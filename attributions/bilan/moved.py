"""A seal, and what moved the figures of its year once it was there, act by act (docs/decisions/0121)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from flux.models import FlowEntry
from flux.queries.cells import SUMMED

Stage = FlowEntry.Stage

#: Each stage that a cell counts, and its measure.
MEASURED = {name.upper(): name for name in SUMMED}
#: The figures of an account that each stage moves, besides `received`.
ACCOUNTED = {
    **dict.fromkeys(FlowEntry.OWED, ("due",)),
    Stage.CARRIED: ("due", "carried"),
    **{Stage(stage): (name,) for stage, name in MEASURED.items() if stage != "REFUSED"},
    Stage.ROUTED: ("routed",),
    Stage.AWAITING: ("awaiting",),
}


class SealKey(NamedTuple):
    """A balance: landlord and département (ids), year."""

    landlord: int
    departement: int
    year: int


@dataclass(frozen=True, slots=True)
class Seal:
    """The latest sealed version of a balance; `mark`: its place among what was written."""

    key: SealKey
    departement: str
    region: int | None
    version: int
    pk: int
    sealed_on: date
    digest: str
    mark: int


class Cause(StrEnum):
    """Why a figure differs from the one that was sealed."""

    LATE = "LATE"
    UNDONE = "UNDONE"
    CORRECTED = "CORRECTED"
    DESCRIBED = "DESCRIBED"
    FOLLOWED = "FOLLOWED"


@dataclass(frozen=True, slots=True)
class Moved:
    """What an entry adds to the figures of today, and that a sealed balance does not state: `quantity`, under a
    description (`described`: its raw columns in the order of the axes; empty for a transfer, that bears on no unit).

    `own`: does the unit belong to this account? What a convention counts besides, of a first letting, does not.
    `first`: is it the account of first lettings? `taken_by`: the year of the balance that takes it; None when only the
    next version of the sealed one does.
    """

    seal: Seal
    cause: Cause
    ledger: int
    exercise: int
    first: bool
    own: bool
    holder: int
    contingent: int
    vacancy: int | None
    unit: str
    stage: Stage
    side: str
    quantity: int
    reached: int
    on: date
    acted_on: date
    recorded_at: datetime
    description: int | None
    described: tuple[Any, ...]
    taken_by: int | None

    @property
    def commune(self) -> int | None:
        """Where it counts (id); None for a transfer."""
        return self.described[3] if self.described else None

    @property
    def month(self) -> date:
        """That of the account in which it is written."""
        return self.on.replace(day=1)

    @property
    def measure(self) -> str:
        """That of the cells; "" for what they do not count."""
        return MEASURED.get(self.stage, "") if self.own else ""

    @property
    def lacks(self) -> bool:
        """Does its description lack something that the decree asks?"""
        return any(raw in ("", None) for raw in self.described)

    @property
    def is_copy(self) -> bool:
        """Is it what became of a first letting, that a convention counts in its share too?"""
        return not self.own and self.stage in (Stage.ALLOCATED, Stage.LEASED)

    @property
    def is_done(self) -> bool:
        """Is it an act of the sealed year? Else, what became of a unit of it in another."""
        return self.acted_on.year == self.seal.key.year

    def figures(self) -> dict[str, int]:
        """What it adds to an account, by column of its months."""
        names = ACCOUNTED.get(self.stage, ())
        found = dict.fromkeys(names, self.quantity)
        if self.stage == Stage.REFUSED:
            found[f"refused_{self.side.lower()}"] = self.quantity
        return found | ({"received": self.reached} if self.reached else {})


@dataclass(frozen=True, slots=True)
class Fallen:
    """A unit that counts today among those that fell vacant in a sealed year, and did not then (`units` 1), or the
    reverse (−1)."""

    landlord: int
    year: int
    commune: int
    month: date
    kind: str
    exclusion: str
    decided: bool
    units: int
