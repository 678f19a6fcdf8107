"""How long to wait for others to be known: notices that arrive at random over a year of 250 working days.

A vacancy is decided when L are known, itself included, or when it has waited H working days; one by one, in order of
registration. No time at all is version 1.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import mean, median

from benchmarks.instances import territories
from benchmarks.instances.flow import Flow
from benchmarks.metrics import measure
from benchmarks.policies import the_rule

WORKING_DAYS = 250


@dataclass(frozen=True, slots=True)
class Waiting:
    """Vacancies a year, how many known are waited for, and how long at most."""

    yearly: int
    window: int
    days: int


POLICIES = [
    *(Waiting(yearly, 8, days) for yearly in (100, 500, 2000) for days in (0, 1, 3, 10)),
    *(Waiting(500, window, 3) for window in (4, 16)),
]


@dataclass(frozen=True, slots=True)
class Found:
    """One year under one policy: the worst deviation and category gap in units, how many were known, days waited."""

    worst: float
    gap: float
    known: float
    days: tuple[float, ...]


def year(yearly: int, seed: int) -> tuple[Flow, list[float]]:
    """A département of 10 EPCI and 50 communes, and when each of its vacancies is registered, in working days."""
    chance = random.Random(f"arrivals/{yearly}/{seed}")
    communes = territories.departement(chance, groups=10, communes=50)
    flow = territories.year(chance, f"arrivals/{yearly}/{seed}", communes, yearly)
    return flow, sorted(chance.uniform(0, WORKING_DAYS) for _ in flow.vacancies)


def firm(arrivals: Sequence[float], policy: Waiting) -> list[tuple[float, int]]:
    """When each vacancy is decided, and how many are known then, itself included."""
    found, last = [], 0.0
    for number, registered in enumerate(arrivals):
        enough = number + policy.window - 1
        moment = registered + policy.days
        if enough < len(arrivals):
            moment = min(moment, arrivals[enough])
        last = max(last, registered, moment)
        found.append((last, min(policy.window, bisect_right(arrivals, last) - number)))
    return found


def run(policy: Waiting, seed: int) -> Found:
    """One year."""
    flow, arrivals = year(policy.yearly, seed)
    decided = firm(arrivals, policy)
    vacancies = tuple(
        replace(vacancy, known=known) for vacancy, (_, known) in zip(flow.vacancies, decided, strict=True)
    )
    metrics = measure(flow, the_rule(replace(flow, vacancies=vacancies)).holders)
    return Found(
        worst=metrics.worst / flow.unit,
        gap=metrics.gap / flow.unit,
        known=mean(known for _, known in decided),
        days=tuple(moment - registered for (moment, _), registered in zip(decided, arrivals, strict=True)),
    )


def markdown(found: Sequence[tuple[Waiting, Sequence[Found]]]) -> str:
    """One line a policy: means over years, the worst of them, and the days that a vacancy waited."""
    rows = [
        "| vacancies a year | L | H, working days | worst deviation: mean / worst | category gap | known "
        "| days waited: mean, median |",
        "| --: | --: | --: | --: | --: | --: | --: |",
    ]
    for policy, years in found:
        days = [day for each in years for day in each.days]
        rows.append(
            f"| {policy.yearly:,} | {policy.window} | {policy.days or 'at once'} "
            f"| {mean(each.worst for each in years):.2f} / {max(each.worst for each in years):.2f} "
            f"| {mean(each.gap for each in years):.1f} | {mean(each.known for each in years):.1f} "
            f"| {mean(days):.1f}, {median(days):.1f} |"
        )
    return "\n".join(rows)
