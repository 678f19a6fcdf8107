"""What a decision leaves in the database: ./run bench storage [--decisions N] [--json]

The same flow decided under windows of 1 (version 1), 8 and 16: bytes of what was read and stated, as JSON text and as
PostgreSQL keeps them, a decision. In a database of its own, thrown away.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict

import django

from benchmarks.command_line import Parser


def main(arguments: Sequence[str]) -> int:
    """The command line; 1 when a decision takes more than it may."""
    parser = Parser("benchmarks.storage", "Ce qu’une décision laisse dans la base, en octets.")
    parser.add_argument("--decisions", type=int, default=500, metavar="N", help="logements à orienter par mesure")
    parser.add_argument("--json", action="store_true", help="pour un programme")
    options = parser.parse_args(arguments)
    django.setup()
    from benchmarks.service.storage import MOST, measured  # models are there once Django is set up

    found = measured(decisions=options.decisions)
    if options.json:
        sys.stdout.write(json.dumps([asdict(each) for each in found], indent=1) + "\n")
    else:
        sys.stdout.write(
            f"{'known together':16}{'situation':>12}{'ranking':>10}{'plan':>8}{'row kept':>10}{'table':>8}\n"
        )
        for each in found:
            sys.stdout.write(
                f"{each.window:<16}{each.situation:12}{each.ranking:10}{each.plan:8}{each.row:10}{each.table:8}\n"
            )
    return int(any(each.table > MOST for each in found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
