"""What is read of quotas.

* What is promised in communes that the same conventions cover.
* The stable names of the checks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from reservations.models import Territory
from reservations.models.rate import RateCell
from reservations.queries.rights import Kind, Right, highest, totals


@dataclass(frozen=True, slots=True)
class Promised:
    """What is promised on one day of a year in communes that the same conventions cover; `commune` is the most
    populated, `territories` (ids) cover them, among those that these rights name."""

    commune: Territory
    communes: int
    held: tuple[Right, ...]
    territories: frozenset[int] = frozenset()
    year: int = 0

    def total(self, contingents: Collection[int] | None = None) -> int:
        """What these contingents, or all, are promised together of the unit where it is most, in millionths."""
        return highest(self.held, self.territories, self.year, contingents)

    def totals(self, contingents: Collection[int], beside: Iterable[RateCell]) -> dict[Kind, int]:
        """What these contingents are promised together, by kind of unit; `beside`: rows that distinguish kinds."""
        return totals(self.held, self.territories, self.year, contingents, beside=beside)

    def has_table(self, contingents: Collection[int]) -> bool:
        """Does a table say what some of these contingents are promised here?"""
        return any(right.rates for right in self.held if right.holder.contingent in contingents)


def by_departement(groups: Iterable[Promised]) -> list[list[Promised]]:
    """The groups of each département, in the order in which they came."""
    found: dict[int | None, list[Promised]] = defaultdict(list)
    for group in groups:
        found[group.commune.departement_id].append(group)
    return list(found.values())


class Level(StrEnum):
    """How grave a finding is. A refusal keeps a draft from being signed; a warning leaves people to judge."""

    REFUSAL = "REFUSAL"
    WARNING = "WARNING"


class Code(StrEnum):
    """The stable name of each check, for files and commands."""

    NO_QUOTA = "NO_QUOTA"
    PERIOD_PAST = "PERIOD_PAST"
    PERIOD_OVERLAP = "PERIOD_OVERLAP"
    PERIOD_GAP = "PERIOD_GAP"
    RANK_TAKEN = "RANK_TAKEN"
    PARAMETER_MISSING = "PARAMETER_MISSING"
    STATE_SHARE = "STATE_SHARE"
    STATE_AGENTS_SHARE = "STATE_AGENTS_SHARE"
    STATE_RECEIVED = "STATE_RECEIVED"
    STATE_UNIFORM = "STATE_UNIFORM"
    STATE_OUTSIDE_QPV = "STATE_OUTSIDE_QPV"
    DEROGATION_ENDING = "DEROGATION_ENDING"
    GUARANTEE_SHARE = "GUARANTEE_SHARE"
    OVER_COMMITTED = "OVER_COMMITTED"
    NOT_FEASIBLE = "NOT_FEASIBLE"
    UNITS_MIXED = "UNITS_MIXED"
    OWN_TERRITORY = "OWN_TERRITORY"
    ONE_CONVENTION = "ONE_CONVENTION"
    RIGHT_ENDING = "RIGHT_ENDING"
    CONVENTION_ENDING = "CONVENTION_ENDING"
    GUARANTEE_ENDING = "GUARANTEE_ENDING"
    MATTERS_MISSING = "MATTERS_MISSING"
