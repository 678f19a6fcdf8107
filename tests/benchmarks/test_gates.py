"""What the rule must hold on the flows of FluxBench. The figures are those of the specification, never tuned."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from benchmarks import report
from benchmarks.fluxbench import Result, run
from benchmarks.instances import catalogue, one_territory
from benchmarks.instances.catalogue import build
from benchmarks.instances.flow import Flow
from benchmarks.metrics import Metrics, measure
from benchmarks.policies import POLICIES, Course, foreseeing, largest_delay, the_rule
from flux.engine.facts import Situation
from tests.benchmarks import bare

B4 = [f"B4/{seed}" for seed in range(10)]


def weighing(chance: random.Random, dimensions: int) -> Any:
    """A view in which each dimension weighs what chance says: the product’s own weighs one each."""
    weights = [chance.choice((0, 1, chance.randint(2, 100))) for _ in range(dimensions)]

    def seen(situation: Situation) -> Situation:
        return replace(
            situation,
            holders=tuple(
                replace(h, lacks=tuple(w * lack for w, lack in zip(weights, h.lacks, strict=True)))
                for h in situation.holders
            ),
        )

    return seen


@pytest.mark.parametrize("batch", range(4))
def test_theorem_whatever_the_profile_weighs(batch: int) -> None:
    """One territory, constant shares: |dû − reçu| ≤ S − S // (2n − 2) after each unit; 200 instances in all."""
    for seed in range(50):
        chance = random.Random(f"theorem/{batch}/{seed}")
        holders = chance.randint(4, 12)
        draw = chance.choice((one_territory.usual_shares, one_territory.uneven_shares))
        flow = one_territory.year(chance, f"{batch}/{seed}", draw(chance, holders), chance.randint(20, 120))
        course = the_rule(flow, weighing(chance, len(flow.dimensions)))
        worst = measure(flow, course.holders).worst
        assert worst <= flow.unit - flow.unit // (2 * holders - 2), (batch, seed)


def followed(policy: Callable[[Flow], Course], seeds: int) -> list[tuple[Flow, Metrics]]:
    """B4: 10 EPCI, 50 communes, 2,000 vacancies, over seeds."""
    return [(flow, measure(flow, policy(flow).holders)) for flow in map(build, B4[:seeds])]


@pytest.fixture(scope="module")
def departement() -> dict[str, list[tuple[Flow, Metrics]]]:
    """The rule when nothing is known ahead, and the largest delay alone."""
    return {policy.__name__: followed(policy, len(B4)) for policy in (the_rule, largest_delay)}


@pytest.fixture(scope="module")
def foreseen() -> list[tuple[Flow, Metrics]]:
    """The rule when eight departures are known at each decision."""
    return followed(foreseeing(8), 5)


def mean(values: list[float]) -> float:
    return sum(values) / len(values)


def test_worst_deviation_of_a_departement(departement: dict[str, list[tuple[Flow, Metrics]]]) -> None:
    worst = [metrics.worst / flow.unit for flow, metrics in departement["the_rule"]]
    assert mean(worst) <= 1.15
    assert max(worst) <= 1.6


def test_mix_of_a_departement(departement: dict[str, list[tuple[Flow, Metrics]]]) -> None:
    assert mean([m.chi2 / m.freedom for _, m in departement["the_rule"]]) <= 0.45
    assert mean([m.gap / flow.unit for flow, m in departement["the_rule"]]) <= 4.5


@pytest.mark.nightly
def test_eight_known_departures_of_a_departement(foreseen: list[tuple[Flow, Metrics]]) -> None:
    worst = [metrics.worst / flow.unit for flow, metrics in foreseen]
    assert mean(worst) <= 0.92
    assert max(worst) <= 1.05
    assert mean([m.gap / flow.unit for flow, m in foreseen]) <= 3.2


@pytest.mark.nightly
def test_ablation_the_largest_delay_alone_is_four_times_worse_on_the_mix(
    departement: dict[str, list[tuple[Flow, Metrics]]],
) -> None:
    gap = {policy: mean([m.gap / flow.unit for flow, m in found]) for policy, found in departement.items()}
    assert gap["largest_delay"] >= 4 * gap["the_rule"]


# --- the benchmark itself ---


@pytest.fixture(scope="module")
def quick() -> dict[str, Any]:
    """`--quick`, as the continuous checks run it: by an interpreter that has nothing but its standard library."""
    answer = bare.run("-m", "benchmarks.routing", "--quick", "--json")
    assert answer.returncode == 0, answer.stderr
    found: dict[str, Any] = json.loads(answer.stdout)
    return found


def test_quick_run_has_every_policy_on_every_family(quick: dict[str, Any]) -> None:
    seen = {(row["instance"], row["policy"]) for row in quick["figures"]}
    assert seen == {(instance, policy) for instance in catalogue.quick() for policy in POLICIES}
    assert {instance[0] for instance, _ in seen} == set(report.FAMILIES)


def test_nobody_does_better_than_the_optimum(quick: dict[str, Any]) -> None:
    assert [row for row in quick["figures"] if row["worst"] < row["optimum"]] == []


def test_the_rule_holds_its_bound_on_every_instance_of_one_territory(quick: dict[str, Any]) -> None:
    rows = [row for row in quick["figures"] if row["policy"] == "the rule" and row["instance"].startswith("A/")]
    assert len(rows) == 6
    assert [row for row in rows if row["worst"] > row["unit"] - row["unit"] // (2 * row["holders"] - 2)] == []


def test_two_runs_are_identical_but_for_the_time(quick: dict[str, Any]) -> None:
    """Another process, another hash seed, another share-out of the work: the same figures, hence the same tables."""
    some = ["A/uneven/4/200/0", "B1/0", "B3/0"]
    here = run(some, list(POLICIES), processes=1)
    known = [row for row in quick["figures"] if row["instance"] in some]
    assert {(row["instance"], row["policy"]): row for row in known} == by_instance(here)


def test_two_runs_with_known_departures_are_identical_but_for_the_time() -> None:
    here, again = (run(["A/uneven/4/200/0", "B1/0"], ["L = 8"], processes=processes) for processes in (1, 2))
    assert by_instance(here) == by_instance(again)
    assert report.text(here) == report.text(again)


def by_instance(results: list[Result]) -> dict[tuple[str, str], dict[str, Any]]:
    return {(result.instance, result.policy): result.figures() for result in results}
