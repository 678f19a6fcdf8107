"""One flow: who has which share of each vacancy, and what each vacancy is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

LANDLORD = "NR"


@dataclass(frozen=True, slots=True)
class Vacancy:
    """One vacancy. `shares` sum to the unit of its flow; `may_take` is everybody when None; `place` is its commune."""

    id: str
    shares: Mapping[str, int]
    categories: Mapping[str, str]
    may_take: frozenset[str] | None = None
    place: str = ""

    def candidates(self, landlord: str) -> list[str]:
        """Who may have it: a share and the right to take it; and the landlord, always."""
        return [
            holder
            for holder, share in self.shares.items()
            if holder != landlord and share and (self.may_take is None or holder in self.may_take)
        ] + [landlord]


@dataclass(frozen=True, slots=True)
class Flow:
    """A year of one ledger: vacancies in order. `ranks` says who is served first when nothing else settles it."""

    name: str
    unit: int
    landlord: str
    dimensions: tuple[str, ...]
    ranks: Mapping[str, int]
    vacancies: tuple[Vacancy, ...]
