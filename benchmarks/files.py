"""How fast the long files stream: ./run bench files [--lines N] [--json]

The list of freed units and « Pourquoi pas nous ? », as a commune reads them of one landlord, in a database
of their own, thrown away: lines a second, by the clock and by the processor of the site.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict

import django

from benchmarks.command_line import Parser


def main(arguments: Sequence[str]) -> int:
    """The command line; 1 when a file is slower than it may be."""
    parser = Parser("benchmarks.files", "Combien de lignes par seconde donnent les longs fichiers.")
    parser.add_argument("--lines", type=int, default=20_000, metavar="N", help="lignes de chaque fichier, au moins")
    parser.add_argument("--json", action="store_true", help="pour un programme")
    options = parser.parse_args(arguments)
    django.setup()
    from benchmarks.service.streamed import LEAST, measured  # models are there once Django is set up

    found = measured(lines=options.lines)
    if options.json:
        sys.stdout.write(json.dumps([asdict(each) for each in found], indent=1) + "\n")
    else:
        sys.stdout.write(f"{'file':16}{'lines':>8}{'kB':>8}{'lines/s':>10}{'of processor':>14}{'at least':>10}\n")
        for each in found:
            sys.stdout.write(
                f"{each.name:16}{each.lines:8}{each.bytes // 1000:8}{each.pace:10}{each.processor_pace:14}{LEAST:10}\n"
            )
    return int(any(each.pace < LEAST for each in found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
