"""How long one decision takes in pure Python: python -m benchmarks.speed [--profile] [--json] [--write]

The whole of it: dues credited, the situation frozen, the decision, its sentence, the unit counted. Version 1 of the
rule, version 2 with eight departures known, and beside them the largest delay alone, on the same counters. Medians of
the time that the processor gives to it; no database, no queue.
"""

from __future__ import annotations

import cProfile
import json
import pstats
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.command_line import Parser
from benchmarks.instances.catalogue import build
from benchmarks.instances.flow import Flow
from benchmarks.page import put
from benchmarks.policies import USUAL_WINDOW, ledger_of, waiting_in
from flux.engine.facts import Situation
from flux.engine.versions import VERSIONS, say, version_of


@dataclass(frozen=True, slots=True)
class Place:
    """Where it is measured, and how long a decision of version 2 may take there, in milliseconds."""

    name: str
    instance: str
    target: float


PLACES = (
    Place("territories: 10 EPCI, 50 communes", "B4/0", 1.0),
    Place("60 holders over the département, usual shares", "A/usual/60/2000/0", 4.0),
    Place("60 holders over the département, uneven shares", "A/uneven/60/2000/0", 4.0),
)


def by_the_rule(situation: Situation) -> str:
    """The product: who, and why in one sentence, under the version that fits what is known."""
    decision = VERSIONS[version_of(situation.departures)](situation)
    say(situation, decision)
    return decision.holder


def by_largest_delay(situation: Situation) -> str:
    """The textbook: no guard, no profile, no reason, no ranking."""
    eligible = [h for h in situation.holders if (h.share > 0 and h.may_take) or h.id == situation.landlord]
    return max(eligible, key=lambda h: (h.delay(situation.unit), -h.rank)).id


def seconds(flow: Flow, choose: Callable[[Situation], str], window: int = 1) -> list[float]:
    """The time of each step of a flow, in seconds, so many departures being known at each."""
    counters, waiting = ledger_of(flow), waiting_in(flow)
    found = []
    for number, vacancy in enumerate(flow.vacancies):
        began = time.process_time()
        counters.accrue(vacancy.shares, vacancy.categories)
        holder = choose(
            counters.situation(
                vacancy.shares,
                vacancy.categories,
                sequence=number + 1,
                may_take=vacancy.may_take,
                place=vacancy.place,
                waiting=waiting[number + 1 : number + window],
                window=window,
            )
        )
        counters.receive(holder, vacancy.categories, sequence=number + 1)
        found.append(time.process_time() - began)
    return found


def measured() -> list[dict[str, str | float]]:
    """Median times by place, in milliseconds, and what version 2 takes beside version 1."""
    found: list[dict[str, str | float]] = []
    for place in PLACES:
        flow = build(place.instance)
        largest, first, second = (
            statistics.median(seconds(flow, choose, window)) * 1000
            for choose, window in ((by_largest_delay, 1), (by_the_rule, 1), (by_the_rule, USUAL_WINDOW))
        )
        found.append(
            {
                "place": place.name,
                "largest_delay_ms": round(largest, 4),
                "version_1_ms": round(first, 4),
                "version_2_ms": round(second, 4),
                "ratio": round(second / first, 2),
                "target_ms": place.target,
            }
        )
    return found


#: What the tables show of each row, by heading.
COLUMNS = {
    "largest delay alone": "largest_delay_ms",
    "version 1": "version_1_ms",
    f"version 2, {USUAL_WINDOW} known": "version_2_ms",
    "ratio": "ratio",
    "may take": "target_ms",
}


def markdown(found: Sequence[Mapping[str, str | float]]) -> str:
    """The same as a table of docs/engine.md."""
    lines = [
        f"| one decision, median, in ms | {' | '.join(COLUMNS)} |",
        f"| --- | {' | '.join(['--:'] * len(COLUMNS))} |",
    ]
    lines += [f"| {' | '.join(str(row[name]) for name in ('place', *COLUMNS.values()))} |" for row in found]
    return "\n".join(lines)


def profile() -> None:
    """Where the time goes, place by place."""
    for place in PLACES:
        profiler = cProfile.Profile()
        profiler.runcall(seconds, build(place.instance), by_the_rule, USUAL_WINDOW)
        sys.stdout.write(f"\n{place.name}\n")
        pstats.Stats(profiler, stream=sys.stdout).strip_dirs().sort_stats("tottime").print_stats(12)


def main(arguments: Sequence[str]) -> int:
    """The command line; 1 when a decision of version 2 takes longer than it may."""
    parser = Parser("benchmarks.speed", "Durée d’une décision de la règle.")
    parser.add_argument("--profile", action="store_true", help="dit où passe le temps")
    parser.add_argument("--json", action="store_true", help="pour un programme")
    parser.add_argument("--write", action="store_true", help="écrit les chiffres dans docs/engine.md")
    options = parser.parse_args(arguments)
    if options.profile:
        profile()
        return 0
    found = measured()
    if options.write:
        put("python -m benchmarks.speed", markdown(found))
    if options.json:
        sys.stdout.write(json.dumps(found, ensure_ascii=False, indent=1) + "\n")
    else:
        sys.stdout.write(f"{'one decision, median, in ms':48}{''.join(f'{name:>22}' for name in COLUMNS)}\n")
        for row in found:
            figures = "".join(f"{row[name]:>22}" for name in COLUMNS.values())
            sys.stdout.write(f"{row['place']:48}{figures}\n")
    return 1 if any(float(row["version_2_ms"]) > float(row["target_ms"]) for row in found) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
