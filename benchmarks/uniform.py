"""What it brings to ask for uniformity over communes (CCH, R441-5-2, II), and what it costs elsewhere.

./run bench uniform [--draws N] [--processes N] [--write]: families of FluxBench, the State's two contingents asking for
it or not, blind then with eight departures known. Standard library and the pure engine only; the same figures always.
"""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import mean

from benchmarks import page
from benchmarks.command_line import Parser
from benchmarks.instances.catalogue import build
from benchmarks.instances.flow import Flow
from benchmarks.metrics import measure
from benchmarks.policies import the_rule

COMMAND = "./run bench uniform"

STATE = frozenset({"ETAT", "AGENTS"})
WINDOWS = (1, 8)
DRAWS = 8
FAMILIES = {
    "B1 2 EPCI, 5 communes, 200 vacancies": "B1",
    "B2 4 EPCI, 12 communes, 1,000 vacancies": "B2",
    "B3 10 EPCI, 50 communes, 500 vacancies": "B3",
    "C bursty": "C/bursty",
    "E fully reserved, territories": "E/B",
}


@dataclass(frozen=True, slots=True)
class Found:
    """One year, in units: the State's largest gap in a commune, in another category; that of the others in any; the
    largest |dû − reçu| of anybody at any moment."""

    communes: float
    kinds: float
    others: float
    worst: float


#: The name of an instance, how many departures are known, whether the State asks.
Task = tuple[str, int, bool]


def follow(task: Task) -> Found:
    """One year of one instance."""
    name, known, asks = task
    flow = replace(build(name), window=known, uniform=STATE if asks else frozenset())
    holders = the_rule(flow).holders
    gaps = _gaps(flow, holders)
    return Found(
        communes=_largest(flow, {cell: gap for cell, gap in gaps.items() if cell[0] in STATE and cell[1] == "commune"}),
        kinds=_largest(flow, {cell: gap for cell, gap in gaps.items() if cell[0] in STATE and cell[1] != "commune"}),
        others=_largest(flow, {cell: gap for cell, gap in gaps.items() if cell[0] not in STATE}),
        worst=measure(flow, holders).worst / flow.unit,
    )


def _gaps(flow: Flow, holders: Sequence[str]) -> dict[tuple[str, str, str], int]:
    """Category due − unit × category received, by holder, dimension and category, once the year is over."""
    gaps: dict[tuple[str, str, str], int] = {}
    for vacancy, chosen in zip(flow.vacancies, holders, strict=True):
        moved = {holder: share - flow.unit * (holder == chosen) for holder, share in vacancy.shares.items()}
        moved.setdefault(chosen, -flow.unit)
        for holder, change in moved.items():
            for dimension, category in vacancy.categories.items():
                cell = (holder, dimension, category)
                gaps[cell] = gaps.get(cell, 0) + change
    return gaps


def _largest(flow: Flow, gaps: Mapping[tuple[str, str, str], int]) -> float:
    return max(map(abs, gaps.values()), default=0) / flow.unit


def tasks(draws: int) -> list[Task]:
    """Every year, in the order of the table."""
    return [
        (f"{stem}/{seed}", known, asks)
        for stem in FAMILIES.values()
        for known in WINDOWS
        for asks in (False, True)
        for seed in range(draws)
    ]


def measured(draws: int, processes: int | None) -> dict[Task, Found]:
    """All of them."""
    every = tasks(draws)
    if processes == 1:
        return dict(zip(every, map(follow, every), strict=True))
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        return dict(zip(every, pool.map(follow, every, chunksize=1), strict=True))


def markdown(found: Mapping[Task, Found], draws: int) -> str:
    """One line a family and a window: without the clause → with it."""
    rows = [
        f"| family ({draws} draws) | known | the State, communes | the State, other categories | the others "
        "| worst deviation |",
        "| --- | --: | --: | --: | --: | --: |",
    ]
    for family, stem in FAMILIES.items():
        for known in WINDOWS:
            years = [[found[f"{stem}/{seed}", known, asks] for seed in range(draws)] for asks in (False, True)]
            cells = [
                " → ".join(f"{mean(getattr(year, name) for year in those):.2f}" for those in years)
                for name in Found.__slots__
            ]
            rows.append(f"| {family} | {known} | {' | '.join(cells)} |")
    return "\n".join(rows)


def main(arguments: Sequence[str]) -> int:
    """The command line."""
    parser = Parser("benchmarks.uniform", "Ce que l’uniformité d’une commune à l’autre apporte, et coûte ailleurs.")
    parser.add_argument("--draws", type=int, default=DRAWS, metavar="N", help="combien de tirages de chaque ligne")
    parser.add_argument("--processes", type=int, metavar="N", help="combien de processus (autant que de processeurs)")
    parser.add_argument("--write", action="store_true", help="récrit les chiffres de docs/engine.md")
    options = parser.parse_args(arguments)
    table = markdown(measured(options.draws, options.processes), options.draws)
    sys.stdout.write(table + "\n")
    if options.write:
        page.put(COMMAND, table)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
