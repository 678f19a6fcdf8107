"""Disclosure: a count of households is told whole, or not at all; never a few, never by subtraction.

Parts (landlord × commune) are shared out in groups, once for all readers of a département and a year, and a figure is
told when it is a whole number of groups: any sum or difference of what is told is then one of groups, none of which is
small, even for who knows the leases of one organisation, or of one EPCI (docs/disclosure.md).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby

from reservations.models import LegalParameter

#: From the widest place to the narrowest: of two parts, those that share the beginning are grouped first.
Path = tuple[int, ...]
Group = frozenset[Path]


@dataclass(frozen=True, slots=True)
class Part:
    """The least part of a count that a filter can isolate: `count` of its households have what is counted, `rest` have
    not. Either, small, would tell of a few of them. `known`: of both, what a reader (by a number of its own) knows."""

    path: Path
    count: int
    rest: int
    known: Mapping[int, tuple[int, int]] = field(default_factory=dict)


def least_shown(on: date) -> int:
    """The count under which households are grouped, on a day; 0 when no threshold is in force. One query."""
    try:
        return int(LegalParameter.objects.value_on(LegalParameter.Code.SMALL_CELL, on))
    except LegalParameter.DoesNotExist:
        return 0


def is_small(parts: Iterable[Part], least: int) -> bool:
    """Would these parts, told together, tell of fewer than `least` households: to anybody, or to a reader that takes
    away those it knows? What is known wholly tells nothing."""
    count = rest = 0
    counted: Counter[int] = Counter()
    others: Counter[int] = Counter()
    for part in parts:
        count, rest = count + part.count, rest + part.rest
        for reader, (yes, no) in part.known.items():
            counted[reader] += yes
            others[reader] += no
    left = [(count, rest), *((count - counted[each], rest - others[each]) for each in counted)]
    return any((yes or no) and min(yes, no) < least for yes, no in left)


def groups(parts: Iterable[Part], least: int) -> list[Group]:
    """The finest groups of parts, none small: from the narrowest places up, small parts join each other, then the
    smallest of their neighbours that are not, where that is enough; else they wait for a wider place. What is small in
    the widest place is left as one small group."""
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
class Disclosure:
    """What may be told of one count: `told` are its groups, `kept` the parts (paths) that are in none of them."""

    told: tuple[Group, ...]
    kept: Group

    @classmethod
    def of(cls, parts: Iterable[Part], least: int) -> Disclosure:
        """Of parts of which something is known: the others tell nothing. The widest places are grouped each apart, so
        that nothing depends on which of them are read together."""
        by_path = {part.path: part for part in sorted(parts, key=lambda part: part.path) if part.count or part.rest}
        apart = groupby(by_path.values(), key=lambda part: part.path[0])
        made = [group for _, near in apart for group in groups(near, least)]
        small = [group for group in made if is_small((by_path[path] for path in group), least)]
        return cls(tuple(group for group in made if group not in small), frozenset().union(*small))

    def may_tell(self, wanted: Collection[Path]) -> bool:
        """Is this a whole number of groups, none of them small?"""
        asked = set(wanted)
        return not asked & self.kept and all(not group & asked or group <= asked for group in self.told)
