"""Plan.

* The plan of the site: every page that the navigation of a role leads to, and those that anybody reads.
* Help: what each role does on its first day, and ten things that it does later, each with its page.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.urls import reverse

from attributions.navigation import SHELLS, settled_by
from reservations.models import Membership, User

#: What anybody reads, signed in or not.
PUBLIC = (
    ("rule", "La règle d’orientation expliquée"),
    ("log", "Le journal vérifiable"),
    ("help", "Aide"),
    ("contact", "Contact"),
    ("accessibility", "Accessibilité"),
    ("legal-notice", "Mentions légales"),
    ("terms", "Conditions d’utilisation"),
    ("personal-data", "Données personnelles"),
    ("site-plan", "Plan du site"),
)
#: What whoever is signed in finds beside.
SIGNED_IN = (
    ("glossary", "Lexique"),
    ("own-account", "Votre compte"),
    ("people-history", "Historique du compte"),
    ("mail-choice", "Vos courriels"),
)

Entries = list[tuple[str, str]]


def plan(user: User, member: Membership | None) -> list[tuple[str, Entries]]:
    """(title, its pages as (address, words)) of each part, for this reader: nothing that would not open."""
    parts: list[tuple[str, list[tuple[str, str]]]] = []
    if member is not None:
        entries, sections = SHELLS[Membership.Role(member.role)]
        parts = [("Navigation principale", entries), *sections, ("Ce que vous réglez", settled_by(member))]
    if user.is_authenticated:
        parts.append(("Vous", list(SIGNED_IN)))
    else:
        parts.append(("Entrer", [("sign-in", "Se connecter")]))
    parts.append(("Le service", list(PUBLIC)))
    return [(title, [(reverse(name), words) for name, words in entries]) for title, entries in parts if entries]


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
