"""The best that could be done by who knew the whole year in advance: the smallest worst |dû − reçu|, exactly.

Take a bound β, in shares. A course keeps every |dû − reçu| ≤ β after every unit if and only if the j-th unit of each
holder h comes in a window:

    not before the first moment where due_h ≥ j·S − β          (sooner, it would have received too much)
    not after the first moment where due_h > (j − 1)·S + β     (later, it would be owed too much)

and every vacancy goes to one such unit of somebody who may take it. So β holds if and only if a matching between
vacancies and units covers every vacancy and every unit whose window ends within the year. By Mendelsohn and Dulmage
(1958), one matching covers both as soon as one covers each: cover the units first, then the vacancies by augmenting
paths, which never uncover anything. The search starts from the earliest deadline first (EDF), which is itself exact
where everybody may take everything (one territory): windows are then convex, and no augmenting path is needed.

The smallest β is found by bisection: whole shares, so the answer is exact. Tested against brute force.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import deque
from dataclasses import dataclass

from benchmarks.instances.flow import Flow

#: A unit of somebody: (place of the holder, place of the unit in that holder’s year).
Unit = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Windows:
    """Of each holder, its units: first and last moment, in order. `never` stands for « not within the year »."""

    first: list[list[int]]
    last: list[list[int]]


class Year:
    """A flow as the search reads it: moments from 0, holders by their place."""

    def __init__(self, flow: Flow) -> None:
        self.unit = flow.unit
        place = {holder: number for number, holder in enumerate(flow.ranks)}
        self.moments = len(flow.vacancies)
        self.takers = [sorted(place[h] for h in v.candidates(flow.landlord)) for v in flow.vacancies]
        self.free_for_all = all(len(takers) == len(place) for takers in self.takers)
        #: Of each holder: when its due grows, and what it is from then on; and when it may take.
        self.grows: list[list[tuple[int, int]]] = [[] for _ in place]
        self.may: list[list[int]] = [[] for _ in place]
        due = [0] * len(place)
        for moment, vacancy in enumerate(flow.vacancies):
            for holder, share in vacancy.shares.items():
                if share:
                    due[place[holder]] += share
                    self.grows[place[holder]].append((moment, due[place[holder]]))
            for taker in self.takers[moment]:
                self.may[taker].append(moment)

    def windows(self, bound: int) -> Windows | None:
        """The window of each unit; None when one closes before it opens."""
        first: list[list[int]] = []
        last: list[list[int]] = []
        for grows in self.grows:
            opens = [0] * (bound // self.unit)  # before anything is due
            closes: list[int] = []
            for moment, due in grows:
                while due >= (len(opens) + 1) * self.unit - bound:
                    opens.append(moment)
                while due > len(closes) * self.unit + bound:
                    closes.append(moment)
            if len(closes) > len(opens) or any(c < o for o, c in zip(opens, closes, strict=False)):
                return None
            first.append(opens)
            last.append(closes + [self.moments] * (len(opens) - len(closes)))
        return Windows(first, last)

    def holds(self, bound: int) -> bool:
        """Whether somebody who knows the year can keep everybody within `bound` shares of its due, at every moment."""
        windows = self.windows(bound)
        if windows is None:
            return False
        matching = Matching(self, windows)
        missed = matching.earliest_deadline_first()
        if self.free_for_all:
            return not missed and None not in matching.unit_of
        return matching.cover_units(missed) and matching.cover_vacancies()


class Matching:
    """Which unit of whom each vacancy is, so far."""

    def __init__(self, year: Year, windows: Windows) -> None:
        self.year = year
        self.windows = windows
        self.unit_of: list[Unit | None] = [None] * year.moments
        self.vacancy_of: dict[Unit, int] = {}

    def give(self, moment: int, unit: Unit) -> None:
        """Match a vacancy and a unit."""
        self.unit_of[moment] = unit
        self.vacancy_of[unit] = moment

    def must(self, unit: Unit) -> bool:
        """Whether its window ends within the year."""
        return self.windows.last[unit[0]][unit[1]] < self.year.moments

    def earliest_deadline_first(self) -> list[Unit]:
        """Give each vacancy to the open unit that can wait least; return the units that must come and did not."""
        first, last = self.windows.first, self.windows.last
        following = [0] * len(first)
        missed: list[Unit] = []
        for moment, takers in enumerate(self.year.takers):
            best, deadline = -1, self.year.moments + 1
            for holder in takers:
                unit = following[holder]
                while unit < len(last[holder]) and last[holder][unit] < moment:
                    missed.append((holder, unit))
                    unit += 1
                following[holder] = unit
                if unit < len(first[holder]) and first[holder][unit] <= moment and last[holder][unit] < deadline:
                    best, deadline = holder, last[holder][unit]
            if best >= 0:
                self.give(moment, (best, following[best]))
                following[best] += 1
        for holder, unit in enumerate(following):
            missed += [(holder, left) for left in range(unit, len(last[holder])) if self.must((holder, left))]
        return missed

    def cover_units(self, missed: list[Unit]) -> bool:
        """Augment from each unit that must come; a unit that need not come gives its vacancy up."""
        return all(self._cover_unit(unit) for unit in missed)

    def _cover_unit(self, start: Unit) -> bool:
        came_by: dict[int, Unit] = {}
        waiting = deque([start])
        while waiting:
            unit = waiting.popleft()
            holder, number = unit
            may = self.year.may[holder]
            begin = bisect_left(may, self.windows.first[holder][number])
            end = bisect_right(may, self.windows.last[holder][number])
            for moment in may[begin:end]:
                if moment in came_by:
                    continue
                came_by[moment] = unit
                holding = self.unit_of[moment]
                if holding is None or not self.must(holding):
                    if holding is not None:
                        del self.vacancy_of[holding]
                    self._flip_units(moment, came_by, start)
                    return True
                waiting.append(holding)
        return False

    def _flip_units(self, moment: int, came_by: dict[int, Unit], start: Unit) -> None:
        while True:
            unit = came_by[moment]
            before = self.vacancy_of.get(unit)
            self.give(moment, unit)
            if unit == start or before is None:
                return
            moment = before

    def cover_vacancies(self) -> bool:
        """Augment from each vacancy that nobody has."""
        return all(self._cover_vacancy(moment) for moment, unit in enumerate(self.unit_of) if unit is None)

    def _cover_vacancy(self, start: int) -> bool:
        came_by: dict[Unit, int] = {}
        waiting = deque([start])
        while waiting:
            moment = waiting.popleft()
            for holder in self.year.takers[moment]:
                begin = bisect_left(self.windows.last[holder], moment)
                end = bisect_right(self.windows.first[holder], moment)
                for unit in ((holder, number) for number in range(begin, end)):
                    if unit in came_by:
                        continue
                    came_by[unit] = moment
                    if unit not in self.vacancy_of:
                        self._flip_vacancies(unit, came_by)
                        return True
                    waiting.append(self.vacancy_of[unit])
        return False

    def _flip_vacancies(self, free: Unit, came_by: dict[Unit, int]) -> None:
        unit: Unit | None = free
        while unit is not None:
            moment = came_by[unit]
            before = self.unit_of[moment]
            self.give(moment, unit)
            unit = before


def optimum(flow: Flow, *, reached: int) -> int:
    """The smallest worst |dû − reçu|, in shares. `reached` is one that some course keeps to, where the search starts.

    What is due is at least so far from whole units: nobody does better than that, and the search starts above it.
    """
    year = Year(flow)
    nearest = (min(due % flow.unit, -due % flow.unit) for grows in year.grows for _, due in grows)
    impossible, possible = max(nearest, default=0) - 1, reached
    while possible - impossible > 1:
        middle = (possible + impossible) // 2
        if year.holds(middle):
            possible = middle
        else:
            impossible = middle
    return possible
