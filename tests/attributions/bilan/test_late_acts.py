"""Sealed balances and the one that is open add up to the acts, once each, whatever is late, corrected or undone."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from attributions.bilan import late_acts as rule
from attributions.bilan.late_acts import Stated, chain, earlier, minus

YEARS = range(2020, 2026)
KEYS = [("als-3", "allocated"), ("city-4", "leased"), ("city-4", "refused")]

Counts = dict[tuple[str, str], int]

#: What happens, in order: an act of a year (recorded now, whenever that is), what undoes one, a balance that is sealed.
DONE = st.tuples(st.just("done"), st.sampled_from(YEARS), st.sampled_from(KEYS))
UNDONE = st.tuples(st.just("undone"), st.integers(0, 40), st.none())
SEALED = st.tuples(st.just("sealed"), st.sampled_from(YEARS), st.none())
CALENDARS = st.lists(st.one_of(DONE, DONE, UNDONE, SEALED), max_size=40)


class Office:
    """A landlord in a département: acts that stand, and what each sealed balance states."""

    def __init__(self) -> None:
        self.acts_in_force: list[tuple[int, tuple[str, str]]] = []
        self.sealed: dict[int, Stated] = {}

    @property
    def acts(self) -> dict[int, Counts]:
        return {year: dict(Counter(key for of, key in self.acts_in_force if of == year)) for year in YEARS}

    def states(self, year: int) -> Stated:
        """What the balance of a year says today: its acts, and those of earlier years that it takes."""
        return Stated(self.acts[year], earlier(year, self.acts, self.sealed))

    def live(self, event: tuple[str, int, tuple[str, str] | None]) -> None:
        what, which, key = event
        if what == "done" and key is not None:
            self.acts_in_force.append((which, key))
        elif what == "undone" and self.acts_in_force:
            self.acts_in_force.pop(which % len(self.acts_in_force))
        elif what == "sealed":  # a first time, or again, in another version
            self.sealed[which] = self.states(which)


def whole(stated: Stated) -> Counts:
    return minus({}, *({key: -count for key, count in each.items()} for each in (stated.own, *stated.earlier.values())))


@given(CALENDARS)
def test_an_act_is_in_one_balance_and_once(calendar: list[tuple[str, int, tuple[str, str] | None]]) -> None:
    """Of an open year and those sealed just before it: what they state is what was done in them, once each."""
    office = Office()
    for event in calendar:
        office.live(event)
        for year in YEARS:
            if year in office.sealed:
                continue
            rows = [year, *chain(year, office.sealed)]
            stated = [office.sealed.get(of) or office.states(of) for of in rows]
            acts = Counter(key for of, key in office.acts_in_force if of in rows)
            assert minus(acts, *map(whole, stated)) == {}


@given(CALENDARS)
def test_all_the_years_together_are_the_acts(calendar: list[tuple[str, int, tuple[str, str] | None]]) -> None:
    """A préfecture that adds up the balances of every year, the last one open, finds each act once."""
    office = Office()
    for event in calendar:
        office.live(event)
    office.sealed.pop(YEARS[-1], None)
    stated = [office.sealed.get(year) or office.states(year) for year in YEARS]
    assert minus(Counter(key for _, key in office.acts_in_force), *map(whole, stated)) == {}


@given(CALENDARS)
def test_everybody_names_the_same_balance_for_a_late_act(
    calendar: list[tuple[str, int, tuple[str, str] | None]],
) -> None:
    """What a sealed year says that a balance takes, this balance says that it takes; no other does."""
    office = Office()
    for event in calendar:
        office.live(event)
    for year in office.sealed:
        result = rule.since(year, office.acts, office.sealed)
        for taker in range(year + 1, YEARS[-1] + 2):
            of = [office.sealed.get(each) for each in range(year + 1, taker)]
            takes = (
                rule.stated(taker, office.sealed)
                if taker in office.sealed
                else earlier(taker, office.acts, office.sealed)
            )
            assert result.get(taker, {}) == (takes.get(year, {}) if None not in of else {})


def test_a_sealed_balance_takes_what_its_file_says_and_the_next_the_rest() -> None:
    """The first late act is in the file of 2024; the second came once it was sealed too."""
    office, key = Office(), ("als-3", "allocated")
    office.live(("sealed", 2023, None))
    office.live(("done", 2023, key))
    office.live(("sealed", 2024, None))
    office.live(("done", 2023, key))
    assert rule.since(2023, office.acts, office.sealed) == {2024: {key: 1}, 2025: {key: 1}}
    assert rule.stated(2024, office.sealed) == earlier(2025, office.acts, office.sealed) == {2023: {key: 1}}


def test_a_late_act_goes_to_the_first_open_balance_and_back_with_a_new_version() -> None:
    """« exercices antérieurs » : sealed in February, an allocation of December recorded in March."""
    office, key = Office(), ("als-3", "allocated")
    office.live(("done", 2023, key))
    office.live(("sealed", 2023, None))
    office.live(("done", 2023, key))
    assert office.states(2024) == Stated({}, {2023: {key: 1}})
    office.live(("sealed", 2024, None))
    assert office.states(2025) == Stated({}, {})
    office.live(("sealed", 2023, None))
    assert office.sealed[2023].own == {key: 2}
    assert office.states(2025) == Stated({}, {2023: {key: -1}})


def test_an_act_undone_after_the_seal_is_taken_back() -> None:
    office, key = Office(), ("city-4", "leased")
    office.live(("done", 2023, key))
    office.live(("sealed", 2023, None))
    office.live(("undone", 0, None))
    assert office.states(2024) == Stated({}, {2023: {key: -1}})


def test_before_a_seal_nothing_is_late() -> None:
    office = Office()
    office.live(("sealed", 2022, None))
    office.live(("done", 2022, ("city-4", "refused")))
    assert office.states(2024) == Stated({}, {})
    assert office.states(2023).earlier == {2022: {("city-4", "refused"): 1}}
