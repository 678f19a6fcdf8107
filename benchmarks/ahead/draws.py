"""Forty draws of each family and of each scene of a life, blind then with eight departures known: the mean, the worst,
and the draw that is worst."""

from __future__ import annotations

import multiprocessing
from statistics import mean

from benchmarks.ahead import life
from benchmarks.ahead.windows import DRAWS, FAMILIES, KNOWN
from benchmarks.fluxbench import run_one
from benchmarks.policies import WINDOWS

#: A family or a scene, how many departures are known, a seed.
Task = tuple[str, int, int]
#: The worst deviation of each, in units.
Drawn = dict[Task, float]

SCENES = {scene.name: scene for scene in life.SCENES}


def tasks() -> list[Task]:
    """Every draw, in the order of the table."""
    return [(line, known, seed) for line in (*FAMILIES, *SCENES) for known in (1, KNOWN) for seed in range(DRAWS)]


def follow(task: Task) -> float:
    """The worst deviation of one draw, in units."""
    line, known, seed = task
    if line in SCENES:
        return life.run(SCENES[line], known, seed).worst
    found = run_one((named(line, seed), WINDOWS[known]))
    return found.metrics.worst / found.unit


def named(line: str, seed: int) -> str:
    """The name of a draw, by which anybody follows it again: that of its instance, or its scene’s seed."""
    return f"life/{seed}" if line in SCENES else f"{FAMILIES[line]}/{seed}"


def drawn(processes: int | None) -> Drawn:
    """All of them."""
    every = tasks()
    if processes == 1:
        return dict(zip(every, map(follow, every), strict=True))
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        return dict(zip(every, pool.map(follow, every, chunksize=1), strict=True))


def markdown(found: Drawn) -> str:
    """One line a family or a scene; of draws that are equal, the first is named."""
    rows = [
        f"| family, or what happens | draws | {WINDOWS[1]}: mean / worst | the draw that is worst "
        f"| {WINDOWS[KNOWN]}: mean / worst | the draw that is worst |",
        "| --- | --: | --: | --- | --: | --- |",
    ]
    for line in (*FAMILIES, *SCENES):
        cells = [
            _cells(line, {seed: far for (each, of, seed), far in found.items() if (each, of) == (line, known)})
            for known in (1, KNOWN)
        ]
        rows.append(f"| {line} | {DRAWS} | {' | '.join(cells)} |")
    return "\n".join(rows)


def _cells(line: str, far: dict[int, float]) -> str:
    worst = max(far, key=lambda seed: far[seed])
    return f"{mean(far.values()):.2f} / {far[worst]:.2f} | `{named(line, worst)}`"
