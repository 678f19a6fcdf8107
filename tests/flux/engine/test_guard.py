"""The guard: deadlines, and Hall's condition on them (docs/engine.md)."""

from __future__ import annotations

import heapq
import random

import pytest

from flux.engine.facts import HolderFacts
from flux.engine.rule import guard
from tests.flux.engine.builders import LANDLORD, holder


def met(*holders, limit: int) -> set[str]:
    return {h.id for h in guard(holders, unit=100, limit=limit)}


def test_only_the_holder_beyond_the_limit_may_be_served() -> None:
    """Its first unit is due at step 1, which it fills alone."""
    late, patient = holder("A", share=50, delay=76, rank=1), holder(LANDLORD, share=50, delay=24)
    assert met(late, patient, limit=75) == {"A"}


def test_a_delay_equal_to_the_limit_is_not_beyond_it() -> None:
    """« Greater than »: at the limit exactly, one more step is left. At step 2 A and B are due, and fill it."""
    holders = [holder("A", share=50, delay=75, rank=1), holder("B", share=50, delay=75, rank=2)]
    assert met(*holders, holder(LANDLORD, share=0, delay=-50), limit=75) == {"A", "B"}


def test_holders_due_at_the_same_step_are_all_counted_before_the_walk_stops() -> None:
    """Two units due at step 1: whichever rank comes first, both holders are met."""
    first, second = holder("A", share=30, delay=90, rank=1), holder("B", share=30, delay=80, rank=2)
    assert met(second, first, holder(LANDLORD, share=40, delay=-70), limit=75) == {"A", "B"}


def test_two_units_due_to_one_holder_fill_two_steps() -> None:
    """A is owed a unit at step 1 already beyond filling it."""
    assert met(holder("A", share=10, delay=190, rank=1), holder(LANDLORD, share=90, delay=-90), limit=75) == {"A"}


def test_deadlines_that_do_not_fill_the_steps_leave_everybody_in() -> None:
    """Shares of 50 from 0: both first units fall due at step 3, two units for three steps; then all have been met."""
    assert met(holder("A", share=50, rank=1), holder("B", share=50), limit=75) == {"A", "B"}


def test_walk_goes_on_until_the_steps_are_filled_even_far_away() -> None:
    """A's units fall due at steps 2, 4, 6, 8…; B's first at step 3. At step 4: three units. All met: everybody.

    Without the small holder C, met at step 76 only, the walk would have stopped before any Hall set was seen.
    """
    holders = [
        holder("A", share=59, delay=60, rank=1),
        holder("B", share=40, delay=40, rank=2),
        holder("C", share=1, rank=3),
    ]
    assert met(*holders, limit=75) == {"A", "B"}


def test_a_landlord_without_a_share_does_not_keep_the_walk_going() -> None:
    """Everybody with a share has been met and no step is filled: the landlord without share is a candidate too."""
    assert met(holder("A", share=100, delay=-60, rank=1), holder(LANDLORD, share=0, delay=60), limit=60) == {
        "A",
        LANDLORD,
    }


def test_steps_filled_by_the_last_holder_met_stop_the_walk_before_the_landlord_without_share() -> None:
    """The step at which the last holder with a share is met is filled: Hall's condition is read before « all met ».

    Serving the landlord here would leave A and B with two units due and one step to give them.
    """
    holders = [holder("A", share=50, delay=60, rank=1), holder("B", share=50, delay=60, rank=2)]
    assert met(*holders, holder(LANDLORD, share=0, delay=-20), limit=75) == {"A", "B"}


def test_a_landlord_without_a_share_but_beyond_the_limit_is_due_at_once() -> None:
    assert met(holder("A", share=100, delay=20, rank=1), holder(LANDLORD, share=0, delay=80), limit=75) == {LANDLORD}


def walked(eligible: list[HolderFacts], *, unit: int, limit: int) -> set[str]:
    """The specification to the letter: deadlines one by one, by increasing (step, rank)."""
    heap: list[tuple[int, int, int]] = []

    def push(place: int, m: int) -> None:
        one = eligible[place]
        margin = limit + (m - 1) * unit - one.delay(unit)
        if margin < 0:
            heapq.heappush(heap, (1, place, m))
        elif one.share:
            heapq.heappush(heap, (margin // one.share + 2, place, m))

    for place in range(len(eligible)):
        push(place, 1)
    unmet = {place for place, one in enumerate(eligible) if one.share}
    seen: set[int] = set()
    step = counted = 0
    while heap:
        e, place, m = heapq.heappop(heap)
        if e > step:
            if step and counted >= step:
                return {eligible[one].id for one in seen}
            if not unmet:
                break
            step = e
        counted += 1
        seen.add(place)
        unmet.discard(place)
        push(place, m + 1)
    return {one.id for one in eligible}


@pytest.mark.parametrize("batch", range(4))
def test_counting_deadlines_says_what_walking_them_says(batch: int) -> None:
    """Far beyond what the slow reference can count: shares of a ten-thousandth, delays reachable or not."""
    chance = random.Random(f"guard/{batch}")
    narrowed = 0
    for _ in range(400):
        unit, count = chance.choice((1, 7, 100, 10_000)), chance.randint(2, 8)
        reach = chance.choice((1, 1, 3))
        eligible = [
            holder(
                f"H{rank}",
                unit=unit,
                rank=rank,
                share=chance.choice((0 if rank == 0 else 1, chance.randint(1, max(1, unit // count)))),
                delay=chance.randint(-reach * unit, reach * unit),
            )
            for rank in range(count)
        ]
        limit = chance.choice((unit - unit // (2 * count - 2), chance.randint(0, unit)))
        kept = {h.id for h in guard(eligible, unit=unit, limit=limit)}
        assert kept == walked(eligible, unit=unit, limit=limit)
        narrowed += len(kept) < count
    assert 100 < narrowed < 390


def test_a_share_of_one_millionth_is_not_walked_to() -> None:
    """C’s first unit falls due at step 750,002: the answer comes at once, and it is everybody."""
    holders = [
        holder(key, unit=10**6, share=share, delay=0) for key, share in (("A", 600_000), ("B", 399_999), ("C", 1))
    ]
    assert {h.id for h in guard(holders, unit=10**6, limit=750_000)} == {"A", "B", "C"}
