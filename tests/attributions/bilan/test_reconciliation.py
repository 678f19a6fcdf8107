"""The comparison alone: every row in one place, whatever the order and whichever side is called ours."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attributions.bilan.models import Reconciliation, ReconciliationLine
from attributions.bilan.reconciliation import Comparison, Finding, Letting, Owner, Source, compare, owner_of, what_to_do
from tests.house.tree import ROOT

YEAR = 2026

#: A busy machine is no failure.
calmly = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
MARCH, MAY = date(2026, 3, 2), date(2026, 5, 4)


def one(key: int = 1, **given: object) -> Letting:
    """A letting of March 2026 to household H, in unit U, of contingent 4."""
    terms: dict[str, object] = {"household": "H", "unit": "U", "mark": "U", "contingents": frozenset({4}), "day": MARCH}
    terms |= given
    day = terms["day"]
    return Letting(key=key, **({"year": day.year if isinstance(day, date) else None} | terms))


def only(found: Comparison) -> Finding | str | None:
    """What became of the pair compared, or of each row alone."""
    if found.pairs:
        return next(iter(found.pairs.values()))
    return "apart"


@pytest.mark.parametrize(
    ("theirs", "expected"),
    [
        ({}, None),
        ({"unit": "", "mark": "RPLS"}, None),  # a unit that is not of the stock states nothing
        ({"household": ""}, None),
        ({"contingents": frozenset()}, None),
        ({"contingents": frozenset({2, 1, 5})}, Finding.CONTINGENT),
        ({"contingents": frozenset({4, 6})}, None),
        ({"day": MAY}, Finding.DATE),
        ({"day": None}, Finding.DATE),
        ({"day": date(2027, 1, 4)}, Finding.DATE),
        ({"unit": "V", "mark": "V"}, Finding.UNIT),
        ({"unit": "", "commune": "11106"}, Finding.UNIT),
        ({"household": "G"}, Finding.NUMBER),
        ({"household": "G", "contingents": frozenset({2})}, Finding.CONTINGENT),  # what moves an account first
        ({"household": "G", "unit": "V"}, "apart"),
        ({"household": "", "unit": ""}, "apart"),
        ({"unit": "V", "mark": "V", "day": date(2025, 5, 4)}, "apart"),  # a household that moves twice
    ],
)
def test_two_rows_meet_or_not(theirs: dict[str, object], expected: object) -> None:
    found = compare([one(**theirs)], [one(commune="11262")], year=YEAR)
    assert only(found) == expected


def test_duplicates_leave_one_row_to_meet() -> None:
    rows = [one(1), one(2), one(3, day=MAY), one(4, household="")]
    found = compare(rows, [one(9)], year=YEAR)
    assert (found.pairs, found.duplicates, found.not_ours) == ({(1, 9): None}, {2, 3}, {4})


def test_what_may_meet_several_meets_none() -> None:
    file = [one(1, unit="", mark="A"), one(2, unit="", mark="B")]
    found = compare(file, [one(9)], year=YEAR)
    assert (found.pairs, found.undecided, found.our_undecided) == ({}, {1, 2}, {9})
    surer = compare([replace(file[0], day=MAY), file[1]], [one(9)], year=YEAR)
    assert surer.pairs == {(2, 9): None}


def test_other_years_are_outside_unless_they_meet_this_one() -> None:
    last = date(2025, 12, 30)
    found = compare([one(1, day=last), one(2, household="G", unit="V", day=last)], [one(9)], year=YEAR)
    assert (found.pairs, found.outside) == ({(1, 9): Finding.DATE}, {2})
    both = compare([one(1, day=last)], [one(9, day=last)], year=YEAR)
    assert (both.pairs, both.outside, both.our_outside) == ({}, {1}, {9})


def test_what_is_not_expected_is_not_missing() -> None:
    found = compare([], [one(9, expected=False)], year=YEAR)
    assert (found.not_theirs, found.our_outside) == (set(), {9})


def lettings(start: int) -> st.SearchStrategy[list[Letting]]:
    days = [date(2025, 12, 30), MARCH, MAY, None]
    row = st.builds(
        one,
        household=st.sampled_from(["", "H", "G", "F"]),
        unit=st.sampled_from(["", "U", "V"]),
        mark=st.sampled_from(["", "U", "V"]),
        commune=st.sampled_from(["", "11262", "11106"]),
        contingents=st.sampled_from([frozenset(), frozenset({4}), frozenset({1, 2, 5})]),
        day=st.sampled_from(days),
        expected=st.booleans(),
    )
    return st.lists(row, max_size=9).map(lambda rows: [replace(r, key=start + n) for n, r in enumerate(rows)])


def places(found: Comparison) -> tuple[list[int], list[int]]:
    """Where the rows of each side went, all places together."""
    theirs = [*(line for line, _ in found.pairs), *found.duplicates, *found.not_ours, *found.undecided, *found.outside]
    ours = [*(key for _, key in found.pairs), *found.not_theirs, *found.our_undecided, *found.our_outside]
    return sorted(theirs), sorted(ours)


@calmly
@given(lettings(0), lettings(100))
def test_every_row_is_in_exactly_one_place(file: list[Letting], ours: list[Letting]) -> None:
    assert places(compare(file, ours, year=YEAR)) == ([row.key for row in file], [row.key for row in ours])


@calmly
@given(lettings(0), lettings(100), st.randoms(use_true_random=False))
def test_order_changes_nothing(file: list[Letting], ours: list[Letting], chance: Random) -> None:
    before = compare(file, ours, year=YEAR)
    chance.shuffle(file)
    chance.shuffle(ours)
    assert compare(file, ours, year=YEAR) == before


@calmly
@given(lettings(0), lettings(100))
def test_either_side_may_be_ours(file: list[Letting], ours: list[Letting]) -> None:
    """But for duplicates, that only a file has: rows that say the same twice are left out."""
    there, back = compare(file, ours, year=YEAR), compare(ours, file, year=YEAR)
    if there.duplicates or back.duplicates:
        return
    assert {(b, a): finding for (a, b), finding in back.pairs.items()} == there.pairs
    assert (back.not_ours, back.not_theirs) == (there.not_theirs, there.not_ours)
    assert (back.undecided, back.our_undecided) == (there.our_undecided, there.undecided)
    assert (back.outside, back.our_outside) == (there.our_outside, there.outside)


def test_comparison_is_pure() -> None:
    """It reads no clock and no database: what it imports is the standard library."""
    lines = (ROOT / "attributions/bilan/reconciliation.py").read_text(encoding="utf-8").splitlines()
    modules = {line.split()[1] for line in lines if line.startswith(("import ", "from "))}
    assert modules == {"__future__", "collections", "collections.abc", "dataclasses", "datetime", "enum"}


def test_codes_are_those_of_the_tables() -> None:
    assert set(Finding) == set(ReconciliationLine.Finding.values)
    assert set(Owner) == set(ReconciliationLine.Owner.values)
    assert list(Source) == Reconciliation.Source.values


@pytest.mark.parametrize("source", list(Source))
@pytest.mark.parametrize("finding", list(Finding))
def test_every_finding_has_somebody_and_something_to_do(source: Source, finding: Finding) -> None:
    for days in ((MARCH, MAY), (MARCH, None), (None, MAY)):
        text = what_to_do(finding, source, theirs="État", ours="Ville", their_day=days[0], our_day=days[1])
        assert text.endswith(".")
        assert "{" not in text
    parties = {owner_of(finding, source, holder=holder, leased=True) for holder in Owner}
    assert len(parties) == (len(Owner) if source == Source.SNE and finding in ("CONTINGENT", "NUMBER") else 1)


def test_state_settles_what_is_wrong_in_syplo_and_the_landlord_what_is_not_here() -> None:
    found = {finding: owner_of(finding, Source.SYPLO, holder=Owner.HOLDER, leased=True).value for finding in Finding}
    assert found == {
        "CONTINGENT": "STATE",
        "NUMBER": "STATE",
        "UNIT": "LANDLORD",
        "DATE": "STATE",
        "NOT_OURS": "LANDLORD",
        "NOT_THEIRS": "STATE",
        "DUPLICATE": "STATE",
        "UNDECIDED": "LANDLORD",
    }
    assert owner_of(Finding.DATE, Source.SYPLO, holder=Owner.STATE, leased=False) == Owner.LANDLORD
