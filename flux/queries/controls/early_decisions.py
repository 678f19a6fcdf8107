"""What is read of early decisions.

* Who registers late, and is it chance that the best units are among what came late?
* A rule that is deterministic and visible is predictable: whoever chooses when a unit is registered chooses, a
  little, to whom it goes (routing specification, section 6). What is kept back is seen by its dates.
* Decisions that people asked for before their time: how many, by whom, and whether it is a habit.
* Whoever chooses what is decided when chooses, a little, to whom it goes: with « Décider maintenant », as much as
  without any plan (routing specification, version 2, section 10). Hence counted, and shown to holders.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import comb

from django.db.models import Count

from flux.models import AskedDecision, Ledger, Programme, Recommendation

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


#: A habit: so many decisions out of turn in a ledger, and one in so many of all those of its year, or more.
LEAST_ASKED, ONE_IN = 3, 10

#: Decisions out of turn that the page states one by one, the latest; the others are counted.
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Asker:
    """What one person (id) asked for: decisions, those that passed before departures registered earlier, how many
    departures they passed in all, and the good units among those out of turn."""

    person: int
    asked: int
    out_of_turn: int
    passed: int
    good: int


@dataclass(frozen=True, slots=True)
class Asked:
    """Of one ledger: `decided`, first decisions of its year; `asked`, those that a person asked for; `out_of_turn`,
    those that passed before others; `people`, who asked, the most out of turn first; `latest`, those out of turn, with
    their motive (`SHOWN` at most)."""

    decided: int
    asked: int
    out_of_turn: int
    people: tuple[Asker, ...]
    latest: tuple[AskedDecision, ...]

    @property
    def is_habit(self) -> bool:
        """Would anybody still believe that these are exceptions?"""
        return is_habit(self.out_of_turn, self.decided)


def is_habit(out_of_turn: int, decided: int) -> bool:
    """So many out of turn, among so many decided: `LEAST` of them, and one in `ONE_IN`, or more."""
    return out_of_turn >= LEAST_ASKED and ONE_IN * out_of_turn >= decided


def asked_in(ledger: Ledger, decided: int) -> Asked:
    """Read one ledger, which `decided` so many for the first time. Two queries, one when nobody asked."""
    found = AskedDecision.objects.filter(recommendation__ledger=ledger)
    rows = list(
        found.order_by("pk").values_list("by", "passed", "recommendation__vacancy__unit__programme__attractiveness")
    )
    asked, out, passed, good = Counter[int](), Counter[int](), Counter[int](), Counter[int]()
    for person, before, attractiveness in rows:
        asked[person] += 1
        out[person] += before > 0
        passed[person] += before
        good[person] += before > 0 and attractiveness == GOOD
    people = [Asker(each, asked[each], out[each], passed[each], good[each]) for each in asked]
    latest = found.filter(passed__gt=0).select_related(
        "by", "recommendation__holder__organisation", "recommendation__vacancy__unit__commune"
    )
    return Asked(
        decided=decided,
        asked=len(rows),
        out_of_turn=sum(before > 0 for _, before, _ in rows),
        people=tuple(sorted(people, key=lambda each: (-each.out_of_turn, -each.asked, each.person))),
        latest=tuple(latest.order_by("-pk")[:SHOWN]) if rows else (),
    )


def habits() -> dict[int, int]:
    """The ledgers (ids) where deciding out of turn is a habit, with how many were. Two queries; ledgers
    where nobody passed before anybody are not read."""
    out = dict(
        AskedDecision.objects.filter(passed__gt=0)
        .order_by()
        .values_list("recommendation__ledger")
        .annotate(Count("pk"))
        .filter(pk__count__gte=LEAST_ASKED)
    )
    decided = dict(
        Recommendation.objects.filter(ledger__in=out or [0], attempt=1)
        .order_by()
        .values_list("ledger")
        .annotate(Count("pk"))
    )
    return {ledger: number for ledger, number in out.items() if is_habit(number, decided[ledger])}
