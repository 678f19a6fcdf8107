"""FluxBench, and the rule on a flow that somebody brings:

    python -m benchmarks.routing --instance FICHIER     one JSON line a vacancy: {"id", "holder", "reason"}, and
                                                        "known" when the file says what is known ahead
    python -m benchmarks.routing [--quick] [--json]     the benchmark, as tables or as JSON
    python -m benchmarks.routing --write                … and docs/engine.md, with its drawing, from its figures

Any Python from 3.12: the standard library and the pure engine only. Exit codes: 0 done, 2 a bad file or command line.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks import report
from benchmarks.command_line import Parser
from benchmarks.fluxbench import run
from benchmarks.instance_file import BadInstance, read
from benchmarks.instances import catalogue
from benchmarks.instances.flow import Flow
from benchmarks.page import write
from benchmarks.policies import POLICIES, decided

#: Draws of each family that the published figures rest on.
SEEDS = 10


def decisions(flow: Flow) -> Iterator[dict[str, str | int]]:
    """What the rule says of each vacancy, in order, its own decisions being followed; how many departures were known,
    when the file says something of it."""
    for vacancy, decision, known in decided(flow):
        values: dict[str, str | int] = {"id": vacancy.id, "holder": decision.holder, "reason": decision.reason}
        yield values | {"known": known} if flow.foresees else values


def route(path: Path) -> int:
    """Route the flow of a file and print each decision; nothing at all when the file is bad."""
    try:
        flow = read(path)
    except BadInstance as error:
        sys.stderr.write(f"{path} : {error}\n")
        return 2
    try:
        for decision in decisions(flow):
            sys.stdout.write(json.dumps(decision) + "\n")
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return 0


def bench(*, quick: bool, as_json: bool, to_docs: bool, processes: int | None, seeds: int) -> int:
    """Run FluxBench and print its tables."""
    results = run(catalogue.quick() if quick else catalogue.full(seeds), list(POLICIES), processes=processes)
    if as_json:
        shown = {
            "figures": [result.figures() for result in results],
            "seconds": {f"{result.instance} | {result.policy}": result.seconds for result in results},
        }
        sys.stdout.write(json.dumps(shown, ensure_ascii=False, indent=1) + "\n")
    else:
        sys.stdout.write(f"{report.text(results)}\n{report.times(results)}")
    if to_docs:
        write(results)
    return 0


def main(arguments: Sequence[str]) -> int:
    """The command line."""
    parser = Parser("benchmarks.routing", "FluxBench : la règle d’orientation, mesurée.")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--instance", type=Path, metavar="FICHIER", help="oriente les logements d’un fichier JSON")
    what.add_argument("--quick", action="store_true", help="quelques instances, en moins d’une minute")
    what.add_argument("--write", action="store_true", help="récrit les chiffres de docs/engine.md et leur dessin")
    parser.add_argument("--json", action="store_true", help="pour un programme")
    parser.add_argument("--seeds", type=int, default=SEEDS, metavar="N", help="combien de tirages de chaque famille")
    parser.add_argument("--processes", type=int, metavar="N", help="combien de processus (autant que de processeurs)")
    options = parser.parse_args(arguments)
    if options.instance is not None:
        return route(options.instance)
    return bench(
        quick=options.quick,
        as_json=options.json,
        to_docs=options.write,
        processes=options.processes,
        seeds=options.seeds,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
