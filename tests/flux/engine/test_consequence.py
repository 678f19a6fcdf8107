"""What another choice breaks: against every way of serving the next units, tried one by one."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from flux.engine.consequence import Consequence, brief, consequences, said
from flux.engine.facts import Situation
from flux.engine.rule import decide
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
    for chosen, told in found.items():
        worst = least_worst(seen, chosen)
        if told.missed is None:
            assert max(worst) <= told.limit, chosen
        elif told.missed.within <= FAR:
            assert worst[told.missed.within] == told.missed.owed > told.limit, chosen
            assert all(before <= told.limit for before in worst[: told.missed.within]), chosen
        else:
            assert max(worst) <= told.limit, chosen


@pytest.mark.parametrize("seed", range(120))
def test_missed_anyway_is_missed_whatever_the_choice(seed: int) -> None:
    found = consequences(drawn(seed))
    for told in found.values():
        if told.missed and told.missed.anyway:
            assert all(other.missed for other in found.values())
    assert all(told.missed is None or told.missed.anyway for told in found.values() if told.safe)


@pytest.mark.parametrize("seed", range(120))
def test_safe_is_what_the_rule_says_and_the_others_always_break_something(seed: int) -> None:
    seen = drawn(seed)
    found = consequences(seen)
    assert {rank.id: rank.safe for rank in decide(seen).ranking} == {key: told.safe for key, told in found.items()}
    for told in found.values():
        assert told.safe or told.missed or told.ahead
        assert said(seen, told).endswith(".")


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
    assert {told.missed.anyway for told in found.values()} == {True}
    assert said(seen, found["A"]) == (
        "Ne coûte rien de plus : la garantie ne tient déjà plus, quel que soit le choix (Réservataire B a déjà "
        "0,80 logement à recevoir, au-delà de la garantie (0,75))."
    )


def test_words_of_a_choice_that_breaks_the_guarantee() -> None:
    late, ahead = holder("A", share=50, delay=95, rank=1), holder(LANDLORD, share=50, delay=5)
    seen = situation(late, ahead, unit=100)
    found = consequences(seen)
    assert said(seen, found["A"]) == "Ne coûte rien à la garantie : chacun peut encore être servi à temps."
    assert said(seen, found[LANDLORD]) == (
        "La garantie ne tient plus : Réservataire NR aurait 0,95 logement d’avance, au-delà de la garantie (0,50) ; "
        "Réservataire A aurait aussitôt 0,95 logement à recevoir, au-delà de la garantie (0,50)."
    )


def test_words_tell_in_how_many_units_and_how_far_beyond_one_unit() -> None:
    """No deadline is due at once, but A and B have five of them by the fifth unit, this one included."""
    seen = situation(
        holder("A", share=59, delay=60, rank=1),
        holder("B", share=40, delay=40, rank=2),
        holder("C", share=1, rank=3),
        holder(LANDLORD, share=0, delay=0, rank=4),
    )
    assert said(seen, consequences(seen)["C"]) == (
        "La garantie ne tient plus : Réservataire C aurait 1,00 logement d’avance, au-delà de la garantie (0,84) ; "
        "dans les 4 prochains logements libérés ici, Réservataire A et Réservataire B ne pourraient plus tous être "
        "servis à temps, l’un aurait au moins 0,96 logement à recevoir, au-delà de la garantie (0,84)."
    )
    seen = situation(holder("A", share=50, delay=130, rank=1), holder(LANDLORD, share=50, delay=-30, rank=2))
    assert said(seen, consequences(seen)[LANDLORD]) == (
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
