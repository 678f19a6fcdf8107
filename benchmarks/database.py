"""Decisions per second through Celery and PostgreSQL: ./run bench database [--decisions N] [--json] [--write]

Two workers, on one ledger and on sixteen, as in production (up to 500 decisions a transaction) and with one transaction
a decision; beside them, PostgreSQL's own benchmark (pgbench) sending the same statements from two clients. Real
services, with their data safe on disk. Figures are the machine's; the ratio is what can be compared.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import django

from benchmarks.command_line import Parser
from benchmarks.page import put

if TYPE_CHECKING:
    from benchmarks.service.measure import Figure


def main(arguments: Sequence[str]) -> int:
    """The command line; 1 when something could not be measured."""
    parser = Parser("benchmarks.database", "Décisions par seconde, base de données et file comprises.")
    parser.add_argument("--decisions", type=int, default=4000, metavar="N", help="logements à orienter par mesure")
    parser.add_argument("--json", action="store_true", help="pour un programme")
    parser.add_argument("--write", action="store_true", help="écrit les chiffres dans docs/engine.md")
    options = parser.parse_args(arguments)
    django.setup()
    from benchmarks.service.measure import MeasureFailed, measured  # models are there once Django is set up

    try:
        found = measured(decisions=options.decisions)
    except MeasureFailed as failure:
        sys.stderr.write(f"{failure}\n")
        return 1
    if options.write:
        put("./run bench database", markdown(found))
    if options.json:
        rows = [asdict(figure) | {"ratio": figure.ratio} for figure in found]
        sys.stdout.write(json.dumps(rows, indent=1) + "\n")
        return 0
    sys.stdout.write(f"{'decisions a second':20}{'by 500':>10}{'one by one':>14}{'pgbench':>12}{'ratio':>8}\n")
    for figure in found:
        name = f"{figure.ledgers} ledger{'s' if figure.ledgers > 1 else ''}"
        sys.stdout.write(
            f"{name:20}{figure.batched:10.0f}{figure.one_by_one:14.0f}{figure.alone:12.0f}{figure.ratio:8.2f}\n"
        )
    return 0


def markdown(found: Sequence[Figure]) -> str:
    """The same as a table of docs/engine.md."""
    lines = ["| decisions a second, 2 workers | by 500 | one a transaction | pgbench, same statements | ratio |"]
    lines += ["| --- | --: | --: | --: | --: |"]
    lines += [
        f"| {each.ledgers} ledger{'s' if each.ledgers > 1 else ''} | {each.batched:.0f} | {each.one_by_one:.0f} "
        f"| {each.alone:.0f} | {each.ratio:.2f} |"
        for each in found
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
