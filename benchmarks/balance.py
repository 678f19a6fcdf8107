"""What the pages of the annual balance cost: ./run bench balance [--vacancies N] [--json] [--write]

One landlord with 5,000 vacancies of the year and one with 50,000, whose descriptions are the same ten times over: same
cells. Their totals are compared with a count made apart from the acts; then each page is asked twenty times through
Django, database included. Milliseconds are the machine's; the ratio between the two is what can be compared.
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
    from benchmarks.service.balances import Found, Page


def main(arguments: Sequence[str]) -> int:
    """The command line; 1 when totals do not agree."""
    parser = Parser("benchmarks.balance", "Ce que coûte une page du bilan annuel, et si ses totaux sont justes.")
    parser.add_argument("--vacancies", type=int, default=50_000, metavar="N", help="logements libérés au plus")
    parser.add_argument("--json", action="store_true", help="pour un programme")
    parser.add_argument("--write", action="store_true", help="écrit les chiffres dans docs/engine.md")
    options = parser.parse_args(arguments)
    django.setup()
    from benchmarks.service.balances import measured  # models are there once Django is set up

    found = measured(vacancies=options.vacancies)
    if options.write:
        put("./run bench balance", markdown(found))
    if options.json:
        sys.stdout.write(json.dumps(asdict(found), indent=1) + "\n")
    else:
        sys.stdout.write(markdown(found) + "\n")
    return 0 if found.agree else 1


def pairs(found: Found) -> list[tuple[Page, Page]]:
    """Each page on few vacancies, then on many."""
    half = len(found.pages) // 2
    return list(zip(found.pages[:half], found.pages[half:], strict=True))


def markdown(found: Found) -> str:
    """A table of docs/engine.md."""
    few, many = found.pages[0], found.pages[-1]
    lines = [
        f"| page | queries | {few.vacancies} vacancies, {few.cells} cells: median, 95th (ms) "
        f"| {many.vacancies} vacancies, {many.cells} cells: median, 95th (ms) | ratio |",
        "| --- | --: | --: | --: | --: |",
    ]
    lines += [
        f"| {one.name} | {one.queries}, {other.queries} | {one.median:.0f}, {one.worst:.0f} "
        f"| {other.median:.0f}, {other.worst:.0f} | {other.median / one.median:.2f} |"
        for one, other in pairs(found)
    ]
    verdict = "are" if found.agree else "are NOT"
    return "\n".join([*lines, "", f"Totals on every axis {verdict} those counted apart from the acts."])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
