"""The plan for the reader: the table, each holder's path, and what if another, beside every plan judged."""

from __future__ import annotations

import random
from dataclasses import replace

from flux.engine import window
from flux.engine.facts import Chain
from flux.engine.forecast import departures, paths, supposed
from flux.engine.window import Window
from tests.flux.engine import every_plan, windows


def test_table_has_the_known_departures_in_order_and_one_decision() -> None:
    year = windows.territories(random.Random("table"), 5, 1000, 8)
    queue = list(year.queue)
    seen = year.seen(6)
    decision = window.decide(seen)
    rows = departures(seen, decision.plan)
    assert [row.step for row in rows] == [1, 2, 3, 4, 5, 6]
    assert [row.decided for row in rows] == [True] + [False] * 5
    assert [row.holder for row in rows] == list(decision.plan)
    assert [row.vacancy for row in rows[1:]] == [each.vacancy for each in queue[1:6]]
    assert [row.label for row in rows[1:]] == [each.label for each in queue[1:6]]
    assert [row.place for row in rows] == [each.place for each in queue[:6]]
    assert [row.categories for row in rows] == [tuple(each.categories.values()) for each in queue[:6]]
    assert sum(row.lack for row in rows) == decision.mix


def test_paths_go_from_what_is_owed_now_and_state_who_passes_a_limit() -> None:
    beyond = 0
    for seed in range(40):
        for seen, decision in windows.territories(random.Random(f"paths/{seed}"), 5, 1000, 10).follow(lambda: 5):
            if not seen.known:
                continue
            plans = every_plan.Plans.of(seen)
            found = paths(seen, decision.plan)
            ranks = {each.id: each.rank for each in seen.everybody}
            assert [path.holder for path in found] == sorted(set.union(*plans.takers), key=ranks.__getitem__)
            for path in found:
                gaps = [plans.gap(path.holder, decision.plan, step) for step in range(len(decision.plan))]
                assert (path.now, path.lowest, path.highest) == (plans.delay[path.holder], min(gaps), max(gaps))
                assert path.beyond == any(abs(gap) > plans.limit(step) for step, gap in enumerate(gaps))
                beyond += path.beyond
            assert any(path.beyond for path in found) == (decision.excess > 0)
    assert beyond


def test_what_if_is_the_best_plan_that_serves_each_of_the_safe_set() -> None:
    result = 0
    for seed in range(40):
        for seen, decision in windows.territories(random.Random(f"what if/{seed}"), 4, 1000, 6).follow(lambda: 3):
            if not seen.known:
                continue
            plans = every_plan.Plans.of(seen)
            others = supposed(seen, decision.ranking)
            assert list(others) == [rank.id for rank in decision.ranking if rank.safe]
            for holder, found in others.items():
                judged = {plan: (plans.excess(plan), -plans.mix(plan)) for plan in plans.all([holder])}
                assert (found.plan.excess, -found.plan.mix) == min(judged.values()) == judged[found.plan.holders]
                assert found.others == found.plan.holders[1:]
                gaps = {
                    (key, step): plans.gap(key, found.plan.holders, step - 1)
                    for key in set.union(*plans.takers)
                    for step in range(1, len(plans.takers) + 1)
                }
                over = {at: max(0, abs(gap) - plans.limit(at[1] - 1)) for at, gap in gaps.items()}
                at = found.worst.holder, found.worst.step
                assert (found.worst.gap, found.worst.over) == (gaps[at], over[at])
                assert (over[at], abs(gaps[at])) == max((over[each], abs(gaps[each])) for each in gaps)
                result += 1
            chosen = others[decision.holder].plan
            assert (chosen.holders, chosen.excess, chosen.mix) == (decision.plan, decision.excess, decision.mix)
    assert result > 200


def test_plan_of_a_destination_that_a_convention_settles_says_what_would_come_next() -> None:
    year = windows.territories(random.Random("chain"), 5, 1000, 8)
    seen = year.seen(4)
    named = next(each.id for each in seen.holders if each.share and each.id != window.decide(seen).holder)
    decision = window.decide(replace(seen, chain=Chain(named, "MAYOR", "Ville")))
    assert (decision.holder, decision.reason, decision.plan[0]) == (named, "FALLBACK", named)
    assert decision.plan == Window(seen).best([named]).holders
