"""What another choice breaks: against every way of serving the next units, tried one by one."""

from __future__ import annotations

import random
import sys
from itertools import pairwise
from types import FrameType

import pytest

from flux.engine.consequence import Consequence, Missed, brief, consequence_words, consequences
from flux.engine.facts import Situation
from flux.engine.rule import decide, first_filled
from tests.flux.engine.builders import LANDLORD, holder, situation

#: Steps that brute force looks ahead.
FAR = 7


def after(seen: Situation, chosen: str) -> list[tuple[int, ...]]:
    """The delays once the unit went there, one for each holder."""
    return [tuple(h.delay(seen.unit) - seen.unit * (h.id == chosen) for h in seen.holders)]


def futures(seen: Situation, chosen: str) -> list[set[tuple[int, ...]]]:
    """Every state that some sequence of choices leads to, 0, 1, 2… units after this one, and the largest delay on the
    way there: (largest so far, delay of each)."""
    [now] = after(seen, chosen)
    reached = [{(max(now), *now)}]
    for _ in range(FAR):
        step = set()
        for worst, *delays in reached[-1]:
            grown = [delay + h.share for delay, h in zip(delays, seen.holders, strict=True)]
            for served in range(len(grown)):
                then = [delay - seen.unit * (n == served) for n, delay in enumerate(grown)]
                step.add((max(worst, *then), *then))
        reached.append(step)
    return reached


def least_worst(seen: Situation, chosen: str) -> list[int]:
    """The least that the largest delay can be kept to, over the next 0, 1, 2… units."""
    return [min(worst for worst, *_ in states) for states in futures(seen, chosen)]


def drawn(seed: int) -> Situation:
    """Two or three holders, a unit of 12 shares, delays that sum to nothing: now and then far from their due."""
    chance = random.Random(seed)
    unit, count = 12, chance.choice([2, 3, 3])
    cuts = sorted(chance.sample(range(1, unit), count - 1))
    shares = [b - a for a, b in pairwise([0, *cuts, unit])]
    spread = chance.choice([6, 12, 20])
    delays = [chance.randint(-spread, spread) for _ in range(count - 1)]
    # Every share of this unit is credited and nobody has it yet: delays sum to one unit.
    delays.append(unit - sum(delays))
    names = ["A", "B", LANDLORD][-count:]
    return situation(
        *(
            holder(name, share=share, delay=delay, rank=rank, unit=unit)
            for rank, (name, share, delay) in enumerate(zip(names, shares, delays, strict=True))
        ),
        unit=unit,
    )


@pytest.mark.parametrize("seed", range(120))
def test_what_is_missed_is_what_no_sequence_of_choices_avoids(seed: int) -> None:
    seen = drawn(seed)
    found = consequences(seen)
    for chosen, each in found.items():
        worst = least_worst(seen, chosen)
        if each.missed is None:
            assert max(worst) <= each.limit, chosen
        elif each.missed.within <= FAR:
            assert worst[each.missed.within] == each.missed.owed > each.limit, chosen
            assert all(before <= each.limit for before in worst[: each.missed.within]), chosen
        else:
            assert max(worst) <= each.limit, chosen


@pytest.mark.parametrize("seed", range(120))
def test_missed_anyway_is_missed_whatever_the_choice(seed: int) -> None:
    found = consequences(drawn(seed))
    for each in found.values():
        if each.missed and each.missed.anyway:
            assert all(other.missed for other in found.values())
    assert all(each.missed is None or each.missed.anyway for each in found.values() if each.safe)


@pytest.mark.parametrize("seed", range(120))
def test_safe_is_what_the_rule_says_and_the_others_always_break_something(seed: int) -> None:
    seen = drawn(seed)
    found = consequences(seen)
    assert {rank.id: rank.safe for rank in decide(seen).ranking} == {key: each.safe for key, each in found.items()}
    for each in found.values():
        assert each.safe or each.missed or each.ahead
        assert consequence_words(seen, each).endswith(".")


def test_holders_named_are_those_who_have_a_deadline_by_then() -> None:
    """A and B are both due a unit at once: given to the landlord, both are left; given to A, B still is."""
    seen = situation(
        holder("A", share=30, delay=90, rank=1),
        holder("B", share=30, delay=80, rank=2),
        holder(LANDLORD, share=40, delay=-70, rank=3),
    )
    found = consequences(seen)
    assert (found[LANDLORD].missed.holders, found[LANDLORD].missed.within) == (("A", "B"), 0)
    assert (found[LANDLORD].missed.owed, found["A"].missed.owed, found["B"].missed.owed) == (90, 80, 90)
    assert found["A"].missed.holders == ("B",)
    assert {each.missed.anyway for each in found.values()} == {True}
    assert consequence_words(seen, found["A"]) == (
        "Ne coûte rien de plus : la garantie ne tient déjà plus, quel que soit le choix (Réservataire B a déjà "
        "0,80 logement à recevoir, au-delà de la garantie (0,75))."
    )


def test_words_of_a_choice_that_breaks_the_guarantee() -> None:
    late, ahead = holder("A", share=50, delay=95, rank=1), holder(LANDLORD, share=50, delay=5)
    seen = situation(late, ahead, unit=100)
    found = consequences(seen)
    assert consequence_words(seen, found["A"]) == "Ne coûte rien à la garantie : chacun peut encore être servi à temps."
    assert consequence_words(seen, found[LANDLORD]) == (
        "La garantie ne tient plus : Réservataire NR aurait 0,95 logement d’avance, au-delà de la garantie (0,50) ; "
        "Réservataire A aurait aussitôt 0,95 logement à recevoir, au-delà de la garantie (0,50)."
    )


def test_words_state_in_how_many_units_and_how_far_beyond_one_unit() -> None:
    """No deadline is due at once, but A and B have five of them by the fifth unit, this one included."""
    seen = situation(
        holder("A", share=59, delay=60, rank=1),
        holder("B", share=40, delay=40, rank=2),
        holder("C", share=1, rank=3),
        holder(LANDLORD, share=0, delay=0, rank=4),
    )
    assert consequence_words(seen, consequences(seen)["C"]) == (
        "La garantie ne tient plus : Réservataire C aurait 1,00 logement d’avance, au-delà de la garantie (0,84) ; "
        "dans les 4 prochains logements libérés ici, Réservataire A et Réservataire B ne pourraient plus tous être "
        "servis à temps, l’un aurait au moins 0,96 logement à recevoir, au-delà de la garantie (0,84)."
    )
    seen = situation(holder("A", share=50, delay=130, rank=1), holder(LANDLORD, share=50, delay=-30, rank=2))
    assert consequence_words(seen, consequences(seen)[LANDLORD]) == (
        "La garantie ne tient plus : Réservataire NR aurait 1,30 logement d’avance, 0,30 au-delà d’un logement ; "
        "Réservataire A aurait aussitôt 1,30 logement à recevoir, 0,30 au-delà d’un logement."
    )


def test_few_words_of_a_column() -> None:
    seen = situation(
        holder("A", share=59, delay=60, rank=1),
        holder("B", share=40, delay=40, rank=2),
        holder("C", share=1, rank=3),
        holder(LANDLORD, share=0, delay=0, rank=4),
    )
    found = consequences(seen)
    assert (brief(seen, found["A"]), brief(seen, found["C"])) == (
        "rien",
        "1,00 d’avance, tour manqué dans 4 logements",
    )


def test_only_destination_costs_nothing() -> None:
    seen = situation(holder("A", share=60, delay=60, rank=1, may_take=False), holder(LANDLORD, share=40, delay=40))
    assert consequences(seen) == {LANDLORD: Consequence(LANDLORD, safe=True, delay=-60, limit=100, missed=None)}


@pytest.mark.parametrize("more", [0, 1])
@pytest.mark.parametrize("batch", range(4))
def test_first_step_filled_or_overfilled_is_what_counting_every_step_says(batch: int, more: int) -> None:
    """Step by step, to the one where the last holder with a share is met: shares of nothing or next to it included."""
    chance = random.Random(f"overfull/{batch}")
    found = 0
    for _ in range(200):
        unit, count = chance.choice((1, 7, 100, 1000)), chance.randint(2, 6)
        holders = [
            holder(
                f"H{rank}",
                unit=unit,
                share=chance.choice((0 if rank == 0 else 1, chance.randint(1, max(1, unit // count)))),
                delay=chance.randint(-unit, unit),
            )
            for rank in range(count)
        ]
        limit = chance.choice((unit - unit // (2 * count - 2), chance.randint(0, unit)))
        step, unmet, expected = 0, True, 0
        while unmet and not expected:
            step += 1
            grown = [h.delay(unit) + (step - 1) * h.share - limit for h in holders]
            unmet = any(h.share and beyond <= 0 for h, beyond in zip(holders, grown, strict=True))
            if sum(max(0, -(-beyond // unit)) for beyond in grown) >= step + more:
                expected = step
        assert first_filled(holders, unit=unit, limit=limit, more=more) == expected
        found += expected > 0
    assert 20 < found < 200


def lines_run(seen: Situation) -> tuple[int, dict[str, Consequence]]:
    """How many lines of Python it takes to find the consequences: a measure that the machine's load leaves alone."""
    count = 0

    def trace(frame: FrameType, event: str, arg: object):
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        found = consequences(seen)
    finally:
        sys.settrace(before)
    return count, found


def test_a_share_of_one_millionth_is_not_walked_to() -> None:
    """The landlord’s first unit falls due at step 750,002, and those of the others fill no step until then."""
    seen = situation(
        holder("A", share=600_000, rank=1, unit=10**6),
        holder("B", share=399_999, rank=2, unit=10**6),
        holder(LANDLORD, share=1, rank=3, unit=10**6),
        unit=10**6,
    )
    count, found = lines_run(seen)
    assert count < 5_000
    assert {each.missed for each in found.values()} == {None}


def test_a_deadline_missed_in_a_hundred_thousand_units_is_not_walked_to() -> None:
    """B’s first unit falls due at step 100,002, when A’s have filled all the others: one given away is one missed.

    A takes all 100,001 units between, and is left with 649,999 shares; B is at 750,001.
    """
    seen = situation(
        holder("A", share=999_999, delay=750_000, rank=1, unit=10**6),
        holder("B", share=1, delay=650_000, rank=2, unit=10**6),
        holder(LANDLORD, share=0, delay=-400_000, rank=3, unit=10**6),
        unit=10**6,
    )
    count, found = lines_run(seen)
    assert count < 5_000
    assert found[LANDLORD].missed == Missed(within=100_001, holders=("A", "B"), owed=750_001, anyway=False)
    assert (found["A"].missed, found["B"].missed) == (None, None)
