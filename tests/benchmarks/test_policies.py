"""Each policy does what its name says, on flows small enough to be followed by hand."""

from __future__ import annotations

import pytest

from benchmarks.instances.catalogue import build
from benchmarks.instances.flow import LANDLORD, Flow, Vacancy
from benchmarks.metrics import measure
from benchmarks.policies import (
    POLICIES,
    largest_delay,
    live_attainment_rate,
    live_gap_in_points,
    round_robin_by_commune,
)


def flow(*rows: tuple[str, dict[str, int]]) -> Flow:
    """One vacancy a row: its commune and its shares, out of a hundred."""
    holders = list(dict.fromkeys(h for _, shares in rows for h in shares if h != LANDLORD))
    vacancies = tuple(Vacancy(f"v{n}", shares, {}, place=place) for n, (place, shares) in enumerate(rows))
    return Flow("by hand", 100, LANDLORD, (), {h: n for n, h in enumerate([*holders, LANDLORD])}, vacancies)


@pytest.mark.parametrize("name", POLICIES)
@pytest.mark.parametrize("instance", ["B1/0", "D/A/0"])
def test_a_unit_only_goes_to_who_may_have_it(name: str, instance: str) -> None:
    year = build(instance)
    course = POLICIES[name](year)
    assert len(course.holders) == len(year.vacancies)
    for vacancy, chosen in zip(year.vacancies, course.holders, strict=True):
        assert chosen in vacancy.candidates(year.landlord)


@pytest.mark.parametrize("name", POLICIES)
def test_no_vacancy_is_no_course(name: str) -> None:
    assert POLICIES[name](flow()).holders == []


def test_largest_delay_by_hand() -> None:
    assert largest_delay(flow(*[("", {"A": 50, "B": 25, LANDLORD: 25})] * 4)).holders == ["A", "B", LANDLORD, "A"]


def test_counters_by_commune_forget_what_another_commune_gave() -> None:
    """A has 60 in each commune: the first unit of each goes to it, two in a row."""
    rows = flow(("N", {"A": 60, LANDLORD: 40}), ("C", {"A": 60, LANDLORD: 40}))
    assert round_robin_by_commune(rows).holders == ["A", "A"]
    assert largest_delay(rows).holders == ["A", LANDLORD]


def test_attainment_rate_serves_everybody_once_first_however_small() -> None:
    shares = {"A": 80, "B": 5, "C": 5, LANDLORD: 10}
    assert live_attainment_rate(flow(*[("", shares)] * 4)).holders == ["A", "B", "C", LANDLORD]


def test_gap_in_points_prefers_who_has_seen_few_units() -> None:
    """After three units of N, B is owed 30 on its one unit of C: thirty points, whatever A is owed elsewhere."""
    rows = [("N", {"A": 45, LANDLORD: 55})] * 3 + [("C", {"A": 45, "B": 40, LANDLORD: 15})]
    assert live_gap_in_points(flow(*rows)).holders[-1] == "B"


def test_metrics_by_hand() -> None:
    """A is due 50 a unit and has had both: its dû − reçu goes −50, −100."""
    two = Flow(
        "by hand",
        100,
        LANDLORD,
        ("typology",),
        {"A": 0, LANDLORD: 1},
        tuple(Vacancy(f"v{n}", {"A": 50, LANDLORD: 50}, {"typology": t}) for n, t in enumerate(("T2", "T3"))),
    )
    found = measure(two, ["A", "A"])
    assert (found.worst, found.worst_reserved, found.year_end) == (100, 100, 100)
    assert (found.gap, found.gap_ever) == (50, 50)
    assert (found.late, found.moments) == (1, 4)  # the landlord, after the second unit
    assert measure(two, ["A", LANDLORD]).worst == 50
