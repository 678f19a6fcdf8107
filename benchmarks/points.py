"""What the promise of the rule is worth at each counting point: a unit counts when it is routed, proposed, allocated or
leased, weeks after the rule gave it, and one in four never goes so far.

./run bench points [--draws N] [--write]: the year of `benchmarks/ahead/life.py`, 1,000 vacancies over 250
working days, 60 holders. What happens to each unit is drawn apart from what is counted, so that all live the same year.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean

from benchmarks import page
from benchmarks.ahead.life import CAP, VACANCIES, Scene, year
from benchmarks.command_line import Parser
from benchmarks.instances.flow import Vacancy
from benchmarks.policies import ledger_of
from flux.engine.versions import VERSIONS, version_of

COMMAND = "./run bench points"

#: From the routing on: after how many working days at least and at most, and how many units in a hundred stop before.
STEPS = (("proposed", (5, 25), 12), ("allocated", (10, 30), 8), ("leased", (10, 30), 6))
POINTS = ("routed", "proposed", "allocated", "leased")
DAYS = 250
DRAWS = 5


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of a unit given to a holder: the vacancy (its number) at which it reaches each point, and the one at
    which it comes back, if it does."""

    reached: dict[str, int]
    back: int | None


@dataclass(frozen=True, slots=True)
class Found:
    """The worst of anybody at any moment, in units: due less what reached the point; the same less what is in course,
    which is what the rule keeps small; and how many units of one holder were in course at once."""

    reached: float
    held: float
    course: int


def fate(chance: random.Random, now: int) -> Fate:
    """Drawn day by day, in vacancies."""
    when, reached = now, {"routed": now}
    for name, (low, high), stop in STEPS:
        when += max(1, chance.randint(low, high) * VACANCIES // DAYS)
        if chance.randrange(100) < stop:
            return Fate(reached, when)
        reached[name] = when
    return Fate(reached, None)


class PointLedger:
    """One year under one counting point."""

    def __init__(self, point: str, seed: int) -> None:
        self.point, self.seed = point, seed
        self.flow = year(Scene("points"), seed)
        self.counters = ledger_of(self.flow)
        self.decide = VERSIONS[version_of(1)]
        self.turn = 0
        self.backs: dict[int, list[tuple[Vacancy, tuple[str, ...], bool]]] = {}
        self.arrivals: dict[int, list[str]] = {}
        self.reached = dict.fromkeys(self.flow.ranks, 0)
        self.worst = self.worst_held = self.most = 0

    def run(self) -> Found:
        """Every vacancy, what reaches the point and what comes back meanwhile, and how far anybody is after each."""
        for number, vacancy in enumerate(self.flow.vacancies):
            self.counters.accrue(vacancy.shares, vacancy.categories)
            self._give(vacancy, (), number)
            for holder in self.arrivals.pop(number, ()):
                self.reached[holder] += 1
            for back, returned, counted in self.backs.pop(number, ()):
                self._again(back, returned, counted=counted)
                self._give(back, returned, number)
            self._look()
        unit = self.flow.unit
        return Found(self.worst / unit, self.worst_held / unit, self.most)

    def _look(self) -> None:
        unit = self.flow.unit
        for holder, counter in self.counters.holders.items():
            if holder != self.flow.landlord:
                self.worst = max(self.worst, abs(counter.due - unit * self.reached[holder]))
                self.worst_held = max(self.worst_held, abs(counter.due - unit * counter.received))
                self.most = max(self.most, counter.received - self.reached[holder])

    def _give(self, vacancy: Vacancy, returned: tuple[str, ...], number: int) -> None:
        self.turn += 1
        situation = self.counters.situation(
            vacancy.shares,
            vacancy.categories,
            sequence=self.turn,
            may_take=frozenset(vacancy.shares) - frozenset(returned),
        )
        holder = self.decide(situation).holder
        self.counters.receive(holder, vacancy.categories, sequence=self.turn)
        drawn = fate(random.Random(f"{self.seed}/{vacancy.id}/{len(returned)}"), number)
        if holder == self.flow.landlord:
            return
        if (when := drawn.reached.get(self.point)) is not None:
            if when == number:
                self.reached[holder] += 1
            else:
                self.arrivals.setdefault(when, []).append(holder)
        if drawn.back is not None:
            counted = self.point in drawn.reached
            self.backs.setdefault(drawn.back, []).append((vacancy, (*returned, holder), counted))

    def _again(self, vacancy: Vacancy, returned: tuple[str, ...], *, counted: bool) -> None:
        """Past the point, the turn is used and the flow has one more event; short of it, the unit is due again."""
        landlord, unit = self.flow.landlord, self.flow.unit
        if counted:
            credited = {key: share for key, share in vacancy.shares.items() if key not in returned and key != landlord}
            self.counters.accrue(credited | {landlord: unit - sum(credited.values())}, vacancy.categories)
            return
        holder = returned[-1]
        self.counters.forgive(holder, vacancy.categories)
        owed = self.counters.holders[holder].due - unit * self.counters.holders[holder].received
        if owed > CAP * unit:
            self.counters.forfeit(holder, min(unit, owed - CAP * unit))


def markdown(found: Sequence[tuple[str, Sequence[Found]]]) -> str:
    """One line a point: mean, and worst of the years."""
    rows = [
        "| counted when | due − reached: mean / worst | in course counted too: mean / worst | in course at once |",
        "| --- | --: | --: | --: |",
    ]
    for point, years in found:
        pairs = [[each.reached for each in years], [each.held for each in years]]
        cells = [f"{mean(pair):.2f} / {max(pair):.2f}" for pair in pairs]
        rows.append(f"| {point} | {cells[0]} | {cells[1]} | {max(each.course for each in years)} |")
    return "\n".join(rows)


def main(arguments: Sequence[str]) -> int:
    """The command line."""
    parser = Parser("benchmarks.points", "Ce que vaut la promesse de la règle à chaque point de comptage.")
    parser.add_argument("--draws", type=int, default=DRAWS, metavar="N", help="combien de tirages de chaque ligne")
    parser.add_argument("--write", action="store_true", help="récrit les chiffres de docs/engine.md")
    options = parser.parse_args(arguments)
    years = [(point, [PointLedger(point, seed).run() for seed in range(options.draws)]) for point in POINTS]
    sys.stdout.write(markdown(years) + "\n")
    if options.write:
        page.put(COMMAND, markdown(years))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
