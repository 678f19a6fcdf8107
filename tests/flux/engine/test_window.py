"""Version 2: the known departures are all planned, and the first one is decided."""

from __future__ import annotations

import random
from collections import Counter as Tally
from dataclasses import replace
from functools import partial
from math import prod

import pytest

from flux.engine import rule, window
from flux.engine.facts import Situation
from flux.engine.window import Window
from tests.flux.engine import every_plan, windows
from tests.flux.engine.test_versions import rows

#: More plans than this are not written down.
MANY = 1500


def plans_of(seen: Situation) -> int:
    return prod(len(one.may_take) for one in seen.known) * len(seen.holders)


def test_decision_is_that_of_every_plan_judged() -> None:
    """Hundreds of small situations, reached by years of three communes with overrides: holder, reason, excess, mix."""
    judged: Tally[str] = Tally()
    for seed in range(150):
        chance = random.Random(f"every plan/{seed}")
        unit = chance.choice((7, 100, 1009, 1_000_000))
        year = windows.territories(chance, min(unit, chance.randint(2, 5)), unit, 8)
        while year.queue:
            seen = year.seen(chance.randint(1, 5))
            decision = window.decide(seen)
            if seen.known and plans_of(seen) <= MANY:
                expected = every_plan.decide(seen)
                found = every_plan.Judged(decision.holder, decision.reason, decision.excess, decision.mix)
                assert found == expected, seed
                judged[decision.reason] += 1
            eligible = [rank.id for rank in decision.ranking if rank.eligible]
            year.give(chance.choice(eligible) if chance.random() < 0.3 else decision.holder)
    assert sum(judged.values()) > 500
    assert min(judged[window.KNOWN_DEADLINE], judged[window.KNOWN_MIX]) >= 10


def test_decision_with_eight_known_is_that_of_every_plan_judged_step_by_step() -> None:
    judged: Tally[str] = Tally()
    for seed in range(12):
        chance = random.Random(f"eight/{seed}")
        year = windows.territories(chance, 5, chance.choice((100, 1_000_000)), 24)
        while len(year.queue) >= 8:
            seen = year.seen(chance.choice((6, 8, 10)))
            decision = window.decide(seen)
            if year.queue[0].registered % 3 == 0:
                found = every_plan.Judged(decision.holder, decision.reason, decision.excess, decision.mix)
                assert found == every_plan.step_by_step(seen), seed
                judged[decision.reason] += 1
            eligible = [rank.id for rank in decision.ranking if rank.eligible]
            year.give(chance.choice(eligible) if chance.random() < 0.3 else decision.holder)
    assert judged[window.KNOWN_DEADLINE] + judged[window.KNOWN_MIX] >= 5


def test_plan_is_the_only_one_whatever_the_method() -> None:
    """Equal plans are distinguished: by B, then by the rank of who has the second departure, the third…"""
    for seed in range(60):
        chance = random.Random(f"one plan/{seed}")
        year = windows.territories(chance, 4, 10, 6)  # coarse shares: many plans are equal
        for seen, decision in year.follow(lambda: 4):
            if not seen.known or plans_of(seen) > MANY:
                continue
            plans, first = every_plan.Plans.of(seen), every_plan.band(seen)
            ranks = {h.id: h.rank for h in (*seen.holders, *seen.elsewhere)}
            expected = min(
                plans.all(first),
                key=lambda p: (plans.excess(p), -plans.mix(p), first.index(p[0]), [ranks[h] for h in p[1:]]),
            )
            assert decision.plan == expected, seed


@pytest.mark.parametrize("known", [0, 1])
def test_alone_or_with_one_choice_it_is_version_1(known: int) -> None:
    """« if k = 1 or |B| = 1: choose c, with the reason of version 1 »; the plan is a forecast then."""
    for seed in range(30):
        chance = random.Random(f"alone/{seed}")
        for seen, decision in windows.territories(chance, 5, 1000, 12).follow(lambda: 1 + 7 * known):
            first = rule.decide(seen)
            if not known or sum(rank.in_band for rank in first.ranking) == 1:
                assert (decision.holder, decision.reason, decision.ranking) == (
                    first.holder,
                    first.reason,
                    first.ranking,
                )
                assert bool(decision.plan) == bool(seen.known)


def test_window_of_one_is_version_1_on_every_frozen_situation() -> None:
    for row in rows(1):
        seen = Situation.from_json(row["situation"])
        assert replace(window.decide(seen), version=1) == rule.decide(seen)


def test_theorem_of_one_territory_whatever_is_known() -> None:
    """|dû − reçu| ≤ S − S // (2n − 2) after each unit: 200 years, windows of 1 to 12 that change at each decision."""
    for seed in range(200):
        chance = random.Random(f"window/{seed}")
        holders, unit = chance.randint(2, 10), chance.choice((100, 101, 10_000, 1_000_000))
        year = windows.one_territory(chance, holders, unit, 40)
        bound = unit - unit // (2 * holders - 2)
        for _ in year.follow(partial(chance.randint, 1, 12)):
            assert year.furthest() <= bound, seed


def test_a_situation_that_keeps_no_limits_is_planned_within_those_of_its_unit() -> None:
    """As the first decisions of version 2, which kept none: they replay."""
    year = windows.territories(random.Random("no limits"), 4, 100, 8)
    seen = replace(year.seen(4), limits=())
    assert len(seen.known) == 3
    assert Window(seen).limits == [80, 80, 80, 66]
    assert Window(replace(seen, limits=(70, 50))).limits == [70, 70, 70, 50]


def test_gaps_are_what_is_owed_after_each_departure() -> None:
    year = windows.territories(random.Random("gaps"), 4, 1000, 5)
    seen = year.seen(5)
    plan = window.decide(seen).plan
    plans = every_plan.Plans.of(seen)
    gaps = Window(seen).gaps(plan)
    assert {key: [plans.gap(key, plan, step) for step in range(5)] for key in gaps} == gaps
