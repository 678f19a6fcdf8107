"""The offline optimum is exact: on tiny flows, every possible course is tried."""

from __future__ import annotations

import itertools
import random

import pytest

from benchmarks.instances.flow import LANDLORD, Flow, Vacancy
from benchmarks.metrics import measure
from benchmarks.optimum import optimum
from benchmarks.policies import largest_delay, the_rule


def tiny(chance: random.Random, *, territories: bool) -> Flow:
    """Up to seven vacancies and three holders; in one territory, or each vacancy with shares and takers of its own."""
    unit = chance.choice((5, 12, 100))
    ids = ["A", "B", LANDLORD][-chance.randint(2, 3) :]
    vacancies = []
    shares = drawn(chance, ids, unit)
    for number in range(chance.randint(1, 7)):
        may_take = None
        if territories:
            shares = drawn(chance, [holder for holder in ids if holder == LANDLORD or chance.random() < 0.7], unit)
            may_take = frozenset(holder for holder in ids if holder == LANDLORD or chance.random() < 0.8)
        vacancies.append(Vacancy(f"v{number}", shares, {}, may_take))
    return Flow("tiny", unit, LANDLORD, (), {holder: rank for rank, holder in enumerate(ids)}, tuple(vacancies))


def drawn(chance: random.Random, ids: list[str], unit: int) -> dict[str, int]:
    cuts = sorted(chance.randint(0, unit) for _ in ids[1:])
    return {h: high - low for h, low, high in zip(ids, [0, *cuts], [*cuts, unit], strict=True)}


def by_brute_force(flow: Flow) -> int:
    courses = itertools.product(*(vacancy.candidates(LANDLORD) for vacancy in flow.vacancies))
    return min(measure(flow, course).worst for course in courses)


@pytest.mark.parametrize("territories", [False, True], ids=["one territory", "territories"])
@pytest.mark.parametrize("seed", range(150))
def test_optimum_is_that_of_brute_force(*, territories: bool, seed: int) -> None:
    flow = tiny(random.Random(f"{territories}/{seed}"), territories=territories)
    reached = measure(flow, largest_delay(flow).holders).worst
    assert optimum(flow, reached=reached) == by_brute_force(flow)


@pytest.mark.parametrize("seed", range(10))
def test_nobody_beats_the_optimum(seed: int) -> None:
    """And the matching says the same where earliest deadline first would have been enough."""
    flow = tiny(random.Random(seed), territories=False)
    reached = measure(flow, the_rule(flow).holders).worst
    assert optimum(flow, reached=reached) <= reached
