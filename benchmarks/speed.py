"""How long one decision takes in pure Python: python -m benchmarks.speed [--profile] [--json] [--write]

The whole of it: dues credited, the situation frozen, the decision, its sentence, the unit counted. Beside it, the
largest delay alone, on the same counters and the same frozen situation. Medians; no database, no queue.
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
from benchmarks.policies import ledger_of
from flux.engine.facts import Situation
from flux.engine.versions import CURRENT, VERSIONS
from flux.engine.wording import sentence


@dataclass(frozen=True, slots=True)
class Place:
    """Where it is measured, and how long a decision may take there, in milliseconds."""

    name: str
    instance: str
    target: float


PLACES = (
    Place("territories: 10 EPCI, 50 communes", "B4/0", 0.2),
    Place("60 holders over the département, usual shares", "A/usual/60/2000/0", 10.0),
    Place("60 holders over the département, uneven shares", "A/uneven/60/2000/0", 10.0),
)


def by_the_rule(situation: Situation) -> str:
    """The product: who, and why in one sentence."""
    decision = VERSIONS[CURRENT](situation)
    sentence(situation, decision)
    return decision.holder


def by_largest_delay(situation: Situation) -> str:
    """The textbook: no guard, no profile, no reason, no ranking."""
    eligible = [h for h in situation.holders if (h.share > 0 and h.may_take) or h.id == situation.landlord]
    return max(eligible, key=lambda h: (h.delay(situation.unit), -h.rank)).id


def seconds(flow: Flow, choose: Callable[[Situation], str]) -> list[float]:
    """The time of each step of a flow, in seconds."""
    counters = ledger_of(flow)
    found = []
    for sequence, vacancy in enumerate(flow.vacancies, 1):
        began = time.perf_counter()
        counters.accrue(vacancy.shares, vacancy.categories)
        holder = choose(
            counters.situation(
                vacancy.shares,
                vacancy.categories,
                sequence=sequence,
                may_take=vacancy.may_take,
                place=vacancy.place,
            )
        )
        counters.receive(holder, vacancy.categories, sequence=sequence)
        found.append(time.perf_counter() - began)
    return found


def measured() -> list[dict[str, str | float]]:
    """Median times by place, in milliseconds, and their ratio."""
    found: list[dict[str, str | float]] = []
    for place in PLACES:
        flow = build(place.instance)
        rule = statistics.median(seconds(flow, by_the_rule)) * 1000
        largest = statistics.median(seconds(flow, by_largest_delay)) * 1000
        found.append(
            {
                "place": place.name,
                "rule_ms": round(rule, 4),
                "largest_delay_ms": round(largest, 4),
                "ratio": round(rule / largest, 2),
                "target_ms": place.target,
            }
        )
    return found


def markdown(found: Sequence[Mapping[str, str | float]]) -> str:
    """The same as a table of docs/engine.md."""
    lines = ["| one decision, median, in ms | the rule | largest delay alone | ratio | may take |"]
    lines += ["| --- | --: | --: | --: | --: |"]
    names = ("place", "rule_ms", "largest_delay_ms", "ratio", "target_ms")
    lines += [f"| {' | '.join(str(row[name]) for name in names)} |" for row in found]
    return "\n".join(lines)


def profile() -> None:
    """Where the time goes, place by place."""
    for place in PLACES:
        profiler = cProfile.Profile()
        profiler.runcall(seconds, build(place.instance), by_the_rule)
        sys.stdout.write(f"\n{place.name}\n")
        pstats.Stats(profiler, stream=sys.stdout).strip_dirs().sort_stats("tottime").print_stats(12)


def main(arguments: Sequence[str]) -> int:
    """The command line; 1 when a decision takes longer than it may."""
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
        sys.stdout.write(
            f"{'one decision, median':48}{'the rule':>12}{'largest delay':>16}{'ratio':>8}{'may take':>12}\n"
        )
        for row in found:
            sys.stdout.write(
                f"{row['place']:48}{row['rule_ms']:9.3f} ms{row['largest_delay_ms']:13.3f} ms{row['ratio']:8.1f}"
                f"{row['target_ms']:9.1f} ms\n"
            )
    return 1 if any(float(row["rule_ms"]) > float(row["target_ms"]) for row in found) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
