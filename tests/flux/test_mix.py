"""Mix equity: no false alarm beyond the level, no silence before a real bias."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flux.mix import (
    ENOUGH,
    LEVEL,
    Case,
    Part,
    Verdict,
    against_flow,
    against_needs,
    judge,
)

CATEGORIES = ("T1", "T2", "T3", "T4", "T5+", "")
flows = st.fixed_dictionaries(dict.fromkeys(CATEGORIES, st.integers(0, 60)))


def blind_draw(random: Random, flow: dict[str, int], drawn: int) -> dict[str, int]:
    units = [category for category, count in flow.items() for _ in range(count)]
    taken = random.sample(units, drawn)
    return {category: taken.count(category) for category in flow}


def test_more_offered_than_there_is_is_refused() -> None:
    with pytest.raises(ValueError, match="more offered than there is"):
        against_flow([Part({"T2": 1, "T3": 9}, {"T2": 2})])


def test_a_blind_draw_alarms_no_more_often_than_the_level() -> None:
    """1,000 years of twelve holders drawn blindly: pages with an alarm, at most one in twenty (and 3 sigma)."""
    random = Random(5)
    flow = {"T1": 20, "T2": 90, "T3": 160, "T4": 110, "T5+": 15, "": 5}
    years, pages = 1000, 0
    for _ in range(years):
        cases = {
            holder: against_flow([Part(flow, blind_draw(random, flow, drawn))])
            for holder, drawn in enumerate((120, 60, 45, 31, 12, 3))
        }
        judged = judge(cases)
        pages += any(judged.alarms(holder) for holder in cases)
    assert pages <= years * LEVEL + 3 * (years * LEVEL * (1 - LEVEL)) ** 0.5


def test_a_doubled_share_over_sixty_units_is_seen_among_ten_holders() -> None:
    """T2 are a fifth of the flow, and two fifths of what one holder of ten was offered: 24 where 12 were expected."""
    flow = {"T2": 100, "T3": 250, "T4": 150}
    fair = {holder: against_flow([Part(flow, {"T2": 8, "T3": 20, "T4": 12})]) for holder in range(9)}
    judged = judge({**fair, 9: against_flow([Part(flow, {"T2": 24, "T3": 23, "T4": 13})])})
    assert [(each.category, each.verdict) for each in judged.alarms(9)] == [("T2", Verdict.MORE)]
    assert not any(judged.alarms(holder) for holder in fair)


@pytest.mark.parametrize(("drawn", "power"), [(60, 0.55), (120, 0.97)])
def test_who_gives_twice_as_many_of_a_category_is_found_out(drawn: int, power: float) -> None:
    """The offers are drawn, T2 coming out twice as often as they should: named in most years, then in nearly all."""
    random, seen, years = Random(6), 0, 200
    flow, doubled = {"T2": 100, "T3": 250, "T4": 150}, {"T2": 200, "T3": 188, "T4": 112}
    fair = {holder: against_flow([Part(flow, blind_draw(random, flow, 40))]) for holder in range(9)}
    for _ in range(years):
        judged = judge({**fair, 9: against_flow([Part(flow, _within(flow, blind_draw(random, doubled, drawn)))])})
        seen += any(each.category == "T2" and each.verdict == Verdict.MORE for each in judged.alarms(9))
    assert seen >= power * years


def _within(flow: dict[str, int], drawn: dict[str, int]) -> dict[str, int]:
    return {category: min(count, flow[category]) for category, count in drawn.items()}


def test_the_answer_of_a_real_bias_names_the_category() -> None:
    judged = judge({"Narbonne": against_flow([Part({"T2": 100, "T4": 100}, {"T2": 45, "T4": 15})])})
    assert [(each.category, each.verdict) for each in judged.alarms("Narbonne")] == [
        ("T2", Verdict.MORE),
        ("T4", Verdict.LESS),
    ]
    t2 = judged.readings["Narbonne"][0]
    assert (t2.offered, t2.expected, t2.base) == (45, 30, 100)
    assert t2.low <= 30 <= t2.high < 45


@given(flows, st.data())
def test_few_units_never_alarm(flow: dict[str, int], data: st.DataObject) -> None:
    """Under thirty, whatever was offered."""
    left, offered = ENOUGH - 1, {}
    for category, count in flow.items():
        offered[category] = data.draw(st.integers(0, min(count, left)))
        left -= offered[category]
    judged = judge({0: against_flow([Part(flow, offered)])})
    assert not judged.alarms(0)
    assert {each.verdict for each in judged.readings[0]} <= {Verdict.FEW, Verdict.UNKNOWN}


@given(flows, st.integers(0, 2**32), st.integers(1, 200), st.permutations(CATEGORIES))
def test_names_and_order_change_nothing(flow: dict[str, int], seed: int, drawn: int, names: list[str]) -> None:
    """Another order of the categories, other names: the same readings. Expected counts sum to what was offered."""
    drawn = min(drawn, sum(flow.values()))
    offered = blind_draw(Random(seed), flow, drawn)
    case = against_flow([Part(flow, offered)])
    shuffled = against_flow([Part({name: flow[name] for name in names}, offered)])
    readings = {each.category: each for each in judge({0: case}).readings[0]}
    assert readings == {each.category: each for each in judge({"x": shuffled}).readings["x"]}
    assert sum((each.expected for each in readings.values()), Fraction(0)) == drawn
    renamed = {name: f"{name}!" for name in CATEGORIES if name} | {"": ""}
    again = against_flow([Part({renamed[c]: n for c, n in flow.items()}, {renamed[c]: n for c, n in offered.items()})])
    assert [each.verdict for each in judge({0: again}).readings[0]] == [
        each.verdict for each in judge({0: case}).readings[0]
    ]


def test_missing_data_are_shown_and_never_judged() -> None:
    judged = judge({0: against_flow([Part({"T2": 100, "": 100}, {"": 60})])})
    assert [each.category for each in judged.alarms(0)] == ["T2"]
    assert judged.readings[0][1].verdict == Verdict.UNKNOWN


def test_a_holder_with_more_of_a_right_where_large_units_are_is_not_accused() -> None:
    """All T4 are in one town, where the share is eight times what it is elsewhere: the draw is made town by town."""
    town, elsewhere = {"T4": 100, "T2": 20}, {"T2": 380}
    offered_town, offered_elsewhere = {"T4": 40, "T2": 8}, {"T2": 20}
    by_part = judge({0: against_flow([Part(town, offered_town), Part(elsewhere, offered_elsewhere)])})
    at_once = judge({0: against_flow([Part({"T4": 100, "T2": 400}, {"T4": 40, "T2": 28})])})
    assert not by_part.alarms(0)
    assert at_once.alarms(0)


def test_who_is_too_small_to_alarm_costs_nothing_to_the_others() -> None:
    """Tarone: fifty communes offered three units each leave the level of the one holder where it was."""
    one = {"city": against_flow([Part({"T2": 100, "T4": 100}, {"T2": 40, "T4": 20})])}
    small: dict[str, Case] = {f"commune {i}": against_flow([Part({"T2": 9}, {"T2": 3})]) for i in range(50)}
    assert judge({**one, **small}).level == judge(one).level


def test_a_flow_of_one_category_is_as_expected() -> None:
    judged = judge({0: against_flow([Part({"T3": 200}, {"T3": 40})])})
    assert [(each.low, each.high, each.verdict) for each in judged.readings[0]] == [(40, 40, Verdict.EXPECTED)]


def test_nothing_offered_is_nothing_to_say() -> None:
    judged = judge({0: against_flow([Part({}, {})]), 1: against_flow([]), 2: against_flow([Part({"T2": 4}, {})])})
    assert not any(judged.alarms(key) for key in range(3))
    assert judged.readings[2][0].expected == 0
    assert judge({}).readings == {}


# --- against declared needs ----------------------------------------------------------------------------------------


def test_needs_that_were_answered_and_needs_that_were_not() -> None:
    weights = {"T2": 50, "T3": 50}
    judged = judge(
        {
            "met": against_needs({"T2": 28, "T3": 32}, weights),
            "unmet": against_needs({"T2": 8, "T3": 40, "T4": 12, "": 3}, weights),
            "small": against_needs({"T3": 12}, weights),
        }
    )
    assert not judged.alarms("met")
    assert [each.verdict for each in judged.readings["small"]] == [Verdict.FEW, Verdict.FEW]
    unmet = {each.category: each for each in judged.readings["unmet"]}
    assert unmet["T2"].verdict == Verdict.LESS
    assert unmet["T2"].expected == 30  # of sixty: the three that nobody can state are left out
    assert unmet["T4"].verdict == Verdict.NOT_ASKED
    assert "" not in unmet


def test_one_unit_beside_a_need_of_one_category_is_no_bias_and_twenty_are() -> None:
    judged = judge(
        {1: against_needs({"T3": 59, "T2": 1}, {"T3": 1}), 20: against_needs({"T3": 40, "T2": 20}, {"T3": 1})}
    )
    assert not judged.alarms(1)
    assert [(each.category, each.expected) for each in judged.alarms(20)] == [("T3", 60)]


def test_what_follows_the_declared_shares_alarms_no_more_often_than_the_level() -> None:
    random, alarmed, years = Random(7), 0, 2000
    weights = {"T1": 5, "T2": 30, "T3": 40, "T4": 25}
    for _ in range(years):
        taken = random.choices(list(weights), list(weights.values()), k=60)
        alarmed += bool(judge({0: against_needs({c: taken.count(c) for c in weights}, weights)}).alarms(0))
    assert alarmed <= years * LEVEL + 3 * (years * LEVEL * (1 - LEVEL)) ** 0.5
