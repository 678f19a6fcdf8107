"""Dues, units received and lacks of each holder of one ledger: a fold of what happened so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from flux.apportion import apportion
from flux.engine.facts import Chain, HolderFacts, Situation

#: {dimension: {category: [due, received]}}
Profile = dict[str, dict[str, list[int]]]


@dataclass(slots=True)
class Counter:
    """One holder's figures. `due` in shares; `received` in whole units; `last_served` a rank, 0 for never."""

    name: str
    rank: int
    due: int = 0
    received: int = 0
    last_served: int = 0
    profile: Profile = field(default_factory=dict)

    def add(self, categories: Mapping[str, str], *, due: int = 0, received: int = 0) -> None:
        """Add to the totals and, in each dimension, to the category of the unit."""
        self.due += due
        self.received += received
        for dimension, category in categories.items():
            figures = self.profile.setdefault(dimension, {}).setdefault(category, [0, 0])
            figures[0] += due
            figures[1] += received

    def forgive(self, categories: Mapping[str, str], *, unit: int) -> None:
        """The holder gave back a unit of these categories, and keeps its turn: one received less, and no category
        turn given back, else the same unit that nobody wants would come back for ever.

        In each dimension the unit it is owed again is spread on its usual mix (what it was due so far), so that its
        lacks still sum to its delay.
        """
        self.received -= 1
        for dimension, category in categories.items():
            known = self.profile.setdefault(dimension, {})
            mix = {name: max(0, due) for name, (due, _) in known.items()}
            if not any(mix.values()):
                mix = {category: 1}
            for name, part in apportion(unit, dict(sorted(mix.items()))).items():
                known.setdefault(name, [0, 0])[0] += part

    def lack(self, dimension: str, category: str, unit: int) -> int:
        """Category due − unit × category received; over a dimension, the lacks sum to the delay."""
        due, received = self.profile.get(dimension, {}).get(category, (0, 0))
        return due - unit * received


class WrongSharesError(ValueError):
    """The shares of a vacancy do not sum to one unit: an error of configuration, never rescaled silently."""


@dataclass(slots=True)
class Counters:
    """The counters of one ledger. Routing one vacancy is: `accrue`, `situation`, a decision, `receive`."""

    unit: int
    landlord: str
    dimensions: tuple[str, ...]
    holders: dict[str, Counter] = field(default_factory=dict)

    def accrue(self, shares: Mapping[str, int], categories: Mapping[str, str]) -> None:
        """Credit each holder with its share of one vacancy.

        Raises WrongSharesError, before anything is credited, unless the shares sum to exactly one unit.
        """
        if sum(shares.values()) != self.unit or min(shares.values()) < 0:
            raise WrongSharesError(f"shares sum to {sum(shares.values())}, not to {self.unit}")
        for holder, share in shares.items():
            if share:
                self.holders[holder].add(categories, due=share)

    def receive(self, holder: str, categories: Mapping[str, str], *, sequence: int) -> None:
        """`holder` gets the unit, at this rank of the ledger."""
        self.holders[holder].add(categories, received=1)
        self.holders[holder].last_served = max(sequence, self.holders[holder].last_served)

    def give_up(self, holder: str, categories: Mapping[str, str]) -> None:
        """`holder` no longer gets the unit: a person sent it elsewhere."""
        self.holders[holder].add(categories, received=-1)

    def forgive(self, holder: str, categories: Mapping[str, str]) -> None:
        """`holder` gave the unit back and keeps its turn."""
        self.holders[holder].forgive(categories, unit=self.unit)

    def situation(
        self,
        shares: Mapping[str, int],
        categories: Mapping[str, str],
        *,
        sequence: int,
        may_take: frozenset[str] | None = None,
        place: str = "",
        chain: Chain | None = None,
        passed: str = "",
    ) -> Situation:
        """Freeze what the decision on one vacancy sees, after `accrue`.

        Only holders with a share here are seen, and the landlord. `may_take` (all, when None) removes
        candidates, never dues. `place` names the commune, for the sentence.
        """
        seen = [
            (holder, counter)
            for holder, counter in self.holders.items()
            if shares.get(holder, 0) or holder == self.landlord
        ]
        seen.sort(key=lambda pair: pair[1].rank)
        return Situation(
            unit=self.unit,
            sequence=sequence,
            landlord=self.landlord,
            dimensions=self.dimensions,
            categories=tuple(categories[dimension] for dimension in self.dimensions),
            holders=tuple(
                HolderFacts(
                    id=holder,
                    name=counter.name,
                    rank=counter.rank,
                    share=shares.get(holder, 0),
                    due=counter.due,
                    received=counter.received,
                    last_served=counter.last_served,
                    may_take=may_take is None or holder in may_take,
                    lacks=tuple(
                        counter.lack(dimension, categories[dimension], self.unit) for dimension in self.dimensions
                    ),
                )
                for holder, counter in seen
            ),
            place=place,
            chain=chain,
            passed=passed,
        )
