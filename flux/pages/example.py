"""A worked example of the rule: a small fixed situation, decided by the engine itself, so that the page cannot lie."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial

from flux.engine import versions
from flux.engine.counters import Counter, Counters, Waiting
from flux.engine.window import KNOWN_DEADLINE, KNOWN_MIX
from flux.words import gap
from reservations.models.convention import UNIT
from reservations.pages.pieces import bold
from reservations.pages.table import Head, Rows, Shown, Table, Text
from reservations.words import percent

#: (id, name, share): one territory, constant quotas; the landlord has the rest.
HOLDERS = (
    ("state", "État", 250_000),
    ("als", "Action Logement", 200_000),
    ("city", "Ville", 120_000),
    ("landlord", "Non réservé", 430_000),
)
LANDLORD = "landlord"
INSIDE = {LANDLORD: "le bailleur (non réservé)"}

#: Units in the order in which they fall vacant, again and again: typology, financing, district.
DIMENSIONS = ("typology", "financing", "qpv")
UNITS = (
    ("T3", "PLUS", "hors QPV"),
    ("T2", "PLAI", "en QPV"),
    ("T3", "PLUS", "hors QPV"),
    ("T4", "PLUS", "en QPV"),
    ("T2", "PLUS", "hors QPV"),
    ("T3", "PLAI", "hors QPV"),
    ("T1", "PLUS", "hors QPV"),
    ("T3", "PLUS", "en QPV"),
    ("T4", "PLS", "hors QPV"),
    ("T5", "PLUS", "hors QPV"),
    ("T2", "PLUS", "en QPV"),
)

#: Where the promise is proved.
SOURCE = "Tijdeman, 1980 ; Cembrano, Correa, Griesbach, Verdugo, arXiv 2510.14752"

#: Departures known at each decision; units of the table, and of the year that the promise is checked on.
KNOWN, SHOWN, YEAR = 8, 10, 300

#: The rule that the page states.
VERSION = versions.version_of(KNOWN)


@dataclass(frozen=True, slots=True)
class ExampleStep:
    """One unit: where it went and why, then the gap of each holder, in millionths."""

    number: int
    unit: str
    reason: str
    holder: str
    sentence: str
    gaps: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """The first units of a year, the first one of which the `known` departures changed the destination, and how far the
    year went from what was due, at the furthest."""

    names: tuple[str, ...]
    shares: tuple[int, ...]
    steps: tuple[ExampleStep, ...]
    by_plan: ExampleStep
    known: int
    units: int
    widest: int
    bound: int
    version: int
    source: str


def _categories(number: int) -> dict[str, str]:
    """What the unit of this number is."""
    return dict(zip(DIMENSIONS, UNITS[(number - 1) % len(UNITS)], strict=True))


@cache
def example() -> Example:
    """Run the example. No query, always the same result."""
    counters = Counters(unit=UNIT, landlord=LANDLORD, dimensions=DIMENSIONS)
    counters.holders = {
        key: Counter(name=name, rank=rank, inside=INSIDE.get(key, name)) for rank, (key, name, _) in enumerate(HOLDERS)
    }
    shares = {key: share for key, _, share in HOLDERS}
    steps: list[ExampleStep] = []
    widest = 0
    for number in range(1, YEAR + 1):
        categories = _categories(number)
        counters.accrue(shares, categories)
        waiting = [Waiting(str(each), each, shares, _categories(each)) for each in range(number + 1, number + KNOWN)]
        facts = counters.situation(shares, categories, sequence=number, waiting=waiting, window=KNOWN)
        decision = versions.VERSIONS[VERSION](facts)
        counters.receive(decision.holder, categories, sequence=number)
        gaps = tuple(counter.due - UNIT * counter.received for counter in counters.holders.values())
        widest = max(widest, *(abs(gap) for gap in gaps))
        name = counters.holders[decision.holder].name
        steps.append(
            ExampleStep(
                number, " ".join(categories.values()), decision.reason, name, versions.say(facts, decision), gaps
            )
        )
    return Example(
        names=tuple(name for _, name, _ in HOLDERS),
        shares=tuple(share for _, _, share in HOLDERS),
        steps=tuple(steps[:SHOWN]),
        by_plan=next(step for step in steps if step.reason in {KNOWN_DEADLINE, KNOWN_MIX}),
        known=KNOWN,
        units=YEAR,
        widest=widest,
        bound=UNIT - UNIT // (2 * len(HOLDERS) - 2),
        version=VERSION,
        source=SOURCE,
    )


def example_table(worked: Example) -> Table:
    """A unit a row, below the shares: where it went, why, and the gap of each holder then."""
    title = "Où va chaque logement, et ce qu’il reste alors à chacun"
    note = "Écart = dû − reçu, en logements : + reste à recevoir, − d’avance. La somme de chaque ligne est nulle."
    return Rows(
        worked.steps,
        Shown[ExampleStep](
            Head("Logement", "nw all"),
            lambda step: Text(f"n° {step.number}", step.unit),
            above=Text("Part du flux", span=2),
        ),
        Shown[ExampleStep](
            Head("Destination, et pourquoi", label=""), lambda step: Text(bold(step.holder), step.sentence)
        ),
        *(
            Shown[ExampleStep](Head(name, "n"), partial(_gap, at=at), above=percent(share))
            for at, (name, share) in enumerate(zip(worked.names, worked.shares, strict=True))
        ),
    ).titled("", title, note)


def _gap(step: ExampleStep, *, at: int) -> str:
    """What is then left to one holder."""
    return gap(step.gaps[at])
