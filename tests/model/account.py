"""An account: movements, and what they add up to for each holder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.model.facts import DIMENSIONS, UNIT, share_out

Spread = Mapping[str, Mapping[str, int]]  # {dimension: {category: quantity}}


@dataclass
class Line:
    """One holder: what is due and received, in all and by (dimension, category); the rank of its last turn."""

    due: int = 0
    received: int = 0
    last: int = 0
    dues: Counter[tuple[str, str]] = field(default_factory=Counter)
    receipts: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def delay(self) -> int:
        return self.due - UNIT * self.received

    def lack(self, kinds: Mapping[str, str], *, uniform: bool = False) -> int:
        """What it lacks in the categories of a unit; that of the commune counts six times where its convention asks."""
        weight = {"commune": 6 if uniform else 1}
        return sum(weight.get(each[0], 1) * (self.dues[each] - UNIT * self.receipts[each]) for each in kinds.items())

    def mix(self, dimension: str, without: frozenset[str] = frozenset()) -> dict[str, int]:
        """What it was due in each category of a dimension."""
        known = {name: due for (of, name), due in self.dues.items() if of == dimension and name not in without}
        return {name: max(0, known[name]) for name in sorted(known)}


@dataclass(frozen=True)
class Movement:
    """What an act writes: `spread`, where it is due, in the dimensions where that is not the category of the unit."""

    departure: int
    holder: str
    kinds: Mapping[str, str]
    due: int = 0
    received: int = 0
    spread: Spread = field(default_factory=dict)

    def opposite(self) -> Movement:
        spread = {of: {name: -part for name, part in parts.items()} for of, parts in self.spread.items()}
        return Movement(self.departure, self.holder, self.kinds, -self.due, -self.received, spread)


@dataclass
class Account:
    """That of a year, or that of the units handed on for one turn beside it."""

    year: int
    one_turn: bool
    sequence: int = 0
    lines: dict[str, Line] = field(default_factory=dict)
    movements: list[Movement] = field(default_factory=list)

    def line(self, holder: str) -> Line:
        return self.lines.setdefault(holder, Line())

    def move(self, moved: Movement) -> None:
        self.movements.append(moved)
        line = self.line(moved.holder)
        line.due += moved.due
        line.received += moved.received
        for dimension in DIMENSIONS:
            if dimension in moved.spread:
                for name, part in moved.spread[dimension].items():
                    line.dues[dimension, name] += part
            elif moved.kinds:
                line.dues[dimension, moved.kinds[dimension]] += moved.due
                line.receipts[dimension, moved.kinds[dimension]] += moved.received

    def take_back(self, departure: int) -> None:
        """What a departure moved here comes to nothing."""
        for moved in [each for each in self.movements if each.departure == departure]:
            self.move(moved.opposite())

    def receive(self, departure: int, holder: str, kinds: Mapping[str, str], sequence: int) -> None:
        self.move(Movement(departure, holder, kinds, received=1))
        self.line(holder).last = max(self.line(holder).last, sequence)

    def give_up(self, departure: int, holder: str, kinds: Mapping[str, str]) -> None:
        self.move(Movement(departure, holder, kinds, received=-1))

    def forgive(self, departure: int, holder: str, kinds: Mapping[str, str]) -> None:
        """Given back, its turn kept: owed one unit more, on the usual mix, and not in the categories of this one."""
        spread = {}
        for dimension, name in kinds.items():
            mix = self.line(holder).mix(dimension)
            spread[dimension] = share_out(UNIT, mix if any(mix.values()) else {name: 1})
        self.move(Movement(departure, holder, kinds, received=-1, spread=spread))

    def forfeit(self, departure: int, holder: str, landlord: str, amount: int) -> None:
        """Part of what a holder is owed goes to the landlord, in proportion to what it lacks."""
        line, spread = self.line(holder), {}
        for dimension in DIMENSIONS:
            lacks = {
                name: max(0, line.dues[dimension, name] - UNIT * line.receipts[dimension, name])
                for name in sorted({name for of, name in {*line.dues, *line.receipts} if of == dimension})
            }
            spread[dimension] = share_out(amount, lacks)
        self.move(Movement(departure, landlord, {}, due=amount, spread=spread))
        self.move(Movement(departure, holder, {}, due=amount, spread=spread).opposite())

    def elsewhere(self, holder: str, declined: Mapping[str, frozenset[str]], kinds: Mapping[str, str]) -> Spread:
        """On which weights goes the due of a holder that does not take a category: its usual mix of the others, else
        that of the account; where nothing else is known, it stays."""
        found = {}
        for dimension, without in declined.items():
            if kinds[dimension] not in without:
                continue
            mix = self.line(holder).mix(dimension, without)
            if not any(mix.values()):
                every: Counter[str] = Counter()
                for line in self.lines.values():
                    every.update(line.mix(dimension, without))
                mix = {name: every[name] for name in sorted(every)}
            if any(mix.values()):
                found[dimension] = mix
        return found
