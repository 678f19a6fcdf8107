"""The figures of FluxBench as tables: for a terminal, and for docs/engine.md."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.fluxbench import Result

#: What each family is, in a heading.
FAMILIES = {
    "A": "A. One territory",
    "B": "B. Département, EPCI and communes",
    "C": "C. The same, by runs, commune after commune, by season",
    "D": "D. Three holders in ten refuse the PLS or the T5+",
    "E": "E. Fully reserved: nothing for the landlord",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One policy over the instances of a family; units of housing, means over instances unless stated otherwise."""

    policy: str
    instances: int
    worst: float
    worst_of_all: float
    reserved: float
    ratio: float
    year_end: float
    late: float
    chi2: float
    gap: float
    gap_of_all: float
    ties: float

    @property
    def cells(self) -> list[str]:
        """As the table shows them."""
        return [
            f"{self.worst:.2f} ({self.worst_of_all:.2f})",
            f"{self.reserved:.2f}",
            f"{self.ratio:.2f}×",
            f"{self.year_end:.2f}",
            f"{100 * self.late:.1f} %",
            f"{self.chi2:.2f}",
            f"{self.gap:.1f} ({self.gap_of_all:.1f})",
            f"{100 * self.ties:.1f} %",
        ]


HEADER = [
    "policy",
    "worst deviation: mean (worst)",
    "without the landlord",
    "to the optimum",
    "year end",
    "owed a unit",
    "χ² of the mix",
    "category gap: mean (worst)",
    "ties",
]


def line(policy: str, results: Sequence[Result]) -> Line:
    """Sum up a policy over some instances."""

    def mean(value: Callable[[Result], float]) -> float:
        return sum(map(value, results)) / len(results)

    return Line(
        policy=policy,
        instances=len(results),
        worst=mean(lambda r: r.metrics.worst / r.unit),
        worst_of_all=max(r.metrics.worst / r.unit for r in results),
        reserved=mean(lambda r: r.metrics.worst_reserved / r.unit),
        ratio=mean(lambda r: r.metrics.worst / r.optimum if r.optimum else 1.0),
        year_end=mean(lambda r: r.metrics.year_end / r.unit),
        late=mean(lambda r: r.metrics.late / r.metrics.moments),
        chi2=mean(lambda r: r.metrics.chi2 / r.metrics.freedom if r.metrics.freedom else 0.0),
        gap=mean(lambda r: r.metrics.gap / r.unit),
        gap_of_all=max(r.metrics.gap / r.unit for r in results),
        ties=mean(lambda r: r.ties / r.vacancies),
    )


def lines(results: Sequence[Result]) -> dict[str, list[Line]]:
    """{family: one line a policy}, in the order of the results."""
    found: dict[str, dict[str, list[Result]]] = {}
    for result in results:
        found.setdefault(result.instance[0], {}).setdefault(result.policy, []).append(result)
    return {family: [line(policy, those) for policy, those in policies.items()] for family, policies in found.items()}


def text(results: Sequence[Result]) -> str:
    """The tables for a terminal: the same at each run."""
    parts = []
    for family, found in lines(results).items():
        rows = [HEADER, *([row.policy, *row.cells] for row in found)]
        widths = [max(len(row[column]) for row in rows) for column in range(len(HEADER))]
        shown = [
            "  ".join([row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True))])
            for row in rows
        ]
        parts.append("\n".join([_heading(family, found), *shown]))
    return "\n\n".join(parts) + "\n"


def _heading(family: str, found: Sequence[Line]) -> str:
    return f"{FAMILIES[family]} ({found[0].instances} instance{'s' if found[0].instances > 1 else ''})"


def times(results: Sequence[Result]) -> str:
    """Time per decision: the machine’s, different at each run."""
    policies = dict.fromkeys(result.policy for result in results)
    shown = []
    for policy in policies:
        those = [result for result in results if result.policy == policy]
        spent, decided = sum(r.seconds for r in those), sum(r.vacancies for r in those)
        shown.append(f"{policy:45} {1e6 * spent / decided:9.1f} µs")
    return "\n".join(["Time per decision, on this machine", *shown]) + "\n"


def markdown(results: Sequence[Result]) -> str:
    """The tables for docs/engine.md."""
    parts = []
    for family, found in lines(results).items():
        rows = [HEADER, ["---", *["--:"] * (len(HEADER) - 1)], *(_marked(row) for row in found)]
        table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
        parts.append(f"**{_heading(family, found)}**\n\n{table}")
    return "\n\n".join(parts) + "\n"


def _marked(row: Line) -> list[str]:
    cells = [row.policy, *row.cells]
    return [f"**{cell}**" for cell in cells] if row.policy == "the rule" else cells
