"""A landlord's life in the small world, drawn from a seed: every act of the product, in an order that chance gives.

A life is a settling-in (January 2026), a year of acts drawn at random (days pass between them), every act that chance
left out, then the turn of the year: what was left is carried over, the balance is sent, contested, corrected, signed.
An act may be refused, as it would be to a person: it leaves nothing, and the life goes on. The same seed gives the
same life, to the row: `tests/house/pages.py` renders what it leaves.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from reservations.refusals import Refusal
from tests.world import World

#: The morning on which a life begins, that of the year after, and that of its balance.
FIRST = datetime(2026, 1, 12, 8, 0, tzinfo=UTC)
NEW_YEAR = datetime(2027, 1, 11, 8, 0, tzinfo=UTC)
BALANCE = datetime(2027, 2, 9, 9, 0, tzinfo=UTC)

#: One act: it gives something when it is done, None when there is nothing to do it on; or raises Refusal.
Act = Callable[["Life"], object]


class Life:
    """One life: its world, its chance, its clock; what was done, and what was refused with which sentences.

    `focus`: the unit (id of its vacancy) that a story is about, that acts choose first. `until`: time stops there.
    """

    def __init__(self, world: World, seed: int, clock: Any) -> None:
        self.world, self.clock = world, clock
        self.chance = random.Random(seed)
        self.done: Counter[str] = Counter()
        self.refused: dict[str, list[str]] = defaultdict(list)
        self.count = 0
        self.until = NEW_YEAR - timedelta(days=20)
        self.focus: int | None = None
        self.shape = ""
        self.at(FIRST)

    @property
    def today(self) -> date:
        return timezone.localdate(self.now)

    def at(self, now: datetime) -> None:
        """Be that day, for the acts and for the clock."""
        self.now = now
        self.clock.move_to(now, tick=False)

    def wait(self, days: int = 0, hours: int = 0) -> None:
        self.at(min(self.now + timedelta(days=days, hours=hours), self.until))

    def by(self, name: str = "aline") -> dict[str, Any]:
        """Who does an act, and when."""
        return {"by": self.world.people[name], "now": self.now}

    def pick(self, rows: Iterable[Any]) -> Any:
        """One of these, or None."""
        found = list(rows)
        return self.chance.choice(found) if found else None

    def next_number(self) -> int:
        self.count += 1
        return self.count

    def do(self, act: Act) -> bool:
        """Do it, or read why it is refused: was it done?"""
        try:
            with transaction.atomic():
                given = act(self)
        except Refusal as refusal:
            self.refused[name_of(act)].append(str(refusal))
            return False
        self.done[name_of(act)] += given is not None
        return given is not None

    def live(self, acts: Sequence[Act], *, turns: int) -> None:
        """So many acts drawn at random, spread over the days that are left."""
        for turn in range(turns):
            self.do(self.chance.choice(acts))
            self.wait(self.chance.randint(0, 2 * max(0, (self.until - self.now).days) // (turns - turn)))

    def tell(self, vacancy: int | None, acts: Iterable[Act], shape: str = "") -> None:
        """One act after the other, on one unit."""
        self.focus, self.shape = vacancy, shape
        for act in acts:
            self.do(act)
            self.wait(self.chance.randint(0, 1))
        self.focus, self.shape = None, ""


def name_of(act: Act) -> str:
    """« flow.declare »."""
    return f"{act.__module__.rpartition('.')[2]}.{act.__name__}"


def live(world: World, seed: int, clock: Any) -> Life:
    """A whole life, to the end of February 2027."""
    from tests.house.life import balance, flow, households, rights, stories

    life = Life(world, seed, clock)
    for part in (rights, flow, households):
        part.settle(life)
    acts = [*flow.ACTS, *rights.ACTS, *households.ACTS]
    often = [*acts, *flow.OFTEN * 4, *households.OFTEN * 2]
    rows = list(stories.STORIES)
    life.chance.shuffle(rows)
    for story in rows:
        life.live(often, turns=10)
        life.at(min(life.now, NEW_YEAR - timedelta(days=120 - 8 * rows.index(story))))
        story(life)
    for act in acts:
        if not life.done[name_of(act)]:
            life.do(act)
    life.until = BALANCE
    life.at(NEW_YEAR)
    life.live([*flow.OFTEN, *households.OFTEN], turns=15)
    life.until = BALANCE + timedelta(days=60)
    life.at(BALANCE)
    balance.review(life)
    return life
