"""Allotment.

* The first letting of a programme shared by agreed counts: what each is due at every step, who is furthest behind.
* Whole numbers only. The last place of every list is the landlord's: what no holder was allotted.
* The cheapest way to give each of a few rows to a taker, when a taker's next one never costs less than the last.
* The Hungarian method by shortest augmenting paths: H. W. Kuhn, « The Hungarian method for the assignment problem »,
  1955; N. Tomizawa, « On some techniques useful for solution of transportation network problems », 1971. Exact
  integers of any size. Each taker has one free column, its next one, opened when the last is filled: as its price
  never decreases, opening it sooner would change nothing, at any step of the method.
* What an earlier year left is given back by exact steps, one at each unit that credits the holder.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass


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


def cheapest(rows: int, takers: int, column: Callable[[int, int], Sequence[int]]) -> list[int]:
    """The taker of each row, the sum of prices being the smallest.

    `column(taker, m)` is the price of each row as the m-th (from 1) that this taker has; it never decreases with `m`.
    What is forbidden is priced above twice all the rest; some complete assignment must do without.
    """
    owner = list(range(takers))
    had = [1] * takers  # columns opened so far
    filled = [-1] * takers  # the row that fills each column, -1 for none
    prices = [list(row) for row in zip(*(column(taker, 1) for taker in range(takers)), strict=True)]
    worth = [0] * takers  # dual values, of columns and of rows
    cost = [0] * rows
    for new in range(rows):
        reach = [price - v for price, v in zip(prices[new], worth, strict=True)]
        came = [-1] * len(owner)  # the column through which each is reached
        left, tree = set(range(len(owner))), []
        while filled[end := min(left, key=reach.__getitem__)] >= 0:
            left.discard(end)
            tree.append(end)
            row = filled[end]
            base = reach[end] - cost[row]
            for place in left:
                through = base + prices[row][place] - worth[place]
                if through < reach[place]:
                    reach[place], came[place] = through, end
        for place in tree:
            worth[place] += reach[place] - reach[end]
            cost[filled[place]] += reach[end] - reach[place]
        cost[new] = reach[end]
        taker, last = owner[end], end
        while came[last] >= 0:
            filled[last] = filled[came[last]]
            last = came[last]
        filled[last] = new
        had[taker] += 1
        owner.append(taker)
        filled.append(-1)
        worth.append(0)
        for row_prices, price in zip(prices, column(taker, had[taker]), strict=True):
            row_prices.append(price)
    found = dict(zip(filled, owner, strict=True))
    return [found[row] for row in range(rows)]


@dataclass(slots=True)
class Carry:
    """What an earlier year left due to one holder and that is not given back yet, in millionths, plus or minus.

    Given back by steps of the same size, one at each unit of the flow that credits the holder (routing
    specification, section 5: never at once). The last step is what is left.
    """

    remaining: int
    step: int

    def next(self, share: int, spare: int) -> int:
        """The step at a unit that credits `share`; `spare` is what the landlord's remainder can give.

        A due never decreases: a holder that was ahead gets less of this unit, never less than a millionth.
        """
        if self.remaining < 0:
            return -min(self.step, -self.remaining, share - 1)
        return min(self.step, self.remaining, spare)
