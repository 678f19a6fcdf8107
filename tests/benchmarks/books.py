"""An instance followed by the words of docs/engine.md, with books kept here: nothing of the product's counters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
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
        self.owed: dict[tuple[str, str, str], int] = defaultdict(int)

    def categories(self, vacancy: Instance) -> dict[str, str]:
        given = vacancy.get("categories") or {}
        return {dimension: given.get(dimension) or "" for dimension in self.instance["dimensions"]}

    def takers(self, vacancy: Instance) -> list[str]:
        return vacancy.get("may_take") or [holder["id"] for holder in self.instance["holders"]]

    def credit(self, vacancy: Instance, shares: dict[str, int] | None = None) -> None:
        for holder, share in (vacancy["shares"] if shares is None else shares).items():
            self.due[holder] += share
            for pair in self.categories(vacancy).items():
                self.mix[holder, *pair] += share
                self.owed[holder, *pair] += share

    def forgive(self, holder: str, vacancy: Instance) -> None:
        """One received less; in each dimension the unit owed again is spread on what it was due so far, by largest
        remainder, ties by category: in the category of the unit where it was due nothing."""
        self.received[holder] -= 1
        for dimension, own in self.categories(vacancy).items():
            so_far = {key[2]: due for key, due in self.owed.items() if key[:2] == (holder, dimension) and due > 0}
            so_far = so_far or {own: 1}
            whole = sum(so_far.values())
            parts = {name: self.unit * due // whole for name, due in so_far.items()}
            left = sorted(so_far, key=lambda name: (-(self.unit * so_far[name] % whole), name))
            for name in left[: self.unit - sum(parts.values())]:
                parts[name] += 1
            for name, part in parts.items():
                self.mix[holder, dimension, name] += part
                self.owed[holder, dimension, name] += part

    def give(self, holder: str, vacancy: Instance, turn: int) -> None:
        self.received[holder] += 1
        self.served[holder] = turn
        for pair in self.categories(vacancy).items():
            self.mix[holder, *pair] -= self.unit

    def lacks(self, holder: str, vacancy: Instance) -> tuple[int, ...]:
        return tuple(self.mix[holder, dimension, value] for dimension, value in self.categories(vacancy).items())

    def seen(self, turn: int, vacancy: Instance, behind: list[Instance], gone: Collection[str] = ()) -> Situation:
        """The vacancy of this turn, credited; those behind it are known. `gone`: those who gave it back."""
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
                may_take=holder["id"] == self.landlord
                or (holder["id"] in self.takers(vacancy) and holder["id"] not in gone),
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
    """What must be printed of each vacancy, and each time that it is given back: version 1 where nothing is known
    ahead, else every plan judged."""
    year, beside, vacancies = Books(instance), Books(instance), instance["vacancies"]
    foresees = "window" in instance or any("known" in vacancy for vacancy in vacancies)
    once = instance.get("accounting", 1) == 2
    turns = {id(year): 0, id(beside): 0}
    found = []
    for number, vacancy in enumerate(vacancies, 1):
        books, gone = year, list[str]()
        year.credit(vacancy)
        for given in (None, *vacancy.get("given_back", [])):
            if given is not None:
                books = _given_back(vacancy, gone, year, beside, books=books, counted=given["counted"], once=once)
            known = min(vacancy.get("known") or instance.get("window") or 1, len(vacancies) - number + 1)
            known = 1 if books is beside else known
            turns[id(books)] += 1
            seen = books.seen(turns[id(books)], vacancy, vacancies[number : number + known - 1], gone)
            verdict = every_plan.decide(seen) if known > 1 else reference.decide(seen)
            books.give(verdict.holder, vacancy, turns[id(books)])
            gone.append(verdict.holder)
            found.append(
                {"id": vacancy["id"], "holder": verdict.holder, "reason": verdict.reason}
                | ({"known": known} if foresees else {})
            )
    return found


def _given_back(
    vacancy: Instance, gone: list[str], year: Books, beside: Books, *, books: Books, counted: bool, once: bool
) -> Books:
    """In which books the unit is decided again, and what its return writes there (docs/engine.md, section 4)."""
    if books is beside or not counted:
        books.forgive(gone[-1], vacancy)
        return books
    after = beside if once else year
    left = set(year.takers(vacancy)) if once else set(vacancy["shares"])
    shares = {h: share for h, share in vacancy["shares"].items() if h in left - set(gone) - {year.landlord}}
    after.credit(vacancy, shares | {year.landlord: year.unit - sum(shares.values())})
    return after
