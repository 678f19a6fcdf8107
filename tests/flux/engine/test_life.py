"""The checks of the specification after any life of a ledger: routing, overrides, returns, cancellations, amendments,
forfeits, the end of a right. A movement is kept as the account keeps it, so that what is undone is what was done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from flux.engine import rule as engine
from flux.engine.counters import Counter, Counters, Spread

UNIT = 1000
HOLDERS = ("A", "B", "C", "D", "NR")
DIMENSIONS = {
    "typology": ("T1", "T2", "T3", "T5", ""),
    "financing": ("PLAI", "PLUS", "PLS"),
    "attractiveness": ("A", "B", ""),
}
CATEGORIES = st.fixed_dictionaries({name: st.sampled_from(known) for name, known in DIMENSIONS.items()})
SHARES = st.tuples(*[st.integers(0, 250)] * 4).map(
    lambda parts: dict(zip(HOLDERS, (*parts, UNIT - sum(parts)), strict=True))
)
TARGETS = st.dictionaries(
    st.sampled_from(HOLDERS),
    st.just({"typology": {"T2": 3, "T3": 1}}),
    max_size=2,
)


@dataclass
class Movement:
    """One entry of the account."""

    holder: str
    categories: Mapping[str, str]
    due: int = 0
    received: int = 0
    spread: Spread | None = None
    sequence: int = 0

    def opposite(self) -> Movement:
        against = {d: {c: -part for c, part in of.items()} for d, of in (self.spread or {}).items()}
        return Movement(self.holder, self.categories, -self.due, -self.received, against or None)


@dataclass
class Home:
    """One vacancy: what was written about it, who has it (None: nobody), who gave it back."""

    categories: Mapping[str, str]
    shares: Mapping[str, int]
    sequence: int
    written: list[Movement] = field(default_factory=list)
    has: str | None = None
    returned: set[str] = field(default_factory=set)
    turns: int = 0


class Life(RuleBasedStateMachine):
    """A ledger, its units, and every act on them in any order."""

    @initialize(shares=SHARES)
    def open(self, shares: dict[str, int]) -> None:
        self.books = Counters(unit=UNIT, landlord="NR", dimensions=tuple(DIMENSIONS))
        self.books.holders = {key: Counter(name=key, rank=rank) for rank, key in enumerate(HOLDERS)}
        self.shares = shares
        self.homes: list[Home] = []
        self.log: list[Movement] = []
        self.sequence = 0

    def write(self, home: Home | None, *movements: Movement) -> None:
        self.log += movements
        if home is not None:
            home.written += movements

    def _credit(self, home: Home, shares: Mapping[str, int], targets: Mapping[str, Spread]) -> None:
        spreads = self.books.accrue(shares, home.categories, targets=targets)
        self.write(
            home,
            *(Movement(k, home.categories, due=share, spread=spreads.get(k)) for k, share in shares.items() if share),
        )

    def _give(self, home: Home) -> None:
        may_take = frozenset(HOLDERS) - home.returned
        seen = self.books.situation(home.shares, home.categories, sequence=self.sequence, may_take=may_take)
        home.has = engine.decide(seen).holder
        assert home.has not in home.returned
        self.books.receive(home.has, home.categories, sequence=self.sequence)
        self.write(home, Movement(home.has, home.categories, received=1, sequence=self.sequence))

    def held(self, draw: int, *, landlord: bool = True) -> Home | None:
        known = [home for home in self.homes if home.has is not None and (landlord or home.has != "NR")]
        return known[draw % len(known)] if known else None

    @rule(categories=CATEGORIES, needs=TARGETS)
    def vacate(self, categories: dict[str, str], needs: dict[str, Spread]) -> None:
        self.sequence += 1
        home = Home(categories, dict(self.shares), self.sequence)
        self.homes.append(home)
        self._credit(home, home.shares, needs)
        self._give(home)

    @rule(shares=SHARES)
    def amend(self, shares: dict[str, int]) -> None:
        self.shares = shares

    @rule(draw=st.integers(0, 99), to=st.sampled_from(HOLDERS))
    def override(self, draw: int, to: str) -> None:
        home = self.held(draw)
        if home is None or home.has is None or to == home.has or to in home.returned:
            return
        self.books.give_up(home.has, home.categories)
        self.books.receive(to, home.categories, sequence=home.sequence)
        self.write(
            home,
            Movement(home.has, home.categories, received=-1),
            Movement(to, home.categories, received=1, sequence=home.sequence),
        )
        home.has = to

    @rule(draw=st.integers(0, 99), act=st.sampled_from(("COUNTED", "UNCOUNTED", "WORKS")), cap=st.integers(0, 3))
    def give_back(self, draw: int, act: str, cap: int) -> None:
        home = self.held(draw, landlord=False)
        if home is None or home.has is None:
            return
        giver = home.has
        home.returned.add(giver)
        if act != "COUNTED":
            spread = self.books.forgive(giver, home.categories)
            self.write(home, Movement(giver, home.categories, received=-1, spread=spread))
            excess = min(UNIT, self.delay(giver) - cap * UNIT)
            if excess > 0:
                lost, won = self.books.forfeit(giver, excess)
                self.write(home, Movement(giver, {}, due=-excess, spread=lost), Movement("NR", {}, excess, spread=won))
        home.has = None
        if act == "WORKS":
            return
        self.sequence += 1
        if act == "COUNTED":
            home.turns += 1
            again = {key: 0 if key in home.returned else share for key, share in home.shares.items()}
            again["NR"] = UNIT - sum(share for key, share in again.items() if key != "NR")
            self._credit(home, again, {})
        self._give(home)

    @rule(draw=st.integers(0, 99))
    def cancel(self, draw: int) -> None:
        """What the unit did is undone, entry by entry; the decisions since stand."""
        if not self.homes:
            return
        home = self.homes.pop(draw % len(self.homes))
        for movement in [entry.opposite() for entry in home.written]:
            self.log.append(movement)
            self.post(self.books, movement)

    @precondition(lambda self: self.log)
    @rule(giver=st.sampled_from(HOLDERS[:-1]), taker=st.sampled_from(HOLDERS))
    def end(self, giver: str, taker: str) -> None:
        """A right ends: what is left goes to whoever takes it over."""
        if giver == taker:
            return
        amount, given, taken = self.books.transfer(giver, taker)
        assert self.delay(giver) == 0
        self.write(None, Movement(giver, {}, -amount, spread=given), Movement(taker, {}, amount, spread=taken))

    def delay(self, holder: str) -> int:
        counter = self.books.holders[holder]
        return counter.due - UNIT * counter.received

    @staticmethod
    def post(books: Counters, movement: Movement) -> None:
        books.post(
            movement.holder,
            movement.categories,
            due=movement.due,
            received=movement.received,
            spread=movement.spread,
            sequence=movement.sequence,
        )

    @invariant()
    def four_checks(self) -> None:
        counters = self.books.holders.values()
        turns = sum(home.turns for home in self.homes)
        waiting = sum(home.has is None for home in self.homes)
        assert sum(one.due for one in counters) == UNIT * (len(self.homes) + turns)
        assert sum(one.received for one in counters) == len(self.homes) - waiting + turns
        assert sum(self.delay(key) for key in HOLDERS) == UNIT * waiting
        for key, one in self.books.holders.items():
            for dimension in DIMENSIONS:
                assert sum(one.lacks(dimension, UNIT).values()) == self.delay(key)

    @invariant()
    def lines_are_the_fold_of_the_log(self) -> None:
        again = Counters(unit=UNIT, landlord="NR", dimensions=tuple(DIMENSIONS))
        again.holders = {key: Counter(name=key, rank=rank) for rank, key in enumerate(HOLDERS)}
        for movement in self.log:
            self.post(again, movement)
        for key, one in self.books.holders.items():
            other = again.holders[key]
            assert (one.due, one.received, one.last_served) == (other.due, other.received, other.last_served)
            for dimension in DIMENSIONS:
                assert figures(one, dimension) == figures(other, dimension)

    @invariant()
    def nothing_is_left_of_no_unit(self) -> None:
        """Once every unit is cancelled, what ended rights moved is all that is left, and sums to nothing."""
        if not self.homes:
            assert sum(self.delay(key) for key in HOLDERS) == 0
            assert all(one.received == 0 for one in self.books.holders.values())


def figures(counter: Counter, dimension: str) -> dict[str, list[int]]:
    """The categories that hold something."""
    return {name: pair for name, pair in counter.profile.get(dimension, {}).items() if pair != [0, 0]}


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
