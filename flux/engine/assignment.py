"""The cheapest way to give each of a few rows to a taker, when a taker's next one never costs less than the last.

The Hungarian method by shortest augmenting paths: H. W. Kuhn, « The Hungarian method for the assignment problem »,
1955; N. Tomizawa, « On some techniques useful for solution of transportation network problems », 1971. Exact integers
of any size. Each taker has one free column, its next one, opened when the last is filled: as its price never
decreases, opening it sooner would change nothing, at any step of the method.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence


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
