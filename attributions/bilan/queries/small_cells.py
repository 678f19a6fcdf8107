"""Small cells: a count of so few households that they could be recognised is shown grouped, never alone.

What is shown to one reader is a sum of the same groups, whatever the filters: no subtraction of what is shown isolates
a small count (docs/decisions/0023). Two pages that count the same households each have their groups: `untold` says
which of one page would, beside those of the other, isolate a few (docs/decisions/0030).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from reservations.models import LegalParameter

#: From the widest place to the narrowest: of two parts, those that share the beginning are grouped first.
Path = tuple[int, ...]
Group = frozenset[Path]


@dataclass(frozen=True, slots=True)
class Part:
    """The least part of a count that a filter can isolate: `count` of its households have what is counted, `rest` have
    not. Either, small, would tell of a few of them."""

    path: Path
    count: int
    rest: int


def least_shown(on: date) -> int:
    """The count under which households are grouped, on a day; 1 when the law says nothing. One query."""
    try:
        return int(LegalParameter.objects.value_on(LegalParameter.Code.SMALL_CELL, on))
    except LegalParameter.DoesNotExist:
        return 1


def groups(parts: Iterable[Part], least: int) -> list[Group]:
    """The finest groups of parts, none small: from the narrowest places up, small parts join each other, then the
    smallest of their neighbours that is not. One small group is left when the whole is small."""
    found = [[part] for part in sorted(parts, key=lambda part: part.path)]
    depth = max((len(group[0].path) for group in found), default=0)
    for level in range(depth - 1, -1, -1):
        siblings = groupby(found, key=lambda group: group[0].path[:level])
        found = [group for _, near in siblings for group in _joined(list(near), least)]
    return [frozenset(part.path for part in group) for group in found]


def _joined(near: list[list[Part]], least: int) -> list[list[Part]]:
    """These groups of one place, the small ones together; still small together, with the smallest of the others."""
    large = [group for group in near if not _is_small(group, least)]
    small = sorted((part for group in near if _is_small(group, least) for part in group), key=lambda part: part.path)
    if small and large and _is_small(small, least):
        smallest = min(large, key=lambda group: (sum(part.count for part in group), group[0].path))
        large.remove(smallest)
        small = sorted([*small, *smallest], key=lambda part: part.path)
    return sorted([*large, *([small] if small else [])], key=lambda group: group[0].path)


def _is_small(group: Collection[Part], least: int) -> bool:
    return min(sum(part.count for part in group), sum(part.rest for part in group)) < least


def may_show(wanted: Collection[Path], made: Iterable[Group], small: Collection[Group] = ()) -> bool:
    """Is what a filter keeps a whole number of groups, none of them `small`?"""
    kept = set(wanted)
    return all(not group & kept or (group <= kept and group not in small) for group in made)


def small_groups(made: Iterable[Group], parts: Iterable[Part], least: int) -> list[Group]:
    """Those that stay small: the whole of what is read is."""
    of = {part.path: part for part in parts}
    return [group for group in made if _is_small([of[path] for path in group], least)]


@dataclass(frozen=True, slots=True)
class Beside:
    """What another page tells of these parts together: their households that are counted, and `extra` that it counts
    and this page does not. `whole`: may this page tell of all of them too?"""

    paths: Group
    extra: int = 0
    whole: bool = True


def untold(told: Iterable[Group], beside: Sequence[Beside], parts: Iterable[Part], least: int) -> set[Group]:
    """Which groups of a page must be kept back, the smallest first, for no subtraction between what it tells and what
    another page tells `beside` to isolate a few households.

    Of each figure told beside, what this page does not tell is then nothing or large; where it is nothing, what the
    other page counts more is too, and no group is cut small at its border. `beside` has no part twice.
    """
    of = {part.path: part for part in parts if part.count or part.rest}
    place = {path: number for number, each in enumerate(beside) for path in each.paths}
    home = {path: group for group in told for path in group}
    gone: set[Group] = set()
    waiting = list(range(len(beside)))
    while waiting:
        each = beside[waiting.pop()]
        while (wrong := _isolating(each, home, of, place, least)) is not None:
            gone.add(wrong)
            for path in wrong:
                del home[path]
            waiting.extend({place[path] for path in wrong if path in place})
    return gone


def _isolating(
    each: Beside, home: Mapping[Path, Group], of: Mapping[Path, Part], place: Mapping[Path, int], least: int
) -> Group | None:
    """A group told that isolates a few beside this figure; None when there is none."""
    near = sorted({home[path] for path in each.paths if path in home}, key=lambda group: (_size(group, of), min(group)))
    if not near:
        return None
    left = [of[path] for path in each.paths if path in of and path not in home]
    if left:
        return near[0] if _is_small(left, least) else None
    if not each.whole or 0 < each.extra < least:
        return near[0]
    return next((group for group in near if not group <= each.paths and _is_cut_small(group, of, place, least)), None)


def _is_cut_small(group: Group, of: Mapping[Path, Part], place: Mapping[Path, int], least: int) -> bool:
    """Do the figures told beside cut a few households out of this group?"""
    pieces: dict[int | None, list[Part]] = defaultdict(list)
    for path in group:
        if path in of:
            pieces[place.get(path)].append(of[path])
    return any(_is_small(piece, least) for piece in pieces.values())


def _size(group: Group, of: Mapping[Path, Part]) -> int:
    return sum(of[path].count for path in group if path in of)
