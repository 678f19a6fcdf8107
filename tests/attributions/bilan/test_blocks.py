"""Disclosure: no sum nor difference of what one reader sees reports a few households, whatever it knows already."""

from __future__ import annotations

import itertools
import random
from datetime import date

import pytest

from attributions.bilan.blocks import Disclosure, Part, Path, groups, is_small
from attributions.bilan.queries.objective_cells import least_shown
from reservations.models import LegalParameter
from tests.attributions.bilan.attacker import Attacker
from tests.attributions.bilan.solver import Solver, squeezed

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


WHO = [None, 101, 102, 103, -1, -2, *HOLDERS]


def test_solver_of_all_that_is_published_squeezes_no_small_count() -> None:
    """Every view that a filter asks for: for the public, an organisation or an EPCI, a count of few households keeps as
    many values as the threshold, or as its own leases allow."""
    for seed in range(8):
        parts = drawn(seed)
        blocks, asked = Disclosure.of(parts, LEAST).blocks, views(parts)
        for who in WHO:
            left = {part.path: part.left(who) for part in parts}
            known = {part.path: part.count - left[part.path][0] for part in parts}
            mine = [sum(known[path] for path in block.paths) for block in blocks]
            read = [(each.paths, each.low - own, each.high - own) for each, own in zip(blocks, mine, strict=True)]
            assert squeezed(left, read, asked, LEAST) == [], (seed, who)


def test_bounds_published_are_those_that_follow_from_everything_published() -> None:
    """No more is stated than anybody would find, and no less: « entre 53 et 55 sur 79 » was found by subtraction."""
    bounded = 0
    for seed in range(12):
        parts = drawn(seed)
        made = Disclosure.of(parts, LEAST)
        solver = Solver(
            {part.path: part.count + part.rest for part in parts},
            {part.path: part.count for part in parts},
            [(block.paths, block.low, block.high) for block in made.blocks],
        )
        for view in views(parts):
            bounded += not made.may_tell(view)
            assert made.bounds(view) == solver.bounds(view), (seed, sorted(view))
    assert bounded > 20


@pytest.mark.parametrize("who", WHO)
def test_attacker_who_knows_its_own_leases_recovers_no_few(who: int | None) -> None:
    """Every view that is published exactly, added and subtracted in every way, by the public, an organisation or an
    EPCI."""
    recovered = 0
    for seed in range(150):
        parts = drawn(seed)
        made = Disclosure.of(parts, LEAST)
        asked = [view for view in views(parts) if view]
        left = {part.path: part.left(who) for part in parts}
        attacker = Attacker(
            frozenset(path for path in view if sum(left[path])) for view in asked if made.may_tell(view)
        )
        for view in asked:
            yes, no = (sum(left[path][side] for path in view) for side in (0, 1))
            if yes + no and attacker.knows(frozenset(path for path in view if sum(left[path]))):
                recovered += 1
                assert min(yes, no) >= LEAST, seed
    assert recovered > 40, "what is published is published"


def test_small_part_takes_the_smallest_of_its_neighbours_with_it() -> None:
    """Narbonne 50, Coursan 9, Sigean 2: without Coursan hidden too, the total gives Sigean."""
    parts = [Part((1, 1, 1, 1), 50, 80), Part((1, 1, 1, 2), 9, 10), Part((1, 1, 1, 3), 2, 10)]
    made = Disclosure.of(parts, LEAST)
    assert [sorted(path[-1] for path in group) for group in made.exact] == [[1], [2, 3]]
    assert made.may_tell({(1, 1, 1, 1)})
    assert not made.may_tell({(1, 1, 1, 2)})
    assert not made.may_tell({(1, 1, 1, 3)})
    assert made.may_tell({part.path for part in parts})


def test_total_that_a_landlord_would_subtract_from_is_between_two_bounds() -> None:
    """Two landlords: the total less what one of them knows would be the two households of the other. « Tenu : entre 40
    et 45 sur 91 » answers, and leaves the first landlord six counts of the other."""
    parts = [Part((1, 1, 1, 1), 40, 40, {101: (40, 40)}), Part((1, 1, 2, 1), 2, 9, {102: (2, 9)})]
    made = Disclosure.of(parts, LEAST)
    assert made.bounds([(1, 1, 1, 1)]) == (40, 40)
    assert made.bounds([(1, 1, 2, 1)]) == (0, 5)
    assert made.bounds([part.path for part in parts]) == (40, 45)


def test_total_of_an_epci_comes_before_those_of_its_landlords() -> None:
    """12, 8 and 2: the total of the three is exact, and each landlord is between what it leaves."""
    parts = [Part((1, 1, number, 1), count, 9, {}) for number, count in ((1, 12), (2, 8), (3, 2))]
    made = Disclosure.of(parts, LEAST)
    assert made.bounds(part.path for part in parts) == (22, 22)
    assert made.may_tell([(1, 1, 1, 1)]), "the landlord that nothing needs stays exact"
    assert not made.may_tell([(1, 1, 3, 1)])


def test_few_leases_beside_a_small_count_do_not_squeeze_it() -> None:
    """4 of 10, and 1 of 1: a total of 5 exactly would leave the first 4 or 5."""
    parts = [Part((1, 1, 1, 1), 4, 6), Part((1, 1, 2, 1), 1, 0)]
    low, high = Disclosure.of(parts, LEAST).bounds([(1, 1, 1, 1)])
    assert high - low >= LEAST


def test_epci_that_reads_all_of_its_own_does_not_subtract_it_from_the_departement() -> None:
    """Two EPCI, one of them with two households: the total of the préfecture’s paper, less what the other reads."""
    parts = [Part((1, 1, 1, 1), 40, 40, {-1: (40, 40)}), Part((1, 2, 1, 2), 2, 9, {-2: (2, 9)})]
    made = Disclosure.of(parts, LEAST)
    assert made.may_tell({(1, 1, 1, 1)})
    assert not made.may_tell({part.path for part in parts})


def test_departements_are_grouped_apart_so_that_no_paper_depends_on_what_is_read_with_it() -> None:
    few, many = Part((1, 1, 1, 1), 2, 9), Part((2, 1, 1, 1), 40, 40)
    read = Disclosure.of([few, many], LEAST).blocks
    assert read == (*Disclosure.of([few], LEAST).blocks, *Disclosure.of([many], LEAST).blocks)


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
