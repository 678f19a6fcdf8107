"""Decisions that people asked for before their time: how many, by whom, and whether it is a habit.

Whoever chooses what is decided when chooses, a little, to whom it goes: with « Décider maintenant », as much as without
any plan (routing specification, version 2, section 10). Hence counted, and shown to holders.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.db.models import Count

from flux.models import AskedDecision, Ledger, Recommendation
from flux.queries.holding_back import GOOD

#: A habit: so many decisions out of turn in a ledger, and one in so many of all those of its year, or more.
LEAST, ONE_IN = 3, 10

#: Decisions out of turn that the page tells one by one, the latest; the others are counted.
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
    return out_of_turn >= LEAST and ONE_IN * out_of_turn >= decided


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
        .filter(pk__count__gte=LEAST)
    )
    decided = dict(
        Recommendation.objects.filter(ledger__in=out or [0], attempt=1)
        .order_by()
        .values_list("ledger")
        .annotate(Count("pk"))
    )
    return {ledger: number for ledger, number in out.items() if is_habit(number, decided[ledger])}
