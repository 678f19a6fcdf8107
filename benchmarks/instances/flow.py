"""One flow: who has which share of each vacancy, and what each vacancy is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

LANDLORD = "NR"


@dataclass(frozen=True, slots=True)
class Vacancy:
    """One vacancy. `shares` sum to the unit of its flow; `may_take` is everybody when None; `place` is its commune.

    `known`: how many departures are known when it is decided, itself included; the flow's own window when None.
    `given_back`: what becomes of it at once, time after time: does each return use the turn of who has it?
    """

    id: str
    shares: Mapping[str, int]
    categories: Mapping[str, str]
    may_take: frozenset[str] | None = None
    place: str = ""
    known: int | None = None
    given_back: tuple[bool, ...] = ()

    def candidates(self, landlord: str) -> list[str]:
        """Who may have it: a share and the right to take it; and the landlord, always."""
        return [
            holder
            for holder, share in self.shares.items()
            if holder != landlord and share and (self.may_take is None or holder in self.may_take)
        ] + [landlord]


@dataclass(frozen=True, slots=True)
class Flow:
    """A year of one ledger: vacancies in order. `ranks` says who is served first when nothing else settles it.

    `window`: how many departures are known at each decision, itself included; None when nobody stated: one.
    `accounting`: how a return that uses a turn is counted (docs/engine.md, section 4): 1, everybody is credited again;
    2, the unit is handed on for one turn, beside. `uniform`: whose convention asks for uniformity over communes.
    """

    name: str
    unit: int
    landlord: str
    dimensions: tuple[str, ...]
    ranks: Mapping[str, int]
    vacancies: tuple[Vacancy, ...]
    window: int | None = None
    accounting: int = 1
    uniform: frozenset[str] = frozenset()

    @property
    def foresees(self) -> bool:
        """Somebody stated how many departures are known."""
        return self.window is not None or any(vacancy.known is not None for vacancy in self.vacancies)

    def known_at(self, number: int) -> int:
        """How many departures are known when the vacancy of that place (from 0) is decided, itself included."""
        return min(self.vacancies[number].known or self.window or 1, len(self.vacancies) - number)
