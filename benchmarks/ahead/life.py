"""Life is not a sequence of vacancies: units given back, amendments, what the year before left, people who override.

A département of 10 EPCI and 50 communes, 1,000 vacancies; what happens to each vacancy is drawn apart from what the
rule says of it, so that both versions live the same year.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import mean

from benchmarks.instances import territories
from benchmarks.instances.flow import Flow, Vacancy
from benchmarks.policies import ledger_of, waiting_in
from flux.engine.allotment import Carry
from flux.engine.facts import Decision, Situation
from flux.engine.versions import VERSIONS, version_of

VACANCIES = 1000

#: One unit in so many is given back, after so many others were decided.
GIVEN_BACK, LATER = 0.08, (5, 40)

#: What a holder may be owed again by a return that is not counted, in units.
CAP = 2


@dataclass(frozen=True, slots=True)
class Scene:
    """What happens in the year. `person`: who has the unit instead, of those ranked; the rule’s own, mostly."""

    name: str
    returns: str = ""
    amended: bool = False
    carried: bool = False
    person: Callable[[random.Random, Vacancy, Situation, Decision], str] | None = None


def mayor(chance: random.Random, vacancy: Vacancy, _: Situation, decision: Decision) -> str:
    """Three in a hundred to the commune of the unit, whatever the rule says."""
    named = chance.random() < 0.03 and any(rank.id == vacancy.place and rank.eligible for rank in decision.ranking)
    return vacancy.place if named else decision.holder


def friend(chance: random.Random, vacancy: Vacancy, _: Situation, decision: Decision) -> str:
    """One large home in ten to the same organisation."""
    large = vacancy.categories["typology"] in {"T4", "T5+"}
    named = large and chance.random() < 0.1 and any(rank.id == "ALS" and rank.eligible for rank in decision.ranking)
    return "ALS" if named else decision.holder


def careful(chance: random.Random, _: Vacancy, __: Situation, decision: Decision) -> str:
    """One in ten to the next one of the safe set: what the screen shows in green."""
    green = [rank.id for rank in decision.ranking if rank.safe and rank.id != decision.holder]
    return green[0] if green and chance.random() < 0.1 else decision.holder


SCENES = (
    Scene("nothing else"),
    Scene("8 % given back, counted, all credited again (accounting 1)", returns="counted"),
    Scene("8 % given back, counted, handed on for one turn (accounting 2)", returns="one turn"),
    Scene("8 % given back, not counted", returns="not counted"),
    Scene("amendments: three days, six shares by up to a third", amended=True),
    Scene("carried over: up to one unit each, by steps", carried=True),
    Scene("overrides: 3 % to the commune", person=mayor),
    Scene("overrides: one large home in ten to a friend", person=friend),
    Scene("overrides: 10 % inside the safe set", person=careful),
)


@dataclass(frozen=True, slots=True)
class Found:
    """The worst deviation of anybody at any moment, and the category gap at the end, in units."""

    worst: float
    gap: float


def year(scene: Scene, seed: int) -> Flow:
    """The same vacancies whatever happens, but for the shares that an amendment changes."""
    chance = random.Random(f"life/{seed}")
    flow = territories.year(chance, "", territories.departement(chance, groups=10, communes=50), VACANCIES)
    return amended(chance, flow) if scene.amended else flow


def amended(chance: random.Random, flow: Flow) -> Flow:
    """At each quarter’s end six shares change by up to a third, from the next registration on."""
    vacancies = list(flow.vacancies)
    others = [holder for holder in flow.ranks if holder != flow.landlord]
    for start in (VACANCIES // 4, VACANCIES // 2, 3 * VACANCIES // 4):
        factors = {holder: chance.randint(67, 133) for holder in chance.sample(others, 6)}
        for number in range(start, VACANCIES):
            vacancies[number] = replace(vacancies[number], shares=_scaled(vacancies[number].shares, factors, flow))
    return replace(flow, vacancies=tuple(vacancies))


def _scaled(shares: Mapping[str, int], factors: Mapping[str, int], flow: Flow) -> dict[str, int]:
    """The landlord has what is left; where nothing is, nothing changes."""
    found = {h: share * factors.get(h, 100) // 100 for h, share in shares.items() if h != flow.landlord}
    left = flow.unit - sum(found.values())
    return found | {flow.landlord: left} if left >= 0 else dict(shares)


class Ledger:
    """One year as it is lived."""

    def __init__(self, scene: Scene, seed: int, window: int) -> None:
        self.scene, self.seed, self.window = scene, seed, window
        self.flow = year(scene, seed)
        self.counters = ledger_of(self.flow)
        self.beside = ledger_of(self.flow)  # of the units handed on for one turn
        self.waiting = waiting_in(self.flow)
        self.decide = VERSIONS[version_of(window)]
        self.turn = self.worst = self.next = 0
        self.returning: dict[int, list[tuple[Vacancy, tuple[str, ...]]]] = {}
        self.carries = self._left() if scene.carried else {}

    def run(self) -> Found:
        """Every vacancy, and what comes back meanwhile; a unit given back is decided at once."""
        for number, vacancy in enumerate(self.flow.vacancies):
            self.next = number + 1
            self._first(vacancy)
            for back, returned in self.returning.pop(number, ()):
                self._again(back, returned)
        unit = self.flow.unit
        gaps = [
            abs(lack)
            for counter in self.counters.holders.values()
            for dimension in self.flow.dimensions
            for lack in counter.lacks(dimension, unit).values()
        ]
        return Found(self.worst / unit, max(gaps) / unit)

    def _left(self) -> dict[str, Carry]:
        """What the year before left: given back by the same steps over the year."""
        chance, unit = random.Random(f"carried/{self.seed}"), self.flow.unit
        found = {}
        for holder in self.flow.ranks:
            credited = sum(1 for vacancy in self.flow.vacancies if vacancy.shares.get(holder))
            left = chance.randint(-unit, unit)
            if holder != self.flow.landlord and credited:
                found[holder] = Carry(left, -(-abs(left) // credited))
        return found

    def _steps(self, vacancy: Vacancy) -> dict[str, int]:
        spare, steps = vacancy.shares.get(self.flow.landlord, 0), {}
        for holder, carry in self.carries.items():
            share = vacancy.shares.get(holder, 0)
            if share and carry.remaining and (step := carry.next(share, spare)):
                carry.remaining -= step
                spare -= step
                steps[holder] = step
        if given := sum(steps.values()):
            steps[self.flow.landlord] = -given
        return steps

    def _first(self, vacancy: Vacancy) -> None:
        steps = self._steps(vacancy)
        self.counters.accrue(vacancy.shares, vacancy.categories)
        self.counters.carry(steps, vacancy.categories)
        self._give(vacancy, {key: share + steps.get(key, 0) for key, share in vacancy.shares.items()}, ())

    def _again(self, vacancy: Vacancy, returned: tuple[str, ...]) -> None:
        """Counted: the flow has one more event, those who gave the unit back leaving their share to the landlord; or
        it is one of the account beside, where the last to have it has it no more. Not counted: the last one is owed its
        turn again, up to a cap."""
        landlord, unit = self.flow.landlord, self.flow.unit
        one_turn = self.scene.returns == "one turn"
        if one_turn and len(returned) > 1:
            self.beside.forgive(returned[-1], vacancy.categories)
        elif self.scene.returns in ("counted", "one turn"):
            credited = {key: share for key, share in vacancy.shares.items() if key not in returned and key != landlord}
            counters = self.beside if one_turn else self.counters
            counters.accrue(credited | {landlord: unit - sum(credited.values())}, vacancy.categories)
        else:
            self.counters.forgive(returned[-1], vacancy.categories)
            owed = self.counters.holders[returned[-1]].due - unit * self.counters.holders[returned[-1]].received
            if owed > CAP * unit:
                self.counters.forfeit(returned[-1], min(unit, owed - CAP * unit))
        self._give(vacancy, vacancy.shares, returned)

    def _give(self, vacancy: Vacancy, shares: Mapping[str, int], returned: tuple[str, ...]) -> None:
        """Decide, let a person say otherwise, and see how far everybody is."""
        self.turn += 1
        counters = self.beside if returned and self.scene.returns == "one turn" else self.counters
        situation = counters.situation(
            shares,
            vacancy.categories,
            sequence=self.turn,
            may_take=frozenset(shares) - frozenset(returned),
            waiting=self.waiting[self.next : self.next + self.window - 1] if counters is self.counters else (),
            window=self.window,
        )
        decision = self.decide(situation)
        chance = random.Random(f"{self.seed}/{vacancy.id}/{len(returned)}")
        holder = self.scene.person(chance, vacancy, situation, decision) if self.scene.person else decision.holder
        counters.receive(holder, vacancy.categories, sequence=self.turn)
        away = (abs(each.due - self.flow.unit * each.received) for each in self.counters.holders.values())
        self.worst = max(self.worst, *away)
        if self.scene.returns and holder != self.flow.landlord and chance.random() < GIVEN_BACK:
            later = self.next - 1 + chance.randint(*LATER)
            self.returning.setdefault(later, []).append((vacancy, (*returned, holder)))


def run(scene: Scene, window: int, seed: int) -> Found:
    """One year."""
    return Ledger(scene, seed, window).run()


def markdown(found: Sequence[tuple[Scene, int, Sequence[Found]]]) -> str:
    """Each scene under version 1, then with eight known."""
    years = {(scene.name, window): those for scene, window, those in found}
    rows = [
        "| what happens | worst deviation, L = 1: mean / worst | L = 8 | category gap, L = 1 → 8 |",
        "| --- | --: | --: | --: |",
    ]
    for scene in SCENES:
        one, eight = years[scene.name, 1], years[scene.name, 8]
        worst = [f"{mean(e.worst for e in those):.2f} / {max(e.worst for e in those):.2f}" for those in (one, eight)]
        gap = f"{mean(e.gap for e in one):.1f} → {mean(e.gap for e in eight):.1f}"
        rows.append(f"| {scene.name} | {' | '.join(worst)} | {gap} |")
    return "\n".join(rows)
