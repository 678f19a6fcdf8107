"""Units whose candidates one follows, in the words of their list."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from attributions.households.pages.stage import NAMES
from attributions.households.queries.file_list import FileRow

#: Words of the states that take an « s » when there are several.
AGREEING = ("transmise", "instruite", "prête", "retenue", "envoyée", "acceptée", "terminée", "libérée")


@dataclass(frozen=True, slots=True)
class FileLine:
    """A line of the list: its stage, and how many candidates are in each state."""

    row: FileRow
    stage: str
    states: list[tuple[str, int]]


def file_lines(rows: Iterable[FileRow]) -> list[FileLine]:
    """Rows as the list says them. No query."""
    return [
        FileLine(row, NAMES[row.stage], [(agreed(str(status.label), number), number) for status, number in row.states])
        for row in rows
    ]


def agreed(label: str, number: int) -> str:
    """« transmise », « transmises »: a state as it is said of so many candidates."""
    if number < 2:
        return label
    for word in (*AGREEING, "offre"):
        label = label.replace(word, f"{word}s")
    return label
