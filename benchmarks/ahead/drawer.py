"""The drawer: a clerk holds some units back, and registers next the one that serves a favourite best.

One unit in five is a good one. One clerk reads the accounts, or the forecast, on screen: is the favourite the next one
owed? The other one runs the rule, which is public, on each unit of the drawer. « Décider maintenant », with nothing
else known, is version 1 again.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import mean

from benchmarks.instances import one_territory, territories
from benchmarks.instances.flow import Flow, Vacancy
from benchmarks.policies import ledger_of
from flux.engine.counters import Waiting
from flux.engine.facts import Decision
from flux.engine.versions import VERSIONS, version_of

FAVOURITE = "ALS"
CLASS, GOOD, USUAL = "attractiveness", "A", "B"
VACANCIES = 1000


@dataclass(frozen=True, slots=True)
class Clerk:
    """Where, how many units are in the drawer (1: an honest clerk), how many departures are known, whether the rule
    follows the attractiveness of units, and whether the clerk runs it."""

    territories: bool
    drawer: int
    window: int
    follows: bool
    runs: bool


#: The clerks of one line of the table: an honest one, those who read the screen, those who run the rule.
KINDS = ((1, False), (3, False), (8, False), (3, True), (8, True))

CLERKS = [
    Clerk(where, drawer, window, follows, runs)
    for follows in (False, True)
    for window in (1, 8)
    for drawer, runs in KINDS
    for where in (False, True)
]


@dataclass(frozen=True, slots=True)
class Found:
    """Good units of the favourite: what it was due of them, and what it received."""

    due: float
    received: int


def year(clerk: Clerk, seed: int) -> Flow:
    """The same vacancies whoever the clerk is."""
    chance = random.Random(f"drawer/{clerk.territories}/{seed}")
    if clerk.territories:
        flow = territories.year(chance, "", territories.departement(chance, groups=10, communes=50), VACANCIES)
    else:
        flow = one_territory.year(chance, "", one_territory.usual_shares(chance, 8), VACANCIES)
    classes = [chance.choices((GOOD, USUAL), (1, 4))[0] for _ in flow.vacancies]
    return replace(
        flow,
        dimensions=(*flow.dimensions, CLASS) if clerk.follows else flow.dimensions,
        vacancies=tuple(
            replace(vacancy, categories={**vacancy.categories, CLASS: each})
            for vacancy, each in zip(flow.vacancies, classes, strict=True)
        ),
    )


def run(clerk: Clerk, seed: int) -> Found:
    """One year: what comes in goes to the drawer, and one unit is registered each time."""
    flow = year(clerk, seed)
    office = Office(flow, clerk)
    drawer: list[Vacancy] = []
    for vacancy in flow.vacancies:
        drawer.append(vacancy)
        if len(drawer) == clerk.drawer:
            office.register(drawer.pop(office.choose(drawer)))
    while drawer:
        office.register(drawer.pop(office.choose(drawer)))
    office.close()
    good = [vacancy for vacancy in flow.vacancies if vacancy.categories[CLASS] == GOOD]
    return Found(sum(vacancy.shares.get(FAVOURITE, 0) for vacancy in good) / flow.unit, office.good)


class Office:
    """A ledger, its queue, and what the favourite received."""

    def __init__(self, flow: Flow, clerk: Clerk) -> None:
        self.flow = flow
        self.window = clerk.window
        self.worth = self._by_running if clerk.runs else self._by_reading
        self.counters = ledger_of(flow)
        self.queue: list[Vacancy] = []
        self.turn = 0
        self.good = 0

    def choose(self, drawer: Sequence[Vacancy]) -> int:
        """The place in the drawer of the unit that the favourite would rather see registered; the oldest at a tie."""
        if len(drawer) == 1:
            return 0
        worth = self.worth(drawer)
        return max(range(len(drawer)), key=lambda place: (worth[place], -place))

    def register(self, vacancy: Vacancy) -> None:
        """One more in the queue; its head is decided once enough are known."""
        self.queue.append(vacancy)
        if len(self.queue) == self.window:
            self._decide()

    def close(self) -> None:
        """Decide all that waits."""
        while self.queue:
            self._decide()

    def _decide(self) -> None:
        decision = self._seen(self.queue)
        head = self.queue.pop(0)
        self.turn += 1
        self.counters.receive(decision.holder, self._followed(head), sequence=self.turn)
        self.good += decision.holder == FAVOURITE and head.categories[CLASS] == GOOD

    def _seen(self, queue: Sequence[Vacancy]) -> Decision:
        """Credit the head of a queue, and say what is decided of it."""
        head, *others = queue
        self.counters.accrue(head.shares, self._followed(head))
        behind = [Waiting(v.id, 0, v.shares, v.categories, may_take=v.may_take) for v in others]
        situation = self.counters.situation(
            head.shares,
            head.categories,
            sequence=self.turn + 1,
            may_take=head.may_take,
            waiting=behind,
            window=self.window,
        )
        return VERSIONS[version_of(self.window)](situation)

    def _forecast(self, queue: Sequence[Vacancy]) -> tuple[str, ...]:
        """Who would have each unit of a queue: nothing is credited."""
        decision = self._seen(queue)
        for holder, share in queue[0].shares.items():
            self.counters.post(holder, self._followed(queue[0]), due=-share)
        return decision.plan or (decision.holder,)

    def _followed(self, vacancy: Vacancy) -> dict[str, str]:
        return {dimension: vacancy.categories[dimension] for dimension in self.flow.dimensions}

    def _by_reading(self, drawer: Sequence[Vacancy]) -> list[int]:
        """Who is owed most once all that is forecast is done: is it the favourite’s turn?"""
        owed = {key: each.due - self.flow.unit * each.received for key, each in self.counters.holders.items()}
        if self.queue:
            plan = self._forecast(self.queue)
            for holder, vacancy in zip(plan, self.queue, strict=True):
                owed[holder] -= self.flow.unit
                for key, share in vacancy.shares.items():
                    owed[key] += share
        found = []
        for vacancy in drawer:
            here = [key for key, share in vacancy.shares.items() if share]
            first = max(here, key=lambda key: owed[key] + vacancy.shares[key])
            found.append(worth_of(vacancy, first))
        return found

    def _by_running(self, drawer: Sequence[Vacancy]) -> list[int]:
        """What the forecast would be with each of these at the end of the queue."""
        found = []
        for vacancy in drawer:
            queue = [*self.queue, vacancy]
            plan = self._forecast(queue)
            found.append(sum(worth_of(each, holder) for each, holder in zip(queue, plan, strict=True)))
        return found


def worth_of(vacancy: Vacancy, holder: str) -> int:
    """What a unit is worth to the favourite: a good one had, no turn lost on another, no good one elsewhere."""
    good, favoured = vacancy.categories[CLASS] == GOOD, holder == FAVOURITE
    return (1 if favoured else -2) if good else -int(favoured)


def markdown(found: Sequence[tuple[Clerk, Sequence[Found]]]) -> str:
    """Good units of the favourite, by clerk: one territory, then territories."""
    received = {clerk: mean(each.received for each in years) for clerk, years in found}
    due = [
        mean(each.due for clerk, years in found if clerk.territories == where for each in years)
        for where in (False, True)
    ]
    rows = [
        f"| good units of a favourite: one territory ({due[0]:.1f} due), territories ({due[1]:.1f} due) | honest "
        "| reads the screen, 3 in the drawer | … 8 | runs the rule, 3 in the drawer | … 8 |",
        "| --- |" + " --: |" * len(KINDS),
    ]
    for follows in (False, True):
        for window in (1, 8):
            cells = [
                ", ".join(f"{received[Clerk(where, drawer, window, follows, runs)]:.0f}" for where in (False, True))
                for drawer, runs in KINDS
            ]
            seen = "attractiveness followed" if follows else "attractiveness not followed"
            rows.append(f"| L = {window}, {seen} | {' | '.join(cells)} |")
    return "\n".join(rows)
