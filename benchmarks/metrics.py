"""How far a course goes from what was promised: in units, at every moment, and in the mix that each holder gets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks.instances.flow import Flow

#: A cell of the mix under this many units expected is counted with the others of its kind.
SMALLEST_CELL = 1


@dataclass(frozen=True, slots=True)
class Metrics:
    """Figures of one course; quantities in shares, but the last three.

    `worst`: largest |dû − reçu| of any holder after any unit; `worst_reserved`: the same without the landlord;
    `year_end`: the same after the last unit; `gap`: largest |lack| of any holder in any category after the last unit,
    `gap_ever` after any; `late`: holders owed a unit or more, summed over all moments; `moments`: holders × units;
    `chi2`, `freedom`: χ² of the mix received against the mix due, and its degrees of freedom.
    """

    worst: int
    worst_reserved: int
    year_end: int
    gap: int
    gap_ever: int
    late: int
    moments: int
    chi2: float
    freedom: int


def measure(flow: Flow, holders: Sequence[str]) -> Metrics:
    """Follow a flow and who had each unit."""
    unit = flow.unit
    delay = dict.fromkeys(flow.ranks, 0)
    cells: dict[tuple[str, str, str], list[int]] = {}
    late: set[str] = set()
    worst = worst_reserved = gap_ever = late_moments = 0
    for vacancy, chosen in zip(flow.vacancies, holders, strict=True):
        moved = dict(vacancy.shares)
        moved[chosen] = moved.get(chosen, 0) - unit
        for holder, change in moved.items():
            if not change:
                continue
            delay[holder] += change
            away = abs(delay[holder])
            worst = max(worst, away)
            if holder != flow.landlord:
                worst_reserved = max(worst_reserved, away)
            (late.add if delay[holder] >= unit else late.discard)(holder)
            share, got = vacancy.shares.get(holder, 0), holder == chosen
            for dimension in flow.dimensions:
                cell = cells.setdefault((holder, dimension, vacancy.categories[dimension]), [0, 0])
                cell[0] += share
                cell[1] += got
                gap_ever = max(gap_ever, abs(cell[0] - unit * cell[1]))
        late_moments += len(late)
    chi2, freedom = _mix(cells, unit)
    return Metrics(
        worst=worst,
        worst_reserved=worst_reserved,
        year_end=max(map(abs, delay.values()), default=0),
        gap=max((abs(due - unit * received) for due, received in cells.values()), default=0),
        gap_ever=gap_ever,
        late=late_moments,
        moments=len(flow.ranks) * len(flow.vacancies),
        chi2=chi2,
        freedom=freedom,
    )


def _mix(cells: dict[tuple[str, str, str], list[int]], unit: int) -> tuple[float, int]:
    """χ² and degrees of freedom over every holder and dimension: what was received against the mix that was due.

    What is expected is scaled to what the holder received, so that only the mix is judged.
    """
    chi2, freedom = 0.0, 0
    for rows in _by_holder_and_dimension(cells):
        due, received = sum(row[0] for row in rows), sum(row[1] for row in rows)
        if not due or not received:
            continue
        kept, small = [], [0.0, 0]
        for due_here, received_here in rows:
            expected = received * due_here / due
            if expected >= SMALLEST_CELL:
                kept.append((expected, received_here))
            else:
                small = [small[0] + expected, small[1] + received_here]
        if small[0] >= SMALLEST_CELL:
            kept.append((small[0], int(small[1])))
        if len(kept) > 1:
            chi2 += sum((got - expected) ** 2 / expected for expected, got in kept)
            freedom += len(kept) - 1
    return chi2, freedom


def _by_holder_and_dimension(cells: dict[tuple[str, str, str], list[int]]) -> Iterator[list[list[int]]]:
    groups: dict[tuple[str, str], list[list[int]]] = {}
    for (holder, dimension, _), figures in cells.items():
        groups.setdefault((holder, dimension), []).append(figures)
    yield from groups.values()
