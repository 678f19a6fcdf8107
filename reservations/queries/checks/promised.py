"""What is promised in communes that the same conventions cover."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from reservations.models import Territory
from reservations.queries.rights import Right


@dataclass(frozen=True, slots=True)
class Promised:
    """What is promised on one day in communes that the same conventions cover; `commune` is the most populated."""

    commune: Territory
    communes: int
    held: tuple[Right, ...]

    def total(self, contingents: Collection[int]) -> int:
        """What these contingents are promised together, in millionths of a unit."""
        return sum(right.share for right in self.held if right.holder.contingent in contingents)


def by_departement(groups: Iterable[Promised]) -> list[list[Promised]]:
    """The groups of each département, in the order in which they came."""
    found: dict[int | None, list[Promised]] = defaultdict(list)
    for group in groups:
        found[group.commune.departement_id].append(group)
    return list(found.values())
