"""Lines a second through the one door for files: ./run bench imports [--lines N] [--killed] [--json]

A landlord's RPLS file of so many units, received, checked, confirmed and written by the acts of the product, on a real
PostgreSQL; the same file again, which changes nothing; beside them, the same lines by plain COPY into a bare table of
text. `--killed`: a worker of its own is killed (kill -9) once half is read, then in the middle of its writing, and the
import goes on from there: it must end with exactly the units of the file. Memory is the most that the process held.
Figures are the machine's; the ratio is what can be compared.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict

import django

from benchmarks.command_line import Parser


def main(arguments: Sequence[str]) -> int:
    """The command line; 1 when what is written is not what the file says."""
    parser = Parser("benchmarks.imports", "Lignes par seconde par la porte des fichiers, et mémoire.")
    parser.add_argument("--lines", type=int, default=200_000, metavar="N", help="logements du fichier")
    parser.add_argument("--killed", action="store_true", help="tue le travailleur (kill -9) au milieu, deux fois")
    parser.add_argument("--json", action="store_true", help="pour un programme")
    options = parser.parse_args(arguments)
    django.setup()
    from benchmarks.service.imports import measured  # models are there once Django is set up

    found = measured(lines=options.lines, killed=options.killed)
    if options.json:
        sys.stdout.write(json.dumps(asdict(found), indent=1) + "\n")
    else:
        for phase in found.phases:
            sys.stdout.write(
                f"{phase.name:28}{phase.seconds:9.1f} s{phase.rate:12.0f} lines/s"
                f"{phase.processor:9.1f} s of processor here\n"
            )
        sys.stdout.write(f"units: {found.units}, the same file again changes nothing: {found.exact}\n")
        sys.stdout.write(f"most memory held: {found.megabytes:.0f} MB (before: {found.before:.0f} MB)\n")
    return 0 if found.exact else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
