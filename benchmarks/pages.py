"""What every page costs, small, at the size of a département and of a country: ./run bench pages [--size S] [--write]

Each person walks from its first page by links (`benchmarks.service.walked`), on the databases that `./run bench data`
keeps: statements, rows that the database looks at, bytes, elements, and time beside the barest list of Django asked in
between. Where a country is there, the people of the Aude ask it for the same addresses: what they read must not grow
with other départements. Milliseconds are the machine's; rows, and their slope between two sizes, can be compared.
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

import psycopg

from benchmarks.command_line import Parser
from benchmarks.data import HERE, SIZES, address_of, bring, is_made
from benchmarks.page import MEASURED, put

Measures = Sequence[Mapping[str, Any]]
Figures = dict[str, dict[str, Any]]

#: The sizes without which nothing is compared.
NEEDED = SIZES[:2]

#: Who reads what every département stores; the others are of the Aude.
OF_ALL = ("ACTION_LOGEMENT", "ADMINISTRATOR")

#: Rows at a country over rows at a département, for the same person: beyond, a page pays for other départements. Those
#: that read fewer than so many more are named, and no more.
STEEP, FEW = 1.2, 1_000


def main(arguments: Sequence[str]) -> int:
    """The command line; 1 when a database is not there."""
    parser = Parser("benchmarks.pages", "Ce que coûte chaque page, petite, d’un département, d’un pays.")
    parser.add_argument("--size", choices=SIZES[1:], help="jusqu’à cette taille ; sinon la plus grande qui est faite")
    parser.add_argument("--once", action="store_true", help="chaque adresse une fois : les lignes, sans attendre")
    parser.add_argument("--before", type=Path, metavar="FICHIER", help="les mesures d’avant, pour les comparer")
    parser.add_argument("--json", type=Path, metavar="FICHIER", help="y garder les mesures")
    parser.add_argument(
        "--write", action="store_true", help="écrit benchmarks/measured/pages.md et docs/performance.md"
    )
    parser.add_argument("names", nargs="*", metavar="PAGE", help="ces pages seulement, par le nom de leur adresse")
    options = parser.parse_args(arguments)
    wanted = SIZES[: SIZES.index(options.size) + 1] if options.size else NEEDED
    missing = [size for size in wanted if not is_made(size)]
    if missing:
        sys.stderr.write(f"Faites d’abord la base : ./run bench data --size {missing[-1]}\n")
        return 1
    kept = [*NEEDED, *(["france"] if "france" in wanted or (not options.size and is_made("france")) else [])]
    for size in kept:
        bring(size)
    once = ["--once"] if options.once else []
    found = {size: walked(size, [*once, *options.names]) for size in NEEDED}
    if "france" in kept:
        found["france"] = walked("france", [*once, "--again"], asked=found["departement"])
    if options.json:
        options.json.write_text(json.dumps(found, indent=0), encoding="utf-8")
    before = json.loads(options.before.read_text(encoding="utf-8")) if options.before else {}
    table = report(found, before)
    if options.write:
        put("./run bench pages", table, page="pages.md", folder=MEASURED)
        put("./run bench pages", summary(found), page="performance.md")
    sys.stdout.write(table + "\n")
    return 0


def walked(size: str, options: Sequence[str], *, asked: Measures | None = None) -> list[dict[str, Any]]:
    """The measures of one size, in a process that has its database. Raises CalledProcessError."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "benchmarks.service.walked", *options],
        cwd=HERE,
        env={**os.environ, "DATABASE_URL": address_of(size), "DJANGO_SETTINGS_MODULE": "config.settings"},
        input=json.dumps(asked).encode() if asked is not None else None,
        stdout=subprocess.PIPE,
        check=True,
    )
    read: list[dict[str, Any]] = json.loads(done.stdout)
    return read


def summary(found: Mapping[str, Measures]) -> str:
    """What the measures come to, as docs/performance.md has it: limits, sizes, people."""
    large, france = found["departement"], found.get("france", ())
    parts = [limits(large, "département"), by_person(large, "département")]
    if france:
        parts = [parts[0], limits(france, "country"), sizes(), parts[1], by_person(france, "country")]
    return "\n\n".join(parts)


def report(found: Mapping[str, Measures], before: Mapping[str, Measures]) -> str:
    """All the measures of each size, as benchmarks/measured/pages.md has them."""
    small, large, france = found["small"], found["departement"], found.get("france", ())
    parts = [limits(large, "département")]
    if france:
        parts += [limits(france, "country"), sizes(), steep(large, france)]
    parts += [markdown(small, large, france, before.get("departement", ())), by_person(large, "département")]
    if france:
        parts.append(by_person(france, "country"))
    return "\n\n".join(parts)


def answered(measures: Measures) -> list[Mapping[str, Any]]:
    return [each for each in measures if each["status"] == 200]


def worst(measures: Measures) -> Figures:
    """Of each page, the address and the person that it costs most, in rows then in time."""
    found: Figures = {}
    for each in answered(measures):
        one = found.setdefault(each["name"], dict(each))
        if (each["rows"], each["median"]) > (one["rows"], one["median"]):
            found[each["name"]] = dict(each)
    return found


def limits(measures: Measures, size: str) -> str:
    """How many pages pass the limits of time."""
    slowest = worst(measures).values()
    slow = [sum(each["median"] > limit for each in slowest) for limit in (100, 300)]
    return f"Of {len(slowest)} pages and files of a {size}, {slow[0]} take over 100 ms, {slow[1]} over 300."


def sizes() -> str:
    """What the two larger databases hold."""
    lines = ["| | landlords | units | vacancies | GB |", "| --- | --: | --: | --: | --: |"]
    for size in SIZES[1:]:
        with psycopg.connect(address_of(size), autocommit=True) as there:
            counted = there.execute(
                "SELECT (SELECT count(*) FROM reservations_landlord), (SELECT count(*) FROM flux_unit),"
                " (SELECT count(*) FROM flux_vacancy), pg_database_size(current_database())"
            ).fetchone()
        assert counted is not None
        lines.append(f"| {size} | {counted[0]} | {counted[1]} | {counted[2]} | {counted[3] / 10**9:.1f} |")
    return "\n".join(lines)


Key = tuple[str, str]


def by_key(measures: Measures) -> dict[Key, Mapping[str, Any]]:
    """By person and address."""
    return {(each["email"], each["address"]): each for each in measures}


def slope(low: Mapping[str, Any], high: Mapping[str, Any], name: str) -> float:
    """How many times as much, at the larger size."""
    return float(high[name]) / max(1.0, float(low[name]))


def steep(large: Measures, france: Measures) -> str:
    """The pages of the people of the Aude that pay for other départements, those that read most more first, and of
    which tables; and those that answer no more."""
    there, found, silent = by_key(france), dict[str, tuple[int, str]](), set[str]()
    for low in answered(large):
        high = there[low["email"], low["address"]]
        more = high["rows"] - low["rows"]
        if high["status"] != 200:
            silent.add(f"{low['name']} ({low['role'].lower()}: {high['status']})")
        elif low["role"] not in OF_ALL and slope(low, high, "rows") > STEEP:
            line = (
                f"| {low['name']} | {low['role'].lower()} | {low['rows']}, {high['rows']} "
                f"| {slope(low, high, 'rows'):.1f} | {low['median']:.0f}, {high['median']:.0f} | {high['most']} |"
            )
            found[low["name"]] = max((more, line), found.get(low["name"], (0, "")))
    few = sorted(name for name, (more, _) in found.items() if more < FEW)
    rows = [f"Of the people of the Aude, {len(found)} pages read over {STEEP} times as much for other départements"]
    rows[0] += f"; fewer than {FEW} rows more: {', '.join(few) or 'none'}."
    if silent:
        rows.append(f"Without an answer at the size of a country: {', '.join(sorted(silent))}.")
    lines = [line for more, line in sorted(found.values(), reverse=True) if more >= FEW]
    if lines:
        rows += ["", "| page | who | rows: département, country | slope | ms | of which |"]
        rows += ["| --- | --- | --: | --: | --: | --- |", *lines]
    return "\n".join(rows)


def markdown(small: Measures, large: Measures, france: Measures, before: Measures) -> str:
    """The table of every page, the most rows first. With a country, of each page the person of the Aude that it
    costs most, and what those who read everything cost there."""
    tiny, old, there = worst(small), worst(before), by_key(france)
    of_all = worst([each for each in france if each["role"] in OF_ALL])
    of_the_aude = worst([each for each in large if each["role"] not in OF_ALL]) if france else {}
    rows = worst(large) | of_the_aude
    named = "small, département" + (", country" if france else "")
    columns = ["page", "who", "statements", f"rows: {named}"]
    columns += ["slope", "those who read all"] * bool(france) + ["rows before"] * bool(before)
    columns += [f"ms: {named}"] + ["slope"] * bool(france) + ["ms before"] * bool(before)
    columns += ["× bare list", "kB", "nodes"]
    lines = [f"| {' | '.join(columns)} |", f"| --- | --- |{' --: |' * (len(columns) - 2)}"]
    for name, each in sorted(rows.items(), key=lambda item: -item[1]["rows"]):
        high = there.get((each["email"], each["address"]), {})
        three = [tiny.get(name, {}), each, *([high] if france else [])]
        cells = [
            name,
            each["role"].lower(),
            str(each["statements"]),
            ", ".join(_figure_words(one, "rows") for one in three),
        ]
        if france:
            theirs = name in of_the_aude and bool(high)
            cells += [
                f"{slope(each, high, 'rows'):.1f}" if theirs else "–",
                _figure_words(of_all.get(name, {}), "rows"),
            ]
        cells += [_figure_words(old.get(name, {}), "rows")] * bool(before)
        cells.append(", ".join(_figure_words(one, "median") for one in three))
        cells += [f"{slope(each, high, 'median'):.1f}" if high else "–"] * bool(france)
        cells += [_figure_words(old.get(name, {}), "median")] * bool(before)
        cells += [f"{each['median'] / each['bare']:.1f}" if each["bare"] else "–"]
        cells += [str(each["bytes"] // 1000), str(each["nodes"] or "–")]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def by_person(measures: Measures, size: str) -> str:
    """A table: of all that each person came to by links, half takes at most p50, 1 in 20 more than p95."""
    lines = [f"| who, of a {size} | pages and files | ms: p50, p95 | longest |", "| --- | --: | --: | --- |"]
    for who in dict.fromkeys(each["role"] for each in measures):
        read = sorted((each for each in answered(measures) if each["role"] == who), key=_median)
        if len(read) > 1:
            cuts = statistics.quantiles(map(_median, read), n=20, method="inclusive")
            longest = f"{read[-1]['name']}, {read[-1]['median']:.0f}"
            lines.append(f"| {who.lower()} | {len(read)} | {cuts[9]:.0f}, {cuts[18]:.0f} | {longest} |")
    return "\n".join(lines)


def _median(measure: Mapping[str, Any]) -> float:
    return float(measure["median"])


def _figure_words(figures: Mapping[str, Any], name: str) -> str:
    return f"{figures[name]:.0f}" if name in figures else "–"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
