"""What every page costs, small and at the size of a département: ./run bench pages [--before FILE] [--write]

Each person walks from its first page by links (`benchmarks.service.walked`), on the databases that `./run bench data`
keeps: statements, rows that the database looks at, bytes, elements, and time beside the barest list of Django asked in
between. Milliseconds are the machine's; rows, and the ratio between the two sizes, are what can be compared.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.command_line import Parser
from benchmarks.data import HERE, SIZES, address_of, is_made
from benchmarks.page import put

Figures = dict[str, dict[str, Any]]


def main(arguments: Sequence[str]) -> int:
    """The command line; 1 when a database is not there."""
    parser = Parser("benchmarks.pages", "Ce que coûte chaque page, petite et à la taille d’un département.")
    parser.add_argument("--before", type=Path, metavar="FICHIER", help="les mesures d’avant, pour les comparer")
    parser.add_argument("--json", type=Path, metavar="FICHIER", help="y garder les mesures")
    parser.add_argument("--write", action="store_true", help="écrit le tableau dans docs/performance.md")
    parser.add_argument("names", nargs="*", metavar="PAGE", help="ces pages seulement, par le nom de leur adresse")
    options = parser.parse_args(arguments)
    missing = [size for size in SIZES if not is_made(size)]
    if missing:
        sys.stderr.write(f"Faites d’abord la base : ./run bench data --size {missing[-1]}\n")
        return 1
    found = {size: walked(size, options.names) for size in SIZES}
    if options.json:
        options.json.write_text(json.dumps(found, indent=0), encoding="utf-8")
    before = json.loads(options.before.read_text(encoding="utf-8")) if options.before else {}
    table = markdown(worst(found["small"]), worst(found["departement"]), worst(before.get("departement", [])))
    table += "\n\n" + by_person(found["departement"])
    if options.write:
        put("./run bench pages", table, page="performance.md")
    sys.stdout.write(table + "\n")
    return 0


def walked(size: str, names: Sequence[str]) -> list[dict[str, Any]]:
    """The measures of one size, in a process that has its database. Raises CalledProcessError."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "benchmarks.service.walked", *names],
        cwd=HERE,
        env={**os.environ, "DATABASE_URL": address_of(size), "DJANGO_SETTINGS_MODULE": "config.settings"},
        stdout=subprocess.PIPE,
        check=True,
    )
    read: list[dict[str, Any]] = json.loads(done.stdout)
    return read


def worst(measures: Sequence[Mapping[str, Any]]) -> Figures:
    """Of each page, the address and the person that it costs most, in rows then in time."""
    found: Figures = {}
    for each in measures:
        if each["status"] == 200:
            one = found.setdefault(each["name"], dict(each))
            if (each["rows"], each["median"]) > (one["rows"], one["median"]):
                found[each["name"]] = dict(each)
    return found


def markdown(small: Figures, large: Figures, before: Figures) -> str:
    """A table of docs/performance.md, the most rows first, and how many pages pass the limits."""
    slow = [sum(each["median"] > limit for each in large.values()) for limit in (100, 300)]
    lines = [
        f"Of {len(large)} pages and files at the larger size, {slow[0]} take over 100 ms, {slow[1]} over 300.",
        "",
        "| page | who | statements | rows: small, département | rows before | ms: small, département | ms before "
        "| × bare list | kB | nodes |",
        "| --- | --- | --: | --: | --: | --: | --: | --: | --: | --: |",
    ]
    for name, each in sorted(large.items(), key=lambda item: -item[1]["rows"]):
        low, old = small.get(name, {}), before.get(name, {})
        ratio = f"{each['median'] / each['bare']:.1f}" if each["bare"] else "–"
        lines.append(
            f"| {name} | {each['role'].lower()} | {each['statements']} | {_said(low, 'rows')}, {each['rows']} "
            f"| {_said(old, 'rows')} | {_said(low, 'median')}, {each['median']:.0f} | {_said(old, 'median')} | {ratio} "
            f"| {each['bytes'] // 1000} | {each['nodes'] or '–'} |"
        )
    return "\n".join(lines)


def by_person(measures: Sequence[Mapping[str, Any]]) -> str:
    """A table: of all that each person came to by links at the larger size, half takes at most p50, 1 in 20 more than
    p95."""
    lines = ["| who | pages and files | ms: p50, p95 | longest |", "| --- | --: | --: | --- |"]
    for who in dict.fromkeys(each["role"] for each in measures):
        read = sorted((each for each in measures if each["role"] == who and each["status"] == 200), key=_median)
        if len(read) > 1:
            cuts = statistics.quantiles(map(_median, read), n=20, method="inclusive")
            longest = f"{read[-1]['name']}, {read[-1]['median']:.0f}"
            lines.append(f"| {who.lower()} | {len(read)} | {cuts[9]:.0f}, {cuts[18]:.0f} | {longest} |")
    return "\n".join(lines)


def _median(measure: Mapping[str, Any]) -> float:
    return float(measure["median"])


def _said(figures: Mapping[str, Any], name: str) -> str:
    return f"{figures[name]:.0f}" if name in figures else "–"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
