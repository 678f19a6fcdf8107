"""Can a year's flow serve what is promised, knowing what each holder does not take? Exact integers, no chance.

A problem of transport: holders demand, cells of the flow (units alike) supply, and a holder takes only from some
cells. Its linear programme has a solution if and only if a maximum flow serves every demand; otherwise a minimum cut
names holders who are promised more than all the cells they may take from (Ford and Fulkerson, « Maximal flow through
a network », 1956; Hall's condition). Shortest augmenting paths (Edmonds and Karp, 1972) are quick on tens of holders
and hundreds of cells.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shortage:
    """Holders promised together more than the cells from which they may take hold: by how much says how impossible.

    `promised` and `possible` in the unit of the demands; `possible` is less. Both sets are sorted.
    """

    holders: tuple[str, ...]
    cells: tuple[str, ...]
    promised: int
    possible: int


def shortage(
    demands: Mapping[str, int], supplies: Mapping[str, int], takes: Mapping[str, frozenset[str]]
) -> Shortage | None:
    """None when the supplies serve every demand; else the holders that miss most, together.

    `takes`: the cells from which each holder may take. No demand, and no supply, is negative. Of the sets that miss as
    much, the smallest is named: without any one of its holders, the others would miss less.
    """
    served: dict[tuple[str, str], int] = {}
    wanting, left = dict(demands), dict(supplies)
    while True:
        cell, parents, seen = _search(wanting, left, takes, served)
        if cell is None:
            break
        _push(cell, parents, wanting, left, served)
    if not any(wanting.values()):
        return None
    holders = tuple(sorted(seen))
    cells = tuple(sorted({cell for holder in holders for cell in takes[holder]}))
    return Shortage(holders, cells, sum(demands[holder] for holder in holders), sum(supplies[cell] for cell in cells))


#: How the search came to each cell (the holder before) and to each holder (the cell before; None: it wants more).
_Parents = tuple[dict[str, str], dict[str, str | None]]


def _search(
    wanting: Mapping[str, int],
    left: Mapping[str, int],
    takes: Mapping[str, frozenset[str]],
    served: Mapping[tuple[str, str], int],
) -> tuple[str | None, _Parents, set[str]]:
    """A shortest way from a holder that wants more to a cell with something left; None when there is none.

    With it, how each cell and holder was reached, and the holders reached: without a way, those of the minimum cut.
    """
    givers: dict[str, list[str]] = {}
    for (holder, cell), amount in served.items():
        if amount:
            givers.setdefault(cell, []).append(holder)
    of_cell: dict[str, str] = {}
    of_holder: dict[str, str | None] = {holder: None for holder in sorted(wanting) if wanting[holder]}
    waiting = deque(of_holder)
    while waiting:
        holder = waiting.popleft()
        for cell in sorted(takes[holder]):
            if cell in of_cell:
                continue
            of_cell[cell] = holder
            if left[cell]:
                return cell, (of_cell, of_holder), set(of_holder)
            for other in givers.get(cell, ()):
                if other not in of_holder:
                    of_holder[other] = cell
                    waiting.append(other)
    return None, (of_cell, of_holder), set(of_holder)


def _push(
    cell: str,
    parents: _Parents,
    wanting: dict[str, int],
    left: dict[str, int],
    served: dict[tuple[str, str], int],
) -> None:
    """Give along the way found all that it can carry: its last holder takes from the cell with something left, each
    one before it takes what the next gives back."""
    of_cell, of_holder = parents
    steps = [(of_cell[cell], cell)]
    gives_back: list[tuple[str, str]] = []
    while (before := of_holder[steps[-1][0]]) is not None:
        gives_back.append((steps[-1][0], before))
        steps.append((of_cell[before], before))
    first = steps[-1][0]
    amount = min(left[cell], wanting[first], *(served[pair] for pair in gives_back))
    for pair in steps:
        served[pair] = served.get(pair, 0) + amount
    for pair in gives_back:
        served[pair] -= amount
    wanting[first] -= amount
    left[cell] -= amount
