"""What a decision sees, and what it says. Frozen, exact integers, readable as JSON."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class HolderFacts:
    """One holder as the decision sees it, this vacancy's share already credited.

    Quantities are in shares (`Situation.unit` of them make one unit of housing), `received` in whole units.
    `lacks` has one figure a dimension, for the category of this vacancy: category due − unit × category received.
    `declines`: « dimension:category » of this unit that its convention says it does not take; it then may not take it.
    """

    id: str
    name: str
    rank: int
    share: int
    due: int
    received: int
    last_served: int
    may_take: bool
    lacks: tuple[int, ...]
    declines: str = ""

    def as_json(self) -> dict[str, Any]:
        """Plain data; what is declined only when something is, so that the fingerprints of the past hold."""
        data = asdict(self) | {"lacks": list(self.lacks)}
        if not self.declines:
            del data["declines"]
        return data

    def delay(self, unit: int) -> int:
        """Dû − reçu (écart), in shares: positive when the holder is owed something."""
        return self.due - unit * self.received


@dataclass(frozen=True, slots=True)
class Chain:
    """Where a convention sends a unit that its holder gave back through its own fault, before the rule is asked.

    `holder` is the id of the destination, among the situation's; `step` says which (MAYOR, STATE or LANDLORD);
    `after` names the holder whose convention it is. A commune without a right there proposes on the landlord's own
    part, for this letting: `holder` is then the landlord, `proposer` the organisation (id), `proposed_by` its name.
    """

    holder: str
    step: str
    after: str
    proposer: str = ""
    proposed_by: str = ""

    def as_json(self) -> dict[str, str]:
        """Plain data; who proposes only when somebody does, so that the fingerprints of the past hold."""
        return {name: value for name, value in asdict(self).items() if value or not name.startswith("propose")}


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything one decision rests on: the same situation gives the same decision for ever (under one version).

    `sequence` is the vacancy's rank in its ledger; `dimensions` and `categories` describe the unit, in order;
    `landlord` is the id of the landlord's own row, which may always take; `place` names the commune for the reader.
    `chain` is there only for a unit given back whose next destination a convention settles. `passed` names the
    commune that its chain gives the unit to and that nobody can reach: it is no organisation here.
    """

    unit: int
    sequence: int
    landlord: str
    dimensions: tuple[str, ...]
    categories: tuple[str, ...]
    holders: tuple[HolderFacts, ...]
    place: str
    chain: Chain | None = None
    passed: str = ""

    def as_json(self) -> dict[str, Any]:
        """Plain data, to be stored; `from_json` reads it back."""
        data = asdict(self) | {
            "dimensions": list(self.dimensions),
            "categories": list(self.categories),
            "holders": [holder.as_json() for holder in self.holders],
        }
        if self.chain is None:  # written as before chains were: the fingerprints of the past hold
            del data["chain"]
        else:
            data["chain"] = self.chain.as_json()
        if not self.passed:
            del data["passed"]
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Situation:
        """Read back what `as_json` wrote. Raises KeyError or TypeError when it is something else."""
        return cls(
            unit=data["unit"],
            sequence=data["sequence"],
            landlord=data["landlord"],
            dimensions=tuple(data["dimensions"]),
            categories=tuple(data["categories"]),
            holders=tuple(HolderFacts(**(row | {"lacks": tuple(row["lacks"])})) for row in data["holders"]),
            place=data["place"],
            chain=Chain(**data["chain"]) if "chain" in data else None,
            passed=data.get("passed", ""),
        )

    def fingerprint(self) -> str:
        """SHA-256 of the situation, written in one canonical way."""
        text = json.dumps(self.as_json(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Rank:
    """One line of the ranking: how the rule sees one holder. `priority` is what the choice compares."""

    id: str
    delay: int
    priority: int
    eligible: bool
    must_soon: bool
    in_band: bool
    safe: bool


@dataclass(frozen=True, slots=True)
class Decision:
    """What the rule says: the holder chosen, the reason code, and every holder ranked, the chosen one first."""

    holder: str
    reason: str
    ranking: tuple[Rank, ...]
    version: int

    def ranking_as_json(self) -> list[dict[str, Any]]:
        """The ranking as plain data, to be stored beside the decision."""
        return [asdict(rank) for rank in self.ranking]
