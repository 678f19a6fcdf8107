"""Who registers late, and is it chance that the best units are among what came late?

A rule that is deterministic and visible is predictable: whoever chooses when a unit is registered chooses, a little,
to whom it goes (routing specification, section 6). What is kept back is seen by its dates.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import comb

from flux.models import Programme

#: The class of what everybody asks for.
GOOD = Programme.Attractiveness.A.value

#: Fewer units held back than this prove nothing; and chance must explain them less often than one time in a hundred.
LEAST = 3
CHANCE = Fraction(1, 100)


@dataclass(frozen=True, slots=True)
class Registered:
    """One unit of the flow: when its notice came, when it was registered and by whom (id), its class, when routed."""

    notice_on: date
    on: date
    by: int
    attractiveness: str
    routed_on: date | None = None

    @property
    def delay(self) -> int:
        """Days between the notice and its registration."""
        return (self.on - self.notice_on).days


@dataclass(frozen=True, slots=True)
class Clerk:
    """What one person registered: units, those `held` back, `good` of both, batches of spread notices.

    `chance`: how likely as many good units, or more, are among as many drawn blindly from all; None when too few.
    """

    person: int
    registered: int
    held: int
    good: int
    good_held: int
    batches: int
    chance: Fraction | None

    @property
    def alert(self) -> bool:
        return self.chance is not None and self.chance < CHANCE

    @property
    def once_in(self) -> int:
        """Blind draws that would give it once: « 1 fois sur 323 »; 1 when there is nothing to say."""
        return self.chance.denominator // self.chance.numerator if self.chance else 1


def clerks(registered: Sequence[Registered], *, median: int, threshold: int) -> list[Clerk]:
    """Each person who registered, those with the most units held back first.

    Held back: registered more than `threshold` days later after its notice than the landlord's `median`. A batch: what
    one person registers on one day, when its notices lie more than `threshold` days apart.
    """
    by_person: dict[int, list[Registered]] = defaultdict(list)
    for row in registered:
        by_person[row.by].append(row)
    every, good = len(registered), _good(registered)
    found = []
    for person, theirs in by_person.items():
        held = [row for row in theirs if row.delay > median + threshold]
        chance = tail(every, good, len(held), _good(held)) if len(held) >= LEAST else None
        batches = _batches(theirs, threshold)
        found.append(Clerk(person, len(theirs), len(held), _good(theirs), _good(held), batches, chance))
    return sorted(found, key=lambda clerk: (-clerk.held, -clerk.registered, clerk.person))


def _good(rows: Iterable[Registered]) -> int:
    return sum(row.attractiveness == GOOD for row in rows)


def _batches(rows: Iterable[Registered], threshold: int) -> int:
    by_day: dict[date, list[date]] = defaultdict(list)
    for row in rows:
        by_day[row.on].append(row.notice_on)
    return sum((max(notices) - min(notices)).days > threshold for notices in by_day.values())


def tail(every: int, good: int, drawn: int, good_drawn: int) -> Fraction:
    """P(X ≥ good_drawn), X good units among `drawn` taken without replacement from `every`, `good` of them good.

    The one-sided exact test of Fisher (1935), the upper tail of the hypergeometric law: integers throughout, each term
    from the one before. Exact, so that nobody is accused by a rounding.
    """
    first, last = max(good_drawn, drawn - (every - good), 0), min(good, drawn)
    if first > last:
        return Fraction(0)
    term = comb(good, first) * comb(every - good, drawn - first)
    total = term
    for number in range(first, last):
        term = term * (good - number) * (drawn - number)
        term //= (number + 1) * (every - good - drawn + number + 1)
        total += term
    return Fraction(total, comb(every, drawn))
