"""The first letting of a programme shared by agreed counts: what each is due at every step, who is furthest behind.

Whole numbers only. The last place of every list is the landlord's: what no holder was allotted.
"""

from __future__ import annotations

from collections.abc import Sequence


class WrongCountsError(ValueError):
    """The counts do not describe a programme: one below zero, more than its units, or a step beyond the last."""


def due_after(counts: Sequence[int], *, units: int, done: int, unit: int) -> list[int]:
    """What each count is due once `done` of a programme's `units` are let, the rest (the landlord) last.

    In shares, `unit` for one home. Exact proportions, rounded on their running sums, so that at every step the dues
    sum to exactly `unit` × `done` and never decrease; once the whole programme is let each is `unit` × its count.

    Raises WrongCountsError when the counts exceed the programme, or `done` does.
    """
    if min(counts, default=0) < 0 or sum(counts) > units or not 0 <= done <= units:
        raise WrongCountsError(f"{list(counts)} of {units}, step {done}")
    dues, before, running = [], 0, 0
    for count in (*counts, units - sum(counts)):
        running += count
        upto = running * unit * done // units if units else 0
        dues.append(upto - before)
        before = upto
    return dues


def step(counts: Sequence[int], *, units: int, number: int, unit: int) -> list[int]:
    """What the `number`-th home let (from 1) adds to each due; the shares sum to exactly `unit`."""
    after = due_after(counts, units=units, done=number, unit=unit)
    before = due_after(counts, units=units, done=number - 1, unit=unit)
    return [later - sooner for later, sooner in zip(after, before, strict=True)]


def furthest_behind(counts: Sequence[int], let: Sequence[int], free: Sequence[int], *, units: int, number: int) -> int:
    """The place that takes the `number`-th home when nobody is named for it: the most behind of those still free.

    `counts`, `let` (homes already received) and `free` (homes left that are not named) have the landlord last. Compares
    count × number − let × units, exactly; at a tie the earlier place, so the landlord yields.

    Raises WrongCountsError when no place is free.
    """
    places = [place for place, left in enumerate(free) if left > 0]
    if not places:
        raise WrongCountsError("no home is left to take as it comes")
    return max(places, key=lambda place: (counts[place] * number - let[place] * units, -place))
