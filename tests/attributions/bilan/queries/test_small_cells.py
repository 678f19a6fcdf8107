"""Disclosure: no sum nor difference of what one reader sees tells of a few households, whatever it knows already."""

from __future__ import annotations

import itertools
import random
from datetime import date

import pytest

from attributions.bilan.queries.small_cells import Disclosure, Part, Path, groups, is_small, least_shown
from reservations.models import LegalParameter
from tests.attributions.bilan.attacker import Attacker

LEAST = 5
#: Landlords 1 to 3 are organisations 101 to 103; a city (201) and Action Logement (202) hold some of the leases; two
#: EPCI (-1, -2) read all of theirs.
HOLDERS = (201, 202)


def drawn(seed: int) -> list[Part]:
    """Counts of a few landlords in communes of two EPCI of one département, some of them of two holders."""
    chance = random.Random(seed)
    paths = [
        (11, epci, landlord, 10 * epci + commune) for epci in (1, 2) for landlord in (1, 2, 3) for commune in range(3)
    ]
    kept = chance.sample(paths, chance.randint(1, len(paths)))
    found = []
    for path in kept:
        count, rest = chance.choice((0, 1, 2, 4, 7, 30)), chance.choice((0, 1, 3, 8, 40))
        mine = (chance.randint(0, count), chance.randint(0, rest))
        whole = (count, rest)
        found.append(Part(path, count, rest, {100 + path[2]: whole, -path[1]: whole, chance.choice(HOLDERS): mine}))
    return found


def views(parts: list[Part]) -> list[frozenset[Path]]:
    """Every view by place and landlord that one may ask for."""
    asked = itertools.product((None, 1, 2), (None, 1, 2, 3), (None, *range(10, 23)))
    return list(
        dict.fromkeys(
            frozenset(
                part.path
                for part in parts
                if epci in (None, part.path[1]) and landlord in (None, part.path[2]) and commune in (None, part.path[3])
            )
            for epci, landlord, commune in asked
        )
    )


def test_groups_share_the_parts_out_and_none_is_small_unless_all_is() -> None:
    for seed in range(300):
        parts = drawn(seed)
        of = {part.path: part for part in parts}
        made = groups(parts, LEAST)
        assert sorted(path for group in made for path in group) == sorted(of)
        assert sum(is_small((of[path] for path in group), LEAST) for group in made) <= 1


@pytest.mark.parametrize("who", [None, 101, 102, 103, -1, -2, *HOLDERS])
def test_attacker_who_knows_its_own_leases_recovers_no_few(who: int | None) -> None:
    """Every view that is told, added and subtracted in every way, by the public, an organisation or an EPCI."""
    recovered = 0
    for seed in range(150):
        parts = drawn(seed)
        made = Disclosure.of(parts, LEAST)
        of = {part.path: part for part in parts}
        asked = [view for view in views(parts) if view]
        left = {path: _others(part, who) for path, part in of.items()}
        attacker = Attacker(
            frozenset(path for path in view if sum(left[path])) for view in asked if made.may_tell(view)
        )
        for view in asked:
            yes, no = (sum(left[path][side] for path in view) for side in (0, 1))
            if yes + no and attacker.knows(frozenset(path for path in view if sum(left[path]))):
                recovered += 1
                assert min(yes, no) >= LEAST, seed
    assert recovered > 40, "what is told is told"


def _others(part: Part, who: int | None) -> tuple[int, int]:
    yes, no = part.known.get(who or 0, (0, 0))
    return part.count - yes, part.rest - no


def test_attacker_who_tries_every_world_finds_two_for_each_part_kept_back() -> None:
    """Counts are whole, none is above its leases: bounds too tell nothing exactly."""
    tried = 0
    for seed in range(120):
        chance = random.Random(seed)
        paths = [(11, 1, 1, 10), (11, 1, 1, 11), (11, 1, 2, 10), (11, 2, 2, 20), (11, 2, 3, 20)]
        leases = {path: chance.randint(1, 5) for path in paths}
        parts = [Part(path, count := chance.randint(0, n), n - count) for path, n in leases.items()]
        made = Disclosure.of(parts, 2)
        asked = [view for view in views(parts) if view and made.may_tell(view)]
        told = {view: sum(part.count for part in parts if part.path in view) for view in asked}
        possible: dict[Path, set[int]] = {path: set() for path in paths}
        for world in itertools.product(*(range(leases[path] + 1) for path in paths)):
            counts = dict(zip(paths, world, strict=True))
            if all(sum(counts[path] for path in view) == count for view, count in told.items()):
                for path, count in counts.items():
                    possible[path].add(count)
        for path in paths:
            if frozenset({path}) not in told:
                tried += 1
                assert len(possible[path]) > 1, seed
    assert tried > 200


def test_small_part_takes_the_smallest_of_its_neighbours_with_it() -> None:
    """Narbonne 50, Coursan 9, Sigean 2: without Coursan hidden too, the total gives Sigean."""
    parts = [Part((1, 1, 1, 1), 50, 80), Part((1, 1, 1, 2), 9, 10), Part((1, 1, 1, 3), 2, 10)]
    made = Disclosure.of(parts, LEAST)
    assert [sorted(path[-1] for path in group) for group in made.told] == [[1], [2, 3]]
    assert made.may_tell({(1, 1, 1, 1)})
    assert not made.may_tell({(1, 1, 1, 2)})
    assert not made.may_tell({(1, 1, 1, 3)})
    assert made.may_tell({part.path for part in parts})


def test_what_a_landlord_may_not_subtract_waits_for_a_third() -> None:
    """Two landlords: the total less what one of them knows would be the two households of the other."""
    parts = [Part((1, 1, 1, 1), 40, 40, {101: (40, 40)}), Part((1, 1, 2, 1), 2, 9, {102: (2, 9)})]
    two = Disclosure.of(parts, LEAST)
    assert (two.may_tell({(1, 1, 1, 1)}), two.may_tell({(1, 1, 2, 1)})) == (True, False)
    assert not two.may_tell({part.path for part in parts})
    third = Part((1, 2, 3, 2), 4, 9, {103: (4, 9)})
    three = Disclosure.of([*parts, third], LEAST)
    assert not three.may_tell({(1, 1, 2, 1), third.path}), "103 would know the two of 102"


def test_epci_that_reads_all_of_its_own_does_not_subtract_it_from_the_departement() -> None:
    """Two EPCI, one of them with two households: the total of the préfecture’s paper, less what the other reads."""
    parts = [Part((1, 1, 1, 1), 40, 40, {-1: (40, 40)}), Part((1, 2, 1, 2), 2, 9, {-2: (2, 9)})]
    made = Disclosure.of(parts, LEAST)
    assert made.may_tell({(1, 1, 1, 1)})
    assert not made.may_tell({part.path for part in parts})


def test_departements_are_grouped_apart_so_that_no_paper_depends_on_what_is_read_with_it() -> None:
    few, many = Part((1, 1, 1, 1), 2, 9), Part((2, 1, 1, 1), 40, 40)
    assert Disclosure.of([few, many], LEAST).told == Disclosure.of([many], LEAST).told


def test_nothing_is_shown_of_a_whole_that_is_small() -> None:
    made = Disclosure.of([Part((1, 1), 2, 50), Part((1, 2), 1, 50)], LEAST)
    assert not made.may_tell({(1, 1), (1, 2)})


def test_those_who_are_nearly_all_counted_are_few_who_are_not() -> None:
    assert not Disclosure.of([Part((1, 1), 48, 2)], LEAST).may_tell({(1, 1)})


@pytest.mark.django_db
def test_no_threshold_in_force_hides_nothing() -> None:
    """A count of nobody was « fewer than 1 », and kept back."""
    assert least_shown(date(2026, 12, 31)) == LEAST
    assert least_shown(date(2019, 12, 31)) == 0
    LegalParameter.objects.filter(code=LegalParameter.Code.SMALL_CELL).delete()
    assert least_shown(date(2026, 12, 31)) == 0
    assert Disclosure.of([Part((1, 1), 0, 3)], 0).may_tell({(1, 1)})
