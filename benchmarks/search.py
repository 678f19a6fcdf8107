"""What the search costs among 675,000 units: ./run bench search [--units N] [--write]

The same words are typed by the same people in a copy of the demonstration, then again once each of its units is
written there under other references, until there are so many: the median of what an answer takes, and their ratio.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlencode

import django
import psycopg
from psycopg import sql

from benchmarks.command_line import Parser
from benchmarks.data import copy, is_made
from benchmarks.page import put

SMALL, NAME = "small", "bench_search"
UNITS, TURNS, MOST = 675_000, 9, 100
#: What each copy of a unit has of its own.
OWN = {"reference": "reference || '-' || again", "rpls_id": "''", "street_index": "street_index || 'Z' || again"}


def main(arguments: Sequence[str]) -> int:
    """The command line; 1 when the demonstration is not there."""
    parser = Parser("benchmarks.search", "Ce que coûte la recherche parmi beaucoup de logements.")
    parser.add_argument("--units", type=int, default=UNITS, metavar="N", help="combien de logements")
    parser.add_argument("--write", action="store_true", help="écrit le tableau dans docs/performance.md")
    options = parser.parse_args(arguments)
    if not is_made(SMALL):
        sys.stderr.write(f"Faites d’abord la base : ./run bench data --size {SMALL}\n")
        return 1
    copy(SMALL, NAME)
    django.setup()
    few = list(typed())
    units = multiply(options.units)
    table = markdown(few, list(typed()), units)
    if options.write:
        put("./run bench search", table, page="performance.md")
    sys.stdout.write(table + "\n")
    return 0


def multiply(wanted: int) -> int:
    """How many units there are, at least as many as wanted."""
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as database:
        (units,) = database.execute("SELECT count(*) FROM flux_unit").fetchone() or (1,)
        columns = database.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = 'flux_unit' AND column_name <> 'id'"
        ).fetchall()
        database.execute("SET session_replication_role = replica")  # in bulk: no trigger writes an imprint of each
        database.execute(
            sql.SQL("INSERT INTO flux_unit ({}) SELECT {} FROM flux_unit, generate_series(1, {}) again").format(
                sql.SQL(", ").join(sql.Identifier(name) for (name,) in columns),
                sql.SQL(", ").join(sql.SQL(OWN[name]) if name in OWN else sql.Identifier(name) for (name,) in columns),
                sql.Literal(-(-wanted // units) - 1),
            )
        )
        database.execute("VACUUM ANALYZE flux_unit")
        (units,) = database.execute("SELECT count(*) FROM flux_unit").fetchone() or (0,)
    return int(units)


def typed() -> Iterator[tuple[str, str, float]]:
    """(words, role, median of the milliseconds of an answer), for each person."""
    from django.conf import settings
    from django.urls import reverse

    from benchmarks.service.walked import TYPED, people, signed_in

    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    for person, role in people():
        client = signed_in(person)
        for words in TYPED:
            address = f"{reverse('search')}?{urlencode({'q': words})}"
            if client.get(address).status_code == 200:
                yield words, role.lower(), statistics.median(took(client, address) for _ in range(TURNS))


def took(client: Any, address: str) -> float:
    began = time.perf_counter()
    client.get(address)
    return 1000 * (time.perf_counter() - began)


def markdown(few: Sequence[tuple[str, str, float]], many: Sequence[tuple[str, str, float]], units: int) -> str:
    """One line for what was typed: the person to whom it is slowest."""
    before = {(words, role): took for words, role, took in few}
    lines = [
        f"{units:,} units; {MOST} ms wanted.",
        "",
        "| typed | slowest for | ms | on the demonstration | ratio |",
        "| --- | --- | --: | --: | --: |",
    ]
    for words in dict.fromkeys(words for words, _, _ in many):
        role, worst = max(((role, took) for each, role, took in many if each == words), key=lambda each: each[1])
        alone = before[words, role]
        lines.append(f"| {words} | {role} | {worst:.0f} | {alone:.0f} | {worst / alone:.2f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
