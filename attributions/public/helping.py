"""Help: what each role does on its first day, and ten things that it does later, each with its page."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.urls import reverse

from reservations.models import Membership

HELP = Path(__file__).with_name("help.csv")


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do, how, and the address of the page where it is done."""

    title: str
    how: str
    url: str


@cache
def _rows() -> tuple[dict[str, str], ...]:
    with HELP.open(encoding="utf-8", newline="") as lines:
        return tuple(csv.DictReader(lines, delimiter=";"))


def tasks(role: str, part: str) -> list[Task]:
    """What the role does: on its first day (`part` « jour »), or later (« tâche »)."""
    return [
        Task(row["title"], row["how"], reverse(row["address"]))
        for row in _rows()
        if row["part"] == part and role in row["roles"].split()
    ]


def by_role() -> list[tuple[str, list[str]]]:
    """For whoever is not signed in: each role, and what it comes to do."""
    return [(str(role.label), [task.title for task in tasks(role, "tâche")]) for role in Membership.Role]
