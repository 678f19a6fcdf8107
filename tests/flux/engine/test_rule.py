"""Who may be chosen, in which order, and under which reason (docs/engine.md)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flux.engine import rule
from flux.engine.facts import Chain, Decision
from tests.flux.engine.builders import LANDLORD, holder, situation


def flagged(decision: Decision, flag: str) -> list[str]:
    """Ids of the holders with a flag, in the order of the ranking."""
    return [rank.id for rank in decision.ranking if getattr(rank, flag)]


# --- who is eligible ---


def test_only_one_candidate_is_chosen_whatever_its_delay() -> None:
    decision = rule.decide(situation(holder(LANDLORD, share=100, delay=-300)))
    assert (decision.holder, decision.reason, decision.version) == (LANDLORD, "ONLY_ONE", 1)
    assert [(rank.eligible, rank.must_soon, rank.in_band, rank.safe, rank.priority) for rank in decision.ranking] == [
        (True, True, True, True, -3000)
    ]


def test_whom_a_chain_names_is_served_and_the_rule_ranks_the_others() -> None:
    seen = situation(
        holder("A", share=50, delay=90, rank=1), holder("B", share=10, delay=-40, rank=2), holder(LANDLORD, share=40)
    )
    decision = rule.decide(replace(seen, chain=Chain("B", "STATE", "A")))
    assert (decision.holder, decision.reason) == ("B", "FALLBACK")
    assert [rank.id for rank in decision.ranking] == ["B", "A", LANDLORD]
    assert flagged(decision, "in_band") == ["B"]


def test_holder_that_may_not_take_is_ranked_but_not_a_candidate() -> None:
    refusing = holder("A", share=60, delay=90, rank=1, may_take=False)
    decision = rule.decide(situation(refusing, holder(LANDLORD, share=40, delay=10)))
    assert (decision.holder, decision.reason) == (LANDLORD, "ONLY_ONE")
    assert [(rank.id, rank.eligible, rank.safe) for rank in decision.ranking] == [
        (LANDLORD, True, True),
        ("A", False, False),
    ]


def test_holder_without_a_share_here_is_not_a_candidate() -> None:
    decision = rule.decide(situation(holder("A", share=0, delay=90, rank=1), holder(LANDLORD, share=100, delay=10)))
    assert (decision.holder, decision.reason) == (LANDLORD, "ONLY_ONE")


def test_landlord_is_a_candidate_without_a_share() -> None:
    """Owed by overrides, it takes its turn even where everything is reserved."""
    decision = rule.decide(situation(holder("A", share=100, delay=20, rank=1), holder(LANDLORD, share=0, delay=80)))
    assert decision.holder == LANDLORD
    assert flagged(decision, "eligible") == [LANDLORD, "A"]


def test_landlord_is_a_candidate_even_when_left_out_of_may_take() -> None:
    decision = rule.decide(situation(holder(LANDLORD, share=100, delay=100, may_take=False)))
    assert decision.holder == LANDLORD


# --- two candidates: the limit is half a unit ---


@pytest.mark.parametrize(
    ("delay", "must_soon"),
    [
        (49, ["NR"]),  # NR, at 51, is beyond half a unit
        (50, ["A", "NR"]),  # nobody is
        (51, ["A"]),
    ],
)
def test_two_candidates_wait_up_to_half_a_unit(delay: int, must_soon: list[str]) -> None:
    decision = rule.decide(
        situation(holder("A", share=50, delay=delay, rank=1), holder(LANDLORD, share=50, delay=100 - delay, rank=2))
    )
    assert flagged(decision, "must_soon") == must_soon
    assert decision.holder == must_soon[0]


def test_odd_unit_divides_downwards() -> None:
    """S = 101, two candidates: the floor is 101 // 2 = 50, the limit 51. At 51 nobody is beyond it."""
    decision = rule.decide(
        situation(
            holder("A", share=50, delay=50, rank=1, unit=101),
            holder(LANDLORD, share=51, delay=51, rank=2, unit=101),
            unit=101,
        )
    )
    assert flagged(decision, "must_soon") == [LANDLORD, "A"]
    assert flagged(decision, "safe") == [LANDLORD, "A"]


# --- safe set and band (three candidates: floor 25, limit 75) ---


def decide_three(a: int, b: int, landlord: int, /, **lacks: tuple[int, ...]) -> Decision:
    """Equal shares; delays given; no deadline is near."""
    return rule.decide(
        situation(
            holder("A", share=33, delay=a, rank=1, lacks=lacks.get("a", (0,))),
            holder("B", share=33, delay=b, rank=2, lacks=lacks.get("b", (0,))),
            holder(LANDLORD, share=34, delay=landlord, rank=3, lacks=lacks.get("nr", (0,))),
        )
    )


def test_safe_set_starts_at_the_floor() -> None:
    assert flagged(decide_three(51, 25, 24), "safe") == ["A", "B"]


def test_band_goes_half_a_unit_down_from_the_largest_delay() -> None:
    """75 − 50 = 25: B is just inside, the landlord just outside and under the floor."""
    decision = decide_three(75, 25, 0)
    assert flagged(decision, "in_band") == ["A", "B"]


def test_safe_holder_outside_the_band_is_not_chosen_whatever_it_lacks() -> None:
    """Fifty shares at most: 70 − 51 leaves 19, under the floor as well; with five candidates the floor is 12."""
    holders = [holder(key, share=20, rank=rank) for rank, key in enumerate(("B", "C", LANDLORD), 3)]
    decision = rule.decide(
        situation(
            holder("A", share=20, delay=70, rank=1),
            holder("D", share=20, delay=19, rank=2, lacks=(900,)),
            *holders,
        )
    )
    assert (flagged(decision, "safe"), flagged(decision, "in_band"), decision.holder) == (["A", "D"], ["A"], "A")


def test_half_of_an_odd_unit_is_not_rounded() -> None:
    """S = 101, five candidates (floor 12): 70 − 50,5 = 19,5, so that 20 is in the band and 19 is not."""
    others = [holder(key, share=20, rank=rank, unit=101) for rank, key in enumerate(("D", LANDLORD), 4)]
    decision = rule.decide(
        situation(
            holder("A", share=21, delay=70, rank=1, unit=101),
            holder("B", share=20, delay=20, rank=2, unit=101),
            holder("C", share=20, delay=19, rank=3, unit=101),
            *others,
            unit=101,
        )
    )
    assert (flagged(decision, "safe"), flagged(decision, "in_band")) == (["A", "B", "C"], ["A", "B"])


def test_largest_delay_is_in_the_band_even_under_the_floor() -> None:
    """Everybody is served ahead: the largest delay stays a candidate, alone."""
    decision = decide_three(20, 10, 0)
    assert (flagged(decision, "safe"), flagged(decision, "in_band"), decision.holder) == (["A"], ["A"], "A")


# --- the order of choice ---


def test_choice_1_ten_delays_plus_the_lacks() -> None:
    """B: 10 × 40 + 110 = 510, against 10 × 50 + 0 = 500."""
    decision = decide_three(50, 40, 10, b=(110,))
    assert (decision.holder, decision.reason) == ("B", "PROFILE")
    assert [rank.priority for rank in decision.ranking] == [510, 500, 100]


def test_choice_1_sums_the_lacks_of_every_dimension() -> None:
    decision = rule.decide(
        situation(
            holder("A", share=33, delay=50, rank=1, lacks=(60, -10)),
            holder("B", share=33, delay=50, rank=2, lacks=(20, 40)),
            holder(LANDLORD, share=34, delay=0, rank=3, lacks=(0, 0)),
            dimensions=("typology", "qpv"),
            categories=("T3", "en QPV"),
        )
    )
    assert (decision.holder, [rank.priority for rank in decision.ranking]) == ("B", [560, 550, 0])


def test_choice_2_the_larger_delay_between_equal_priorities() -> None:
    """500 + 0 = 400 + 100: A is owed more."""
    decision = decide_three(50, 40, 10, b=(100,))
    assert (decision.holder, decision.reason) == ("A", "LARGEST_DELAY")


def equals(**given: dict[str, int]) -> Decision:
    """A and B tie on priority and delay; `given` makes them differ."""
    usual = {"share": 30, "delay": 45}
    return rule.decide(
        situation(
            holder("A", **(usual | {"rank": 1} | given.get("a", {}))),
            holder("B", **(usual | {"rank": 2} | given.get("b", {}))),
            holder(LANDLORD, share=40, delay=10, rank=3),
        )
    )


def test_choice_3_the_larger_share_here() -> None:
    decision = equals(b={"share": 31, "last_served": 9})
    assert (decision.holder, decision.reason) == ("B", "TIE")


def test_choice_4_the_least_recently_served() -> None:
    decision = equals(a={"last_served": 41}, b={"last_served": 12})
    assert (decision.holder, decision.reason) == ("B", "TIE")


def test_choice_4_never_served_comes_first() -> None:
    assert equals(a={"last_served": 1}).holder == "B"


def test_choice_5_the_smallest_rank() -> None:
    assert equals().holder == "A"
    assert equals(a={"rank": 8}).holder == "B"


def test_order_of_the_holders_given_changes_nothing() -> None:
    holders = [
        holder("A", share=30, delay=45, rank=1),
        holder("B", share=30, delay=45, rank=2),
        holder(LANDLORD, share=40, delay=10, rank=3),
    ]
    assert rule.decide(situation(*holders)) == rule.decide(situation(*reversed(holders)))


# --- the reasons, the first that applies ---


def test_reason_deadline_when_a_larger_delay_may_still_wait() -> None:
    """Limit 84 (four candidates). A and C fall due at step 2 and fill it; B, owed more, only at step 6."""
    decision = rule.decide(
        situation(
            holder("A", share=45, delay=42, rank=1),
            holder("B", share=5, delay=60, rank=2),
            holder("C", share=45, delay=40, rank=3),
            holder(LANDLORD, share=5, delay=-42, rank=4),
        )
    )
    assert (decision.holder, decision.reason) == ("A", "DEADLINE")
    assert flagged(decision, "must_soon") == ["A", "C"]


def test_reason_deadline_comes_before_tie() -> None:
    decision = rule.decide(
        situation(
            holder("A", share=45, delay=40, rank=1),
            holder("B", share=5, delay=60, rank=2),
            holder(LANDLORD, share=5, delay=-40, rank=4),
            holder("C", share=45, delay=40, rank=3),
        )
    )
    assert (decision.holder, decision.reason, flagged(decision, "must_soon")) == ("A", "DEADLINE", ["A", "C"])


def test_reason_tie_comes_before_largest_delay() -> None:
    assert equals().reason == "TIE"


def test_equal_priorities_with_different_delays_are_no_tie() -> None:
    assert decide_three(50, 40, 10, b=(100,)).reason == "LARGEST_DELAY"


def test_equal_holders_outside_the_band_are_no_tie() -> None:
    """Nobody in the band equals A; B and the landlord are equal, far behind."""
    assert decide_three(60, 5, 5).reason == "LARGEST_DELAY"


# --- the ranking ---


def test_ranking_lists_the_chosen_the_band_the_safe_the_due_soon_the_eligible_then_the_others() -> None:
    """Floor 8, limit 92 (seven candidates): A to D fill step 4. W may not take."""
    decision = rule.decide(
        situation(
            holder("W", share=7, delay=80, rank=1, may_take=False),
            holder("A", share=12, delay=70, rank=2, lacks=(0,)),
            holder("B", share=11, delay=60, rank=3, lacks=(150,)),
            holder("C", share=30, delay=35, rank=4),
            holder("D", share=30, delay=9, rank=5),
            holder("E", share=5, delay=-75, rank=6),
            holder("F", share=5, delay=-75, rank=7),
            holder(LANDLORD, share=0, delay=1, rank=8),
        )
    )
    assert [(r.id, r.in_band, r.safe, r.must_soon, r.eligible) for r in decision.ranking] == [
        ("B", True, True, True, True),
        ("A", True, True, True, True),
        ("C", True, True, True, True),
        ("D", False, True, True, True),
        (LANDLORD, False, False, False, True),
        ("E", False, False, False, True),
        ("F", False, False, False, True),
        ("W", False, False, False, False),
    ]
    assert [r.delay for r in decision.ranking] == [60, 70, 35, 9, 1, -75, -75, 80]
