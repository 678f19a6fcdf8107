"""The promises that a flow can serve, against Hall's condition counted set by set."""

from __future__ import annotations

from itertools import chain, combinations

from hypothesis import given
from hypothesis import strategies as st

from flux.engine.feasibility import Shortage, shortage

CELLS = ("a", "b", "c", "d")


@st.composite
def problems(draw):
    holders = [f"h{n}" for n in range(draw(st.integers(1, 5)))]
    cells = CELLS[: draw(st.integers(1, 4))]
    amounts = st.integers(0, 9)
    return (
        {holder: draw(amounts) for holder in holders},
        {cell: draw(amounts) for cell in cells},
        {holder: draw(st.frozensets(st.sampled_from(cells))) for holder in holders},
    )


def missing(holders, demands, supplies, takes) -> int:
    """What these holders are promised beyond all that they may take."""
    cells = set().union(*(takes[holder] for holder in holders))
    return sum(demands[holder] for holder in holders) - sum(supplies[cell] for cell in cells)


def sets_of(holders):
    return chain.from_iterable(combinations(holders, size) for size in range(1, len(holders) + 1))


@given(problems())
def test_a_flow_serves_all_unless_some_holders_want_more_than_they_may_take(problem) -> None:
    demands, supplies, takes = problem
    worst = max(missing(each, demands, supplies, takes) for each in sets_of(demands))
    found = shortage(demands, supplies, takes)
    assert (found is not None) == (worst > 0)


@given(problems())
def test_the_shortage_is_the_widest_and_the_smallest_of_those(problem) -> None:
    demands, supplies, takes = problem
    found = shortage(demands, supplies, takes)
    if found is None:
        return
    worst = max(missing(each, demands, supplies, takes) for each in sets_of(demands))
    assert found.promised - found.possible == worst
    widest = [each for each in sets_of(demands) if missing(each, demands, supplies, takes) == worst]
    assert set(found.holders) == set.intersection(*(set(each) for each in widest))


def test_nothing_promised_is_served() -> None:
    assert shortage({}, {"a": 1}, {}) is None
    assert shortage({"h": 0}, {}, {"h": frozenset()}) is None


def test_what_others_could_leave_is_found() -> None:
    """The first takes the only cell of the second unless it is sent to the other cell."""
    takes = {"h1": frozenset("ab"), "h2": frozenset("a")}
    assert shortage({"h1": 4, "h2": 4}, {"a": 4, "b": 4}, takes) is None


def test_a_shortage_says_who_is_promised_how_much_of_what() -> None:
    takes = {"h1": frozenset("ab"), "h2": frozenset("a"), "h3": frozenset("a")}
    assert shortage({"h1": 1, "h2": 7, "h3": 5}, {"a": 9, "b": 4}, takes) == Shortage(("h2", "h3"), ("a",), 12, 9)


def test_a_landlord_of_the_size_of_a_departement_is_quick() -> None:
    cells = {f"c{n}": 1_000_000 for n in range(600)}
    takes = {f"h{n}": frozenset(cell for i, cell in enumerate(cells) if i % (n + 2)) for n in range(40)}
    assert shortage(dict.fromkeys(takes, 14_000_000), cells, takes) is None
