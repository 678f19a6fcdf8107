"""Disclosure: a count of households is published whole, or between two bounds; never a few, never by subtraction.

Parts (landlord × commune) are shared out in blocks that have no part in common, once for all readers of a département
and a year. Of each block either its exact count is published or two bounds of it, and every figure is what follows from
them: nothing else does, even for who knows the leases of one organisation, or of one EPCI (docs/disclosure.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

#: From the widest place to the narrowest: of two parts, those that share the beginning are grouped first.
Path = tuple[int, ...]
Group = frozenset[Path]
#: Length of a path down to the EPCI: the total that comes before those of its landlords.
TOTAL = 2


@dataclass(frozen=True, slots=True)
class Part:
    """The least part of a count that a filter can isolate: `count` of its households have what is counted, `rest` have
    not. Either, small, would state of a few of them. `known`: of both, what a reader (by a number of its own) knows."""

    path: Path
    count: int
    rest: int
    known: Mapping[int, tuple[int, int]] = field(default_factory=dict)

    def left(self, reader: int | None) -> tuple[int, int]:
        """Of both, what this reader does not know; None knows nothing."""
        yes, no = (0, 0) if reader is None else self.known.get(reader, (0, 0))
        return self.count - yes, self.rest - no


def is_small(parts: Iterable[Part], least: int) -> bool:
    """Would these parts, of which the exact count is published, reveal fewer than `least` households: to anybody, or to
    a reader that takes away those it knows? What is known wholly reveals nothing."""
    every = list(parts)
    for reader, (yes, no) in _all_left(every).items():
        if not (yes or no):
            continue
        # What a few leases beside it would squeeze: possible only when one side is near the threshold.
        near = min(yes, no) < 2 * least - 1
        if min(yes, no) < least or (near and _squeezed([(part.path, *part.left(reader)) for part in every], least)):
            return True
    return False


def _all_left(parts: Sequence[Part]) -> dict[int | None, tuple[int, int]]:
    """Of all these parts, what each reader does not know; None: of the public, all."""
    whole = (sum(part.count for part in parts), sum(part.rest for part in parts))
    found: dict[int | None, tuple[int, int]] = {None: whole}
    for part in parts:
        for reader, (yes, no) in part.known.items():
            left = found.get(reader, whole)
            found[reader] = (left[0] - yes, left[1] - no)
    return found


def _squeezed(left: Sequence[tuple[Path, int, int]], least: int) -> bool:
    """Is there a small count among them (of a landlord, a commune, an EPCI) with so few leases beside it that the exact
    count of all leaves it fewer values than the threshold, or than its own leases?"""
    leases = sum(yes + no for _, yes, no in left)
    found: dict[tuple[int, Path], tuple[int, int]] = {}
    for path, yes, no in left:
        for key in _filters(path):
            of = found.get(key, (0, 0))
            found[key] = (of[0] + yes, of[1] + no)
    return any(
        min(of) < least and 0 < sum(of) < leases and leases - sum(of) < min(least, sum(of)) for of in found.values()
    )


def _filters(path: Path) -> Iterable[tuple[int, Path]]:
    """What a filter may ask that has this part: each place down to it, then each place and the landlord alone."""
    yield from ((0, path[:depth]) for depth in range(1, len(path) + 1))
    yield from ((number, (at,)) for number, at in enumerate(path, start=1))


def groups(parts: Iterable[Part], least: int) -> list[Group]:
    """The finest groups of parts of one place, none small: from the narrowest places up, small parts join each other,
    then the smallest of their neighbours that are not, where that is enough; else they stay as one small group."""
    found = [[part] for part in sorted(parts, key=lambda part: part.path)]
    depth = max((len(group[0].path) for group in found), default=0)
    for level in range(depth - 1, -1, -1):
        siblings = groupby(found, key=lambda group: group[0].path[:level])
        found = [group for _, near in siblings for group in _joined(list(near), least)]
    return [frozenset(part.path for part in group) for group in found]


def _joined(near: Sequence[list[Part]], least: int) -> list[list[Part]]:
    """These groups of one place, the small ones together, with as few of the others as it takes."""
    large = [group for group in near if not is_small(group, least)]
    small = [part for group in near if is_small(group, least) for part in group]
    if small and not is_small((part for group in near for part in group), least):
        large.sort(key=lambda group: (sum(part.count for part in group), group[0].path))
        while is_small(small, least):
            enough = (group for group in large if not is_small([*small, *group], least))
            taken = next(enough, large[0])
            large.remove(taken)
            small += taken
    small.sort(key=lambda part: part.path)
    return sorted([*large, *([small] if small else [])], key=lambda group: group[0].path)


@dataclass(frozen=True, slots=True)
class Block:
    """Parts of which the count is published: exactly, or between `low` and `high`."""

    paths: Group
    low: int
    high: int

    @property
    def is_exact(self) -> bool:
        return self.low == self.high


def between(parts: Sequence[Part], least: int) -> Block | None:
    """These parts together, between multiples of the threshold as close as is safe; None when none is. Safe: for
    anybody, and for a reader that takes away the leases it knows, the bounds stay `least` apart, or as far as their
    leases allow. So are then those of any of the parts."""
    if not least:
        return None
    of_all = _all_left(parts)
    count, leases = of_all[None][0], sum(of_all[None])
    known = [(count - yes, yes + no) for yes, no in of_all.values()]
    for width in range(least, leases + 2 * least, least):
        for low in range(count - count % least, max(-1, count - width - 1), -least):
            high = min(low + width, leases)
            if all(_width(low - mine, high - mine, left) >= min(least, left) for mine, left in known):
                wide = (low, high) == (0, leases)
                return None if wide else Block(frozenset(part.path for part in parts), low, high)
    return None


def _width(low: int, high: int, leases: int) -> int:
    return min(high, leases) - max(low, 0)


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What is published of one count: its `blocks`, and how many leases each part has, which everybody reads."""

    blocks: tuple[Block, ...]
    leases: Mapping[Path, int]

    @classmethod
    def of(cls, parts: Iterable[Part], least: int) -> Disclosure:
        """Totals of an EPCI first: its small parts join their neighbours as long as its whole is then exact; where it
        cannot be, they stay together, between two bounds, and the other landlords are exact. Those of which no bound
        would say anything wait for the département. Nothing depends on which places are read together."""
        every = sorted((part for part in parts if part.count or part.rest), key=lambda part: part.path)
        blocks: list[Block] = []
        for _, whole in groupby(every, key=lambda part: part.path[0]):
            waiting: list[Part] = []
            for _, near in groupby(list(whole), key=lambda part: part.path[:TOTAL]):
                found, small = _exact(list(near), least)
                blocks += found
                if small and (bounded := between(small, least)):
                    blocks.append(bounded)
                else:
                    waiting += small
            found, small = _exact(waiting, least)
            blocks += found
            if small and (bounded := between(small, least)):
                blocks.append(bounded)
        return cls(tuple(blocks), {part.path: part.count + part.rest for part in every})

    @classmethod
    def of_nothing(cls, leases: Mapping[Path, int]) -> Disclosure:
        """Nothing is published but how many leases there are."""
        return cls((), {path: count for path, count in leases.items() if count})

    @property
    def exact(self) -> list[Group]:
        return [block.paths for block in self.blocks if block.is_exact]

    def bounds(self, wanted: Iterable[Path]) -> tuple[int, int]:
        """The least and the most that this count may be, as anybody finds from what is published."""
        asked = {path for path in wanted if path in self.leases}
        low = high = 0
        for block in self.blocks:
            if asked.isdisjoint(block.paths):
                continue
            inside = sum(self.leases[path] for path in block.paths & asked)
            outside = sum(self.leases[path] for path in block.paths - asked)
            low, high = low + max(0, block.low - outside), high + min(inside, block.high)
            asked -= block.paths
        return low, high + sum(self.leases[path] for path in asked)

    def may_tell(self, wanted: Iterable[Path]) -> bool:
        """Is this count published exactly?"""
        low, high = self.bounds(wanted)
        return low == high


def _exact(parts: Sequence[Part], least: int) -> tuple[list[Block], list[Part]]:
    """The groups of one place whose exact count is published, then the parts that are in none."""
    by_path = {part.path: part for part in parts}
    blocks, small = [], []
    for group in groups(parts, least):
        found = [by_path[path] for path in sorted(group)]
        if is_small(found, least):
            small += found
        else:
            count = sum(part.count for part in found)
            blocks.append(Block(group, count, count))
    return blocks, small
