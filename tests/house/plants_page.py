"""docs/plants.md: which tests see each of the sixty faults, as `tests/house/planting.py` found it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tests.house.plants import ROOT, Plant, where
from tests.house.plants_by_kind import FAULTS

PAGE = ROOT / "docs/plants.md"
HEAD = """# Faults planted

Sixty realistic faults of sixteen kinds, each of them planted in a copy of the tree: do the tests see it? This page is
written by the command that plants them, never by hand:

    .venv/bin/python -m tests.house.planting --nearest --write         # by the tests beside the module, one by one
    .venv/bin/python -m tests.house.planting --batch --whole --write   # by all the tests, in batches

Nearest: the test modules that `tests/house/plants_by_kind.py` names beside the fault; whole: all of them. –: not asked.
A fault that nothing near it sees wants a test there. {count}

| kind | module | fault | nearest | whole | test that saw it |
| --- | --- | --- | --- | --- | --- |
"""
NOT_ASKED, SEEN, MISSED = "–", "seen", "missed"


@dataclass(frozen=True)
class Verdict:
    """The test that saw a fault, "" for none, among the nearest tests or the `whole` of them."""

    plant: Plant
    test: str
    whole: bool = False


def known() -> dict[str, list[str]]:
    """What the page says already of each fault: nearest, whole, and the test."""
    if not PAGE.exists():
        return {}
    rows = [line.strip("| ").split(" | ") for line in PAGE.read_text(encoding="utf-8").splitlines() if " | " in line]
    ours = {plant.what for plant in FAULTS}
    return {row[2]: row[3:] for row in rows if len(row) == 6 and row[2] in ours}


def write(verdicts: Iterable[Verdict]) -> None:
    """Put these verdicts on the page, beside what it says of the others."""
    said = known()
    for verdict in verdicts:
        nearest, whole, test = said.get(verdict.plant.what, [NOT_ASKED, NOT_ASKED, ""])
        sign = SEEN if verdict.test else MISSED
        nearest, whole = (nearest, sign) if verdict.whole else (sign, whole)
        if verdict.test and not (verdict.whole and nearest == SEEN):
            test = f"`{verdict.test}`"
        elif not verdict.whole and sign == MISSED:
            test = ""
        said[verdict.plant.what] = [nearest, whole, test]
    rows = list(_rows(said))
    PAGE.write_text(HEAD.format(count=_count(said)) + "\n".join(rows) + "\n", encoding="utf-8")


def _rows(said: dict[str, list[str]]) -> Iterator[str]:
    for plant in FAULTS:
        found = [str(path.relative_to(ROOT)) for path in where(plant.anchor)]
        about = said.get(plant.what, [NOT_ASKED, NOT_ASKED, ""])
        yield f"| {' | '.join([plant.kind, f'`{found[0]}`' if found else '', plant.what, *about])} |"


def _count(said: dict[str, list[str]]) -> str:
    nearest = [said[each.what][0] for each in FAULTS if each.what in said]
    whole = [said[each.what][1] for each in FAULTS if each.what in said]
    return (
        f"By the nearest, {nearest.count(SEEN)} of {len(FAULTS)}; by the whole, {whole.count(SEEN)} of "
        f"{len(whole) - whole.count(NOT_ASKED)} asked."
    )
