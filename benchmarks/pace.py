"""What one decision costs in one process: ./run bench pace [--decided N] [--decisions K] [--json] [--write]

One transaction a decision, on a ledger that was just opened and on one where N were decided before; beside them,
PostgreSQL's own benchmark (pgbench) sends the same statements from one client, in rounds that take turns. Rows and
statements are the same on every machine; of the rest, only the ratio can be compared.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from statistics import median
from typing import TYPE_CHECKING

import django

from benchmarks.command_line import Parser
from benchmarks.page import put

if TYPE_CHECKING:
    from benchmarks.service.pace import Pace, Queue


def main(arguments: Sequence[str]) -> int:
    """The command line; 1 when pgbench fails."""
    parser = Parser("benchmarks.pace", "Ce que coûte une décision, seule dans sa transaction.")
    parser.add_argument(
        "--decided", type=int, default=50_000, metavar="N", help="décisions déjà prises du second compte"
    )
    parser.add_argument("--decisions", type=int, default=100, metavar="K", help="décisions par tour")
    parser.add_argument("--rounds", type=int, default=5, metavar="R", help="tours, chacun à côté de pgbench")
    parser.add_argument("--json", action="store_true", help="pour un programme")
    parser.add_argument("--write", action="store_true", help="écrit les chiffres dans docs/engine.md")
    options = parser.parse_args(arguments)
    django.setup()
    from benchmarks.service.measure import MeasureFailed  # models are there once Django is set up
    from benchmarks.service.pace import measured

    try:
        found = measured(decided=options.decided, decisions=options.decisions, rounds=options.rounds)
    except MeasureFailed as failure:
        sys.stderr.write(f"{failure}\n")
        return 1
    paces, queues = found
    if options.write:
        put("./run bench pace", markdown(paces, queues))
    if options.json:
        values = {
            "paces": [asdict(pace) | {"ratio": pace.ratio} for pace in paces],
            "clerks": [asdict(one) for one in queues],
        }
        sys.stdout.write(json.dumps(values, indent=1) + "\n")
    else:
        sys.stdout.write(markdown(paces, queues) + "\n")
    return 0


def markdown(found: Sequence[Pace], queues: Sequence[Queue]) -> str:
    """As a table of docs/engine.md, then where the time of each went, then how long people wait for each other."""
    heads = ["decided before", "statements", "rows looked at", "processor, ms", "here / pgbench, each round", "median"]
    heads.append("writer of the log ÷ decisions, median")
    lines = [f"| {' | '.join(heads)} |", f"|{' --: |' * len(heads)}"]
    for pace in found:
        rounds = ", ".join(f"{here:.0f} / {alone:.0f}" for here, alone in zip(pace.here, pace.alone, strict=False))
        counted = f"| {pace.decided} | {pace.statements} | {pace.rows} | {pace.milliseconds:.1f} "
        lines.append(f"{counted}| {rounds} | {pace.ratio:.2f} | {median(pace.log):.3f} |")
    lines += ["", "| decided before | " + " | ".join(found[0].parts) + " |", "| --: |" + " --: |" * len(found[0].parts)]
    lines += [f"| {pace.decided} | " + " | ".join(f"{part} %" for part in pace.parts.values()) + " |" for pace in found]
    lines += ["", "| seconds that each reads, of 16 clerks | a confirmation: p50, p95 (ms) |", "| --: | --: |"]
    lines += [f"| {one.breath:.0f} | {one.half:.0f}, {one.nearly_all:.0f} |" for one in queues]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
