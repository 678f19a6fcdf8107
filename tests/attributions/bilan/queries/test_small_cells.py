"""Small cells: no subtraction of what one reader sees isolates a few households."""

from __future__ import annotations

import itertools
import random

from attributions.bilan.queries.small_cells import Part, groups, may_show, small_groups

LEAST = 5


def drawn(seed: int) -> list[Part]:
    """Counts of a few landlords in communes of two EPCI of one département."""
    chance = random.Random(seed)
    paths = [
        (1, epci, landlord, 10 * epci + commune) for epci in (1, 2) for landlord in (1, 2, 3) for commune in range(4)
    ]
    kept = chance.sample(paths, chance.randint(1, len(paths)))
    return [Part(path, chance.choice((0, 1, 2, 4, 7, 30)), chance.choice((0, 1, 3, 8, 40))) for path in kept]


def shown(parts: list[Part]) -> list[tuple[frozenset[tuple[int, ...]], int, int]]:
    """Every view by place and landlord that one may read, with its two counts."""
    made = groups(parts, LEAST)
    small = small_groups(made, parts, LEAST)
    found = []
    for epci, landlord, commune in itertools.product((None, 1, 2), (None, 1, 2, 3), (None, *range(10, 24))):
        kept = [
            part
            for part in parts
            if epci in (None, part.path[1]) and landlord in (None, part.path[2]) and commune in (None, part.path[3])
        ]
        wanted = frozenset(part.path for part in kept)
        if wanted and may_show(wanted, made, small):
            found.append((wanted, sum(part.count for part in kept), sum(part.rest for part in kept)))
    return found


def test_groups_share_the_parts_out_and_none_is_small_unless_all_is() -> None:
    for seed in range(300):
        parts = drawn(seed)
        made = groups(parts, LEAST)
        assert sorted(path for group in made for path in group) == sorted(part.path for part in parts)
        if small_groups(made, parts, LEAST):
            assert len(made) == 1


def test_no_view_nor_difference_of_two_nested_views_is_small() -> None:
    compared = 0
    for seed in range(300):
        views = shown(drawn(seed))
        for wanted, count, rest in views:
            assert min(count, rest) >= LEAST
            for inner, less, fewer in views:
                if inner < wanted:
                    compared += 1
                    assert min(count - less, rest - fewer) >= LEAST, seed
    assert compared > 100


def test_small_part_takes_the_smallest_of_its_neighbours_with_it() -> None:
    """Narbonne 50, Coursan 9, Sigean 2: without Coursan hidden too, the total gives Sigean."""
    parts = [Part((1, 1, 1, 1), 50, 80), Part((1, 1, 1, 2), 9, 10), Part((1, 1, 1, 3), 2, 10)]
    made = groups(parts, LEAST)
    assert [sorted(path[-1] for path in group) for group in made] == [[1], [2, 3]]
    assert may_show({(1, 1, 1, 1)}, made)
    assert not may_show({(1, 1, 1, 2)}, made)
    assert not may_show({(1, 1, 1, 3)}, made)
    assert may_show({part.path for part in parts}, made)


def test_nothing_is_shown_of_a_whole_that_is_small() -> None:
    parts = [Part((1, 1), 2, 50), Part((1, 2), 1, 50)]
    made = groups(parts, LEAST)
    assert not may_show({(1, 1), (1, 2)}, made, small_groups(made, parts, LEAST))


def test_those_who_are_nearly_all_counted_are_few_who_are_not() -> None:
    parts = [Part((1, 1), 48, 2)]
    made = groups(parts, LEAST)
    assert not may_show({(1, 1)}, made, small_groups(made, parts, LEAST))
