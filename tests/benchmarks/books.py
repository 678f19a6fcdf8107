"""An instance followed by the words of docs/engine.md, with books kept here: nothing of the product's counters."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from flux.engine.facts import Elsewhere, HolderFacts, Known, Situation
from tests.flux.engine import every_plan, reference

Instance = dict[str, Any]


class Books:
    """What each holder is due, has received and lacks."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.unit, self.landlord = instance["unit"], instance["landlord"]
        self.due: dict[str, int] = defaultdict(int)
        self.received: dict[str, int] = defaultdict(int)
        self.served: dict[str, int] = defaultdict(int)
        self.mix: dict[tuple[str, str, str], int] = defaultdict(int)

    def categories(self, vacancy: Instance) -> dict[str, str]:
        given = vacancy.get("categories") or {}
        return {dimension: given.get(dimension) or "" for dimension in self.instance["dimensions"]}

    def takers(self, vacancy: Instance) -> list[str]:
        return vacancy.get("may_take") or [holder["id"] for holder in self.instance["holders"]]

    def credit(self, vacancy: Instance) -> None:
        for holder, share in vacancy["shares"].items():
            self.due[holder] += share
            for pair in self.categories(vacancy).items():
                self.mix[holder, *pair] += share

    def give(self, holder: str, vacancy: Instance, turn: int) -> None:
        self.received[holder] += 1
        self.served[holder] = turn
        for pair in self.categories(vacancy).items():
            self.mix[holder, *pair] -= self.unit

    def lacks(self, holder: str, vacancy: Instance) -> tuple[int, ...]:
        return tuple(self.mix[holder, dimension, value] for dimension, value in self.categories(vacancy).items())

    def seen(self, turn: int, vacancy: Instance, behind: list[Instance]) -> Situation:
        """The vacancy of this turn, credited; those behind it are known."""
        here = {holder for holder, share in vacancy["shares"].items() if share} | {self.landlord}
        facts = [
            HolderFacts(
                id=holder["id"],
                name="",
                rank=holder["rank"],
                share=vacancy["shares"].get(holder["id"], 0),
                due=self.due[holder["id"]],
                received=self.received[holder["id"]],
                last_served=self.served[holder["id"]],
                may_take=holder["id"] in self.takers(vacancy),
                lacks=self.lacks(holder["id"], vacancy),
            )
            for holder in self.instance["holders"]
            if holder["id"] in here
        ]
        known = []
        for place, one in enumerate(behind, turn + 1):
            takers = [h for h, share in one["shares"].items() if share > 0 and h in self.takers(one)]
            takers += [self.landlord] if self.landlord not in takers else []
            lacks = {holder: sum(self.lacks(holder, one)) for holder in takers}
            known.append(Known(one["id"], place, (), one["shares"], tuple(takers), lacks))
        elsewhere = [
            Elsewhere(holder["id"], "", holder["rank"], self.due[holder["id"]], self.received[holder["id"]])
            for holder in self.instance["holders"]
            if holder["id"] not in here
        ]
        categories = self.categories(vacancy)
        return Situation(
            self.unit,
            turn,
            self.landlord,
            tuple(categories),
            tuple(categories.values()),
            tuple(facts),
            "",
            known=tuple(known),
            elsewhere=tuple(elsewhere),
        )


def independently(instance: Instance) -> list[dict[str, str | int]]:
    """What must be printed of each vacancy: version 1 where nothing is known ahead, else every plan judged."""
    books, vacancies = Books(instance), instance["vacancies"]
    foresees = "window" in instance or any("known" in vacancy for vacancy in vacancies)
    found = []
    for turn, vacancy in enumerate(vacancies, 1):
        known = min(vacancy.get("known") or instance.get("window") or 1, len(vacancies) - turn + 1)
        books.credit(vacancy)
        seen = books.seen(turn, vacancy, vacancies[turn : turn + known - 1])
        verdict = every_plan.decide(seen) if known > 1 else reference.decide(seen)
        books.give(verdict.holder, vacancy, turn)
        found.append(
            {"id": vacancy["id"], "holder": verdict.holder, "reason": verdict.reason}
            | ({"known": known} if foresees else {})
        )
    return found
