"""What one unit credits, and what its decision sees."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from flux.engine.counters import Spread
from flux.engine.facts import Situation
from reservations.queries.rights import OverCommitment

DIMENSIONS = ("typology", "financing", "qpv", "period", "commune", "attractiveness")


class OverCommitted(Exception):
    """More than the whole flow is promised where this vacancy lies: routing there stops, nothing is rescaled."""

    def __init__(self, excess: OverCommitment) -> None:
        super().__init__(f"{excess.commune}: {excess.total}")
        self.excess = excess


@dataclass(frozen=True, slots=True)
class Entered:
    """One unit that entered the ledger: the shares of the rights, the steps of earlier years, what the engine sees.

    Shares sum to one unit, and steps to nothing. `spreads`, by holder: the category dues of its share, and those of its
    step, where they do not go to the unit's own categories.
    """

    shares: Mapping[str, int]
    facts: Situation
    spreads: Mapping[str, Spread] = field(default_factory=dict)
    carried: Mapping[str, int] = field(default_factory=dict)
    carried_spreads: Mapping[str, Spread] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Credited:
    """What one unit credited to whom: shares, steps of earlier years, and how each was spread (`Entered`)."""

    shares: Mapping[str, int]
    spreads: Mapping[str, Spread]
    carried: Mapping[str, int]
    carried_spreads: Mapping[str, Spread]
