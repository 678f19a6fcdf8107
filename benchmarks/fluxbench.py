"""FluxBench: every policy on every instance, on every processor, in an order that does not depend on speed."""

from __future__ import annotations

import multiprocessing
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

from benchmarks.instances.catalogue import build
from benchmarks.instances.flow import Flow
from benchmarks.metrics import Metrics, measure
from benchmarks.optimum import optimum
from benchmarks.policies import COURSES, largest_delay


@dataclass(frozen=True, slots=True)
class Result:
    """One policy on one instance. `seconds` is how long it took: the only figure that two runs may not share."""

    instance: str
    policy: str
    unit: int
    vacancies: int
    holders: int
    metrics: Metrics
    optimum: int
    ties: int
    seconds: float

    def figures(self) -> dict[str, Any]:
        """Everything but the time, as plain data."""
        found = asdict(self) | asdict(self.metrics)
        return {name: value for name, value in found.items() if name not in {"metrics", "seconds"}}


@lru_cache(maxsize=2)
def _flow(name: str) -> Flow:
    return build(name)


def run_one(task: tuple[str, str]) -> Result:
    """One policy on one instance; the optimum is left at 0. « optimum » is a policy that only has that."""
    name, policy = task
    flow = _flow(name)
    began = time.perf_counter()
    if policy == "optimum":
        best = optimum(flow, reached=measure(flow, largest_delay(flow).holders).worst)
        nothing = Metrics(best, 0, 0, 0, 0, 0, 0, 0.0, 0)
        return Result(name, policy, flow.unit, 0, 0, nothing, best, 0, time.perf_counter() - began)
    course = COURSES[policy](flow)
    seconds = time.perf_counter() - began
    return Result(
        instance=name,
        policy=policy,
        unit=flow.unit,
        vacancies=len(flow.vacancies),
        holders=len(flow.ranks),
        metrics=measure(flow, course.holders),
        optimum=0,
        ties=course.ties,
        seconds=seconds,
    )


def run(instances: Sequence[str], policies: Sequence[str], *, processes: int | None = None) -> list[Result]:
    """Every policy on every instance, in that order. Progress goes to stderr.

    `processes` is how many work at once (all processors, when None); 1 works here, without another process.
    """
    tasks = [(instance, policy) for instance in instances for policy in ("optimum", *policies)]
    results: list[Result] = []
    if processes == 1:
        results += map(run_one, tasks)
    else:
        with multiprocessing.get_context("spawn").Pool(processes) as pool:
            for result in pool.imap(run_one, tasks, chunksize=1):
                results.append(result)
                if result.policy == "optimum":
                    sys.stderr.write(f"{len(results):5}/{len(tasks)}  {result.instance}\n")
    best = {result.instance: result.optimum for result in results if result.policy == "optimum"}
    return [_with_optimum(result, best[result.instance]) for result in results if result.policy != "optimum"]


def _with_optimum(result: Result, best: int) -> Result:
    return Result(**{name: getattr(result, name) for name in Result.__slots__ if name != "optimum"}, optimum=best)
