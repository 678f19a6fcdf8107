"""How far each family of flows goes from what was promised, by how many departures are known at each decision."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.fluxbench import Result, run
from benchmarks.policies import WINDOWS
from benchmarks.report import Line, line

#: What each line of the table is, and its instances.
FAMILIES = {
    "A one territory, 8 holders": "A/usual/8/1000",
    "A one territory, 8 holders, uneven": "A/uneven/8/1000",
    "A one territory, 30 holders": "A/usual/30/1000",
    "B1 2 EPCI, 5 communes, 200 vacancies": "B1",
    "B2 4 EPCI, 12 communes, 1,000 vacancies": "B2",
    "B3 10 EPCI, 50 communes, 500 vacancies": "B3",
    "B4 10 EPCI, 50 communes, 2,000 vacancies": "B4",
    "C bursty": "C/bursty",
    "C sorted by commune": "C/sorted",
    "C seasonal": "C/seasonal",
    "D refusals, one territory": "D/A",
    "D refusals, territories": "D/B",
    "E fully reserved, one territory": "E/A",
    "E fully reserved, territories": "E/B",
}

#: So many draws of each family are followed blind, then with so many departures known: five say little of the worst.
DRAWS, KNOWN = 40, 8

#: By name of the family: one line for each window, in order, and the mean of the optimum in units.
Table = dict[str, tuple[list[Line], float]]


def instances(seeds: int) -> list[str]:
    """Every instance of the table."""
    return [f"{stem}/{seed}" for stem in FAMILIES.values() for seed in range(seeds)]


def measured(seeds: int, processes: int | None) -> list[Result]:
    """Every family, every window."""
    return run(instances(seeds), list(WINDOWS.values()), processes=processes)


def table(results: Sequence[Result]) -> Table:
    """The figures by family."""
    found: Table = {}
    for family, stem in FAMILIES.items():
        those = [result for result in results if result.instance.rpartition("/")[0] == stem]
        lines = [line(name, [result for result in those if result.policy == name]) for name in WINDOWS.values()]
        best = [result.optimum / result.unit for result in those]
        found[family] = lines, sum(best) / len(best)
    return found


def markdown(results: Sequence[Result]) -> str:
    """The worst deviation by window, then what the mix gains."""
    usual, known = list(WINDOWS).index(1), list(WINDOWS).index(8)
    rows = [
        f"| family | optimum | {' | '.join(WINDOWS.values())} | category gap, L = 1 → 8 | χ², L = 1 → 8 |",
        "| --- |" + " --: |" * (3 + len(WINDOWS)),
    ]
    for family, (lines, best) in table(results).items():
        worst = " | ".join(f"{each.worst:.2f} / {each.worst_of_all:.2f}" for each in lines)
        before, after = lines[usual], lines[known]
        rows.append(
            f"| {family} | {best:.2f} | {worst} | {before.gap:.1f} → {after.gap:.1f} "
            f"| {before.chi2:.2f} → {after.chi2:.2f} |"
        )
    return "\n".join(rows)
