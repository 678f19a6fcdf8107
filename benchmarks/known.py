"""What it brings to know departures ahead: ./run bench known [--seeds N] [--draws] [--processes N] [--json] [--write]

Four tables: by how many are known, by how long one waits for them, against a clerk who holds some back, and when life
is not a sequence of vacancies. Standard library and the pure engine only; the same figures at each run.
`--draws` follows forty draws of each family and scene instead, blind then with eight departures known, and names the
worst: about an hour of one processor.
"""

from __future__ import annotations

import json
import multiprocessing
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from benchmarks import page
from benchmarks.ahead import arrivals, chart, drawer, draws, life, windows
from benchmarks.command_line import Parser
from benchmarks.fluxbench import Result

COMMAND = "./run bench known"

#: Draws that the published figures rest on.
SEEDS = 5

#: What one process does at a time: a table, a line of it, a seed.
Task = tuple[str, int, int]

LINES: dict[str, Sequence[Any]] = {
    "arrivals": arrivals.POLICIES,
    "drawer": drawer.CLERKS,
    "life": [(scene, window) for scene in life.SCENES for window in (1, 8)],
}


def run_one(task: Task) -> Any:
    """One year of one line."""
    table, number, seed = task
    if table == "life":
        scene, window = LINES[table][number]
        return life.run(scene, window, seed)
    years: dict[str, Callable[[Any, int], Any]] = {"arrivals": arrivals.run, "drawer": drawer.run}
    return years[table](LINES[table][number], seed)


def run(seeds: int, processes: int | None) -> dict[str, list[list[Any]]]:
    """The years of each line of the three last tables, in order."""
    tasks = [(table, number, seed) for table in LINES for number in range(len(LINES[table])) for seed in range(seeds)]
    if processes == 1:
        done = list(map(run_one, tasks))
    else:
        with multiprocessing.get_context("spawn").Pool(processes) as pool:
            done = pool.map(run_one, tasks, chunksize=1)
    found: dict[str, list[list[Any]]] = {table: [[] for _ in lines] for table, lines in LINES.items()}
    for (table, number, _), year in zip(tasks, done, strict=True):
        found[table][number].append(year)
    return found


def markdown(results: Sequence[Result], years: dict[str, list[list[Any]]], seeds: int) -> str:
    """The four tables of docs/engine.md."""
    lived = [(scene, window, those) for (scene, window), those in zip(LINES["life"], years["life"], strict=True)]
    return "\n\n".join(
        [
            "**By how many departures are known**: worst deviation of any holder at any moment, in units, mean / worst "
            f"({seeds} draws)",
            windows.markdown(results),
            "**By how long one waits for others to be known**",
            arrivals.markdown(list(zip(arrivals.POLICIES, years["arrivals"], strict=True))),
            "**Against a clerk who holds units back**",
            drawer.markdown(list(zip(drawer.CLERKS, years["drawer"], strict=True))),
            "**When life is not a sequence of vacancies**",
            life.markdown(lived),
        ]
    )


def main(arguments: Sequence[str]) -> int:
    """The command line."""
    parser = Parser("benchmarks.known", "Ce qu’apportent les départs connus d’avance.")
    parser.add_argument("--seeds", type=int, default=SEEDS, metavar="N", help="combien de tirages de chaque ligne")
    parser.add_argument("--draws", action="store_true", help="quarante tirages de chaque famille, et le pire")
    parser.add_argument("--json", action="store_true", help="pour un programme")
    parser.add_argument("--write", action="store_true", help="récrit les chiffres de docs/engine.md et leur dessin")
    parser.add_argument("--processes", type=int, metavar="N", help="combien de processus (autant que de processeurs)")
    options = parser.parse_args(arguments)
    if options.draws:
        found = draws.markdown(draws.drawn(options.processes))
        sys.stdout.write(found + "\n")
        if options.write:
            page.put(f"{COMMAND} --draws", found)
        return 0
    results = windows.measured(options.seeds, options.processes)
    years = run(options.seeds, options.processes)
    if options.json:
        shown = {
            "windows": [result.figures() for result in results],
            **{table: [[asdict(year) for year in those] for those in lines] for table, lines in years.items()},
        }
        sys.stdout.write(json.dumps(shown, ensure_ascii=False, indent=1) + "\n")
    else:
        sys.stdout.write(markdown(results, years, options.seeds) + "\n")
    if options.write:
        page.put(COMMAND, markdown(results, years, options.seeds))
        (page.DOCS / "images" / chart.FILE).write_text(chart.svg(windows.table(results)), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
