"""tests/house/plants.csv: which tests see each of the sixty faults, as `tests/house/planting.py` found it."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass

from tests.house.plants import ROOT, Plant
from tests.house.plants_by_kind import FAULTS

FILE = ROOT / "tests/house/plants.csv"
HEADS = ("fault", "nearest", "whole", "test")
NOT_ASKED, SEEN, MISSED = "–", "seen", "missed"


@dataclass(frozen=True)
class Verdict:
    """The test that saw a fault, "" for none, among the nearest tests or the `whole` of them."""

    plant: Plant
    test: str
    whole: bool = False


def known() -> dict[str, list[str]]:
    """What the file holds already of each fault: nearest, whole, and the test."""
    if not FILE.exists():
        return {}
    ours = {plant.what for plant in FAULTS}
    with FILE.open(encoding="utf-8", newline="") as file:
        return {row[0]: row[1:] for row in csv.reader(file, delimiter=";") if row[0] in ours}


def write(verdicts: Iterable[Verdict]) -> None:
    """Put these verdicts in the file, beside what it holds of the others."""
    found = known()
    for verdict in verdicts:
        nearest, whole, test = found.get(verdict.plant.what, [NOT_ASKED, NOT_ASKED, ""])
        sign = SEEN if verdict.test else MISSED
        nearest, whole = (nearest, sign) if verdict.whole else (sign, whole)
        if verdict.test and not (verdict.whole and nearest == SEEN):
            test = verdict.test
        elif not verdict.whole and sign == MISSED:
            test = ""
        found[verdict.plant.what] = [nearest, whole, test]
    with FILE.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, delimiter=";", lineterminator="\n")
        rows.writerow(HEADS)
        rows.writerows([plant.what, *found.get(plant.what, [NOT_ASKED, NOT_ASKED, ""])] for plant in FAULTS)
