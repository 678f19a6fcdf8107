"""What was found against the 106 criteria of the RGAA 4.1.2, one by one: `rgaa.csv`, which docs/rgaa.md shows.

A criterion is met, by what a test holds (`C`), not met (`NC`), still to be read by a person (`R`), which is not met
until then, or does not apply (`NA`); `how` says by which test, or on which pages.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

CRITERIA = Path(__file__).with_name("rgaa.csv")

#: The day on which the criteria were gone through.
READ_ON = date(2026, 11, 27)

MET, NOT_MET, TO_READ, DOES_NOT_APPLY = "C", "NC", "R", "NA"

#: Arrêté du 20 septembre 2019: what a service says of itself, by the share of criteria that are met.
WHOLLY, PARTLY, NOT = "totalement conforme", "partiellement conforme", "non conforme"

#: Twenty pages to read, each as whom, in the order of the statement.
SAMPLE = (
    ("Se connecter", "sans compte"),
    ("Contact", "sans compte"),
    ("Mentions légales", "sans compte"),
    ("Accessibilité", "sans compte"),
    ("Aide", "agent de l’État"),
    ("Plan du site", "agent de l’État"),
    ("Données personnelles", "sans compte"),
    ("Accueil", "agent de l’État"),
    ("Accueil, logements à décider", "bailleur"),
    ("Fiche d’un logement orienté", "bailleur"),
    ("Liste des logements libérés", "réservataire"),
    ("Candidats d’un logement", "réservataire"),
    ("Compte d’un réservataire", "réservataire"),
    ("Convention", "bailleur"),
    ("Rédiger une convention", "bailleur"),
    ("Bilan annuel", "agent de l’État"),
    ("Graphiques du bilan", "agent de l’État"),
    ("Séance de la commission", "bailleur"),
    ("Recherche", "réservataire"),
    ("Paramètres de droit", "exploitant"),
)


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion: its number, its question, what was found, and how it was checked."""

    number: str
    title: str
    answer: str
    how: str


@dataclass(frozen=True, slots=True)
class Conformity:
    """How many criteria apply, how many of them are met, how many a person is still to read, and what the service says
    of itself."""

    met: int
    to_read: int
    applying: int
    state: str


@cache
def criteria() -> tuple[Criterion, ...]:
    """All of them, in their order."""
    with CRITERIA.open(encoding="utf-8", newline="") as lines:
        return tuple(Criterion(**row) for row in csv.DictReader(lines, delimiter=";"))


@cache
def conformity() -> Conformity:
    """Counted from the answers."""
    met = sum(each.answer == MET for each in criteria())
    applying = sum(each.answer != DOES_NOT_APPLY for each in criteria())
    state = WHOLLY if met == applying else PARTLY if met * 2 >= applying else NOT
    return Conformity(met, sum(each.answer == TO_READ for each in criteria()), applying, state)


def not_met() -> list[Criterion]:
    """What is not met, for the statement."""
    return [each for each in criteria() if each.answer == NOT_MET]


#: The thirteen themes, in their order.
THEMES = (
    *("Images", "Cadres", "Couleurs", "Multimédia", "Tableaux", "Liens", "Scripts", "Éléments obligatoires"),
    *("Structuration de l’information", "Présentation de l’information", "Formulaires", "Navigation", "Consultation"),
)
ANSWERS = {MET: "respecté", NOT_MET: "**non respecté**", TO_READ: "**à relire**", DOES_NOT_APPLY: "sans objet"}

HEAD = """# The RGAA, criterion by criterion

Written by `./run manage rgaa docs/rgaa.md` from `attributions/public/rgaa.csv`, which the statement of accessibility
reads too (« Accessibilité », at the foot of every page). It answers the 106 criteria of the RGAA 4.1.2. A criterion is
met when the test that is named holds it. Where no test can judge, a person is to read the pages that are named, of the
twenty below: nobody has yet, and it counts as not met until then. No screen reader spoke: what Chromium gives to one is
in `docs/screen-reader.md`. The statement says so.
"""


def document() -> str:
    """docs/rgaa.md: the result, the pages that were read, and every criterion under its theme."""
    found = conformity()
    parts = [
        HEAD,
        f"**{found.met} met out of {found.applying} that apply, {found.to_read} to be read; "
        f"{len(criteria()) - found.applying} do not apply.** On {READ_ON:%Y-%m-%d}: {found.state}.\n",
        "## The twenty pages\n",
        "\n".join(f"{number}. {page} ({reader})" for number, (page, reader) in enumerate(SAMPLE, 1)) + "\n",
    ]
    for theme, title in enumerate(THEMES, 1):
        rows = [each for each in criteria() if each.number.split(".")[0] == str(theme)]
        lines = [f"| {each.number} | {each.title} | {ANSWERS[each.answer]} | {each.how} |" for each in rows]
        parts.append(
            f"## {theme}. {title}\n\n| n° | critère | réponse | comment |\n|---|---|---|---|\n" + "\n".join(lines)
        )
        parts.append("")
    return "\n".join(parts).rstrip() + "\n"
