"""What a decision sees, and what it says. Frozen, exact integers, readable as JSON."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any


@dataclass(frozen=True, slots=True)
class HolderFacts:
    """One holder as the decision sees it, this vacancy's share already credited.

    Quantities are in shares (`Situation.unit` of them make one unit of housing), `received` in whole units.
    `lacks` has one figure a dimension, for the category of this vacancy: category due − unit × category received.
    `declines`: « dimension:category » of this unit that its convention says it does not take; it then may not take it.
    `inside`: its name inside a sentence (« la Ville de Narbonne »), where it differs and other departures are known.
    `weights`: how many times the lack of each dimension counts; empty, once each. Only a convention says otherwise.
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
    inside: str = ""
    weights: tuple[int, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Plain data; what came after version 1 only when there is some, so that the fingerprints of the past hold."""
        lists = {"lacks": list(self.lacks), "weights": list(self.weights)}
        data = {name: getattr(self, name) for name in HOLDER} | lists
        return {name: value for name, value in data.items() if value or name not in LATER}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> HolderFacts:
        """Read back what `as_json` wrote. Raises KeyError or TypeError when it is something else."""
        lists = {"lacks": tuple(data["lacks"]), "weights": tuple(data.get("weights", ()))}
        return cls(**(dict(data) | lists))

    @property
    def weighed(self) -> tuple[int, ...]:
        """Its lacks, each as many times as it counts."""
        if not self.weights:
            return self.lacks
        return tuple(weight * lack for weight, lack in zip(self.weights, self.lacks, strict=True))

    def delay(self, unit: int) -> int:
        """Dû − reçu (écart), in shares: positive when the holder is owed something."""
        return self.due - unit * self.received


#: The fields of `HolderFacts`: `asdict`, which looks into each, costs ten times as much, for every holder.
HOLDER = [each.name for each in fields(HolderFacts)]
#: Those of them that came after version 1.
LATER = frozenset({"declines", "inside", "weights"})


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
class Known:
    """One vacancy that is registered and waits, as the decision on another one sees it: nothing of it is credited.

    `vacancy` is its id and `label` names it for the reader, with the `place` (commune) where it is; `registered` is its
    order of registration; `categories` are in the order of the situation's dimensions.
    `shares`, by holder: what it will credit, those above zero only; they sum to one unit, the landlord's included.
    `may_take`: who may be served it: a share above zero here and nothing against it; and the landlord, always.
    `lacks`, by holder of `may_take`: the sum over the dimensions of its lacks in the categories of *this* vacancy, each
    as many times as it counts for that holder (`uniform`: for whom that of the commune counts several), the vacancy to
    decide credited; a holder that has none (no line in the ledger yet) may be left out.
    """

    vacancy: str
    registered: int
    categories: tuple[str, ...]
    shares: Mapping[str, int]
    may_take: tuple[str, ...]
    lacks: Mapping[str, int]
    place: str = ""
    label: str = ""
    uniform: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Plain data; `uniform` only when there is some, so that the fingerprints of the past hold."""
        data = asdict(self) | {"categories": list(self.categories), "may_take": list(self.may_take)}
        uniform = data.pop("uniform")
        return data | ({"uniform": list(uniform)} if uniform else {})

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Known:
        """Read back what `as_json` wrote. Raises KeyError or TypeError when it is something else."""
        lists = {"categories": tuple(data["categories"]), "may_take": tuple(data["may_take"])}
        return cls(**(dict(data) | lists | {"uniform": tuple(data.get("uniform", ()))}))


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """One holder that has no share of the vacancy to decide, and may be served one of the known ones.

    `due` in shares, `received` in whole units, as everywhere; `inside`: its name inside a sentence, where it differs.
    """

    id: str
    name: str
    rank: int
    due: int
    received: int
    inside: str = ""

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {name: value for name, value in asdict(self).items() if value or name != "inside"}

    def delay(self, unit: int) -> int:
        """Dû − reçu (écart), in shares: positive when the holder is owed something."""
        return self.due - unit * self.received


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything one decision rests on: the same situation gives the same decision for ever (under one version).

    `sequence` is the vacancy's rank in its ledger; `dimensions` and `categories` describe the unit, in order;
    `landlord` is the id of the landlord's own row, which may always take; `place` names the commune for the reader.
    `chain` is there only for a unit given back whose next destination a convention settles. `passed` names the
    commune that its chain gives the unit to and that nobody can reach: it is no organisation here.

    Since version 2, the departures that are already known: `known`, the vacancies that wait behind this one, in order
    of registration; `elsewhere`, the holders that they alone concern; `window`, how many at most are looked at (L, this
    one included); `limits`, in shares, how far from its due a holder may be after each known departure, then after the
    last. All four are empty when nothing else is known: the situation is then one of version 1, to the letter.
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
    known: tuple[Known, ...] = ()
    elsewhere: tuple[Elsewhere, ...] = ()
    window: int = 0
    limits: tuple[int, ...] = ()

    @property
    def everybody(self) -> tuple[HolderFacts | Elsewhere, ...]:
        """The holders that this vacancy or a known one concerns."""
        return (*self.holders, *self.elsewhere)

    @property
    def uniform(self) -> tuple[str, ...]:
        """The holders (ids) whose lack of a commune counts several times, here or on a known departure."""
        here = {holder.id for holder in self.holders if holder.weights}
        return tuple(sorted(here.union(*(one.uniform for one in self.known))))

    @property
    def departures(self) -> int:
        """How many departures are known, the vacancy to decide included: k."""
        return 1 + len(self.known)

    def as_json(self) -> dict[str, Any]:
        """Plain data, to be stored; `from_json` reads it back.

        What came after the first situations is written only when there is some: the fingerprints of the past hold.
        """
        data: dict[str, Any] = {
            "unit": self.unit,
            "sequence": self.sequence,
            "landlord": self.landlord,
            "dimensions": list(self.dimensions),
            "categories": list(self.categories),
            "holders": [holder.as_json() for holder in self.holders],
            "place": self.place,
        }
        if self.chain is not None:
            data["chain"] = self.chain.as_json()
        if self.passed:
            data["passed"] = self.passed
        if self.known:
            data["known"] = [one.as_json() for one in self.known]
            data["elsewhere"] = [holder.as_json() for holder in self.elsewhere]
            data["window"] = self.window
            data["limits"] = list(self.limits)
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
            holders=tuple(HolderFacts.from_json(row) for row in data["holders"]),
            place=data["place"],
            chain=Chain(**data["chain"]) if "chain" in data else None,
            passed=data.get("passed", ""),
            known=tuple(Known.from_json(row) for row in data.get("known", ())),
            elsewhere=tuple(Elsewhere(**row) for row in data.get("elsewhere", ())),
            window=data.get("window", 0),
            limits=tuple(data.get("limits", ())),
        )

    def fingerprint(self) -> str:
        """SHA-256 of the situation, written in one canonical way."""
        return fingerprint_of(self.as_json())


def fingerprint_of(data: Mapping[str, Any]) -> str:
    """That of a situation by its plain data."""
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
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
    """What the rule says: the holder chosen, the reason code, and every holder ranked, the chosen one first.

    With known departures (version 2), the plan too: `plan`, who has each of them, the one decided first (the others
    are a forecast, never a promise); `excess`, by how much it passes the limits, in squared shares; `mix`, the lacks
    that it fills, in shares; `version_1`, whom version 1 would have served. All four are empty otherwise.
    """

    holder: str
    reason: str
    ranking: tuple[Rank, ...]
    version: int
    plan: tuple[str, ...] = ()
    excess: int = 0
    mix: int = 0
    version_1: str = ""

    def plan_as_json(self) -> dict[str, Any]:
        """The plan as plain data, to be stored beside the decision; empty when nothing else was known."""
        if not self.plan:
            return {}
        return {"holders": list(self.plan), "excess": self.excess, "mix": self.mix, "version_1": self.version_1}

    def ranking_as_json(self) -> list[dict[str, Any]]:
        """The ranking as plain data, to be stored beside the decision."""
        return [asdict(rank) for rank in self.ranking]
