"""What was found against the 106 criteria of the RGAA 4.1.2, one by one: `rgaa.csv`, which `manage.py rgaa` lays out.

A criterion is met, by what a test holds (`C`), not met (`NC`), still to be read by a person (`R`), which is not met
until then, or does not apply (`NA`); `how` says by which test, or on which pages.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings

CRITERIA = Path(__file__).with_name("rgaa.csv")

#: The day on which the criteria were gone through, and the pages read.
READ_ON = date(2026, 11, 28)

MET, NOT_MET, TO_READ, DOES_NOT_APPLY = "C", "NC", "R", "NA"

#: What the service says of itself: « totalement », « partiellement » or « non conforme » (arrêté du 20 septembre 2019)
#: is the word of an audit, of one installation; the tests of the software are none, whatever they hold.
NOT_AUDITED = "non encore auditée"

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

#: What was found on each, read on that day: what was mended is stated, and what is left.
SEEN = {
    "Se connecter": "deux champs nommés, l’un avec son exemple ; chaque compte de démonstration dit son organisation",
    "Contact": "un titre, quatre liens qui disent où ils mènent",
    "Mentions légales": "tant que l’exploitant n’a rien publié, la page le dit au lieu de laisser des blancs",
    "Accessibilité": "six sections titrées ; les deux recours nommés",
    "Aide": "deux sections numérotées, chaque tâche est un lien qui se lit seul",
    "Plan du site": "sept rubriques ; deux liens « Candidats » et « Candidatures » mènent à la même page",
    "Données personnelles": "quatre tableaux, chacun avec sa finalité sous son titre ; aucun ne déborde à 390 pixels",
    "Accueil": "les liens d’un tableau nomment leur logement ; le titre de la page dit combien d’actes attendent",
    "Accueil, logements à décider": "les filtres sont nommés, l’en-tête « Cocher » aussi ; rien par la couleur seule",
    "Fiche d’un logement orienté": "lue sans styles : tout reste, dans l’ordre ; la raison est la première phrase",
    "Liste des logements libérés": "huit filtres nommés ; un logement sans référence l’est par sa description",
    "Candidats d’un logement": "réparé : le titre ne disait pas le logement à qui n’en lit pas la référence",
    "Compte d’un réservataire": "réparé : titre et titre du premier tableau ; barres pleines et creuses lues en gris",
    "Convention": "trois tableaux par territoire ; réparé : terminer ne demandait pas de confirmation",
    "Rédiger une convention": "réparé : trois listes du même nom ; onze légendes, chacune une question",
    "Bilan annuel": "sept tableaux, chacun son unité ; le graphique dit ses chiffres",
    "Graphiques du bilan": "réparé : les mois d’un graphique se chevauchaient ; hachures et creux lus en gris",
    "Séance de la commission": "lue sans styles ; réparé : annuler ne demandait pas de confirmation",
    "Recherche": "les résultats sont rangés sous des titres, et chaque lien dit ce qu’il désigne",
    "Paramètres de droit": "un tableau, chaque valeur avec son début, sa fin et sa source",
}


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion: its number, its question, what was found, and how it was checked."""

    number: str
    title: str
    answer: str
    how: str


@dataclass(frozen=True, slots=True)
class Conformity:
    """How many criteria apply, how many of them tests hold, and how many a person is still to read."""

    met: int
    to_read: int
    applying: int


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
    return Conformity(met, sum(each.answer == TO_READ for each in criteria()), applying)


def audit() -> Any:
    """The audit that this installation declares (`ACCESSIBILITY_AUDIT`): its day, its rate, its auditor and the state
    that they make; None without any."""
    return settings.ACCESSIBILITY_AUDIT


def state() -> str:
    """What the service says of itself: the words of its audit, « non encore auditée » without one."""
    declared = audit()
    return str(declared.state) if declared else NOT_AUDITED


def not_met() -> list[Criterion]:
    """What is not met, for the statement."""
    return [each for each in criteria() if each.answer == NOT_MET]


def to_read() -> list[Criterion]:
    """What nobody may say met yet, for the statement."""
    return [each for each in criteria() if each.answer == TO_READ]


#: The thirteen themes, in their order.
THEMES = (
    *("Images", "Cadres", "Couleurs", "Multimédia", "Tableaux", "Liens", "Scripts", "Éléments obligatoires"),
    *("Structuration de l’information", "Présentation de l’information", "Formulaires", "Navigation", "Consultation"),
)
ANSWERS = {MET: "respecté", NOT_MET: "**non respecté**", TO_READ: "**à relire**", DOES_NOT_APPLY: "sans objet"}

HEAD = """# The RGAA, criterion by criterion

Written by `./run manage rgaa FILE` from `attributions/public/rgaa.csv`, which the statement of accessibility reads
too (« Accessibilité », at the foot of every page). It answers the 106 criteria of the RGAA 4.1.2. A criterion is
met when the test that is named holds it. Where no test can judge, one of those who make the product read the pages that
are named, of the twenty below, on the demonstration: at 390 and 1366 pixels, some in greys or without styles, beside
their headings, tables, links, labels and pictures as Chromium gives them to a screen reader. Nobody independent has
read them, and no screen reader spoke (`tests/journeys/screen_reader.txt`). The statement says so, and that the service
has not been audited: only an audit, of one installation, says that it conforms.
"""


def document() -> str:
    """The result, the pages that were read, and every criterion under its theme."""
    found = conformity()
    parts = [
        HEAD,
        f"**{found.met} met out of {found.applying} that apply, {found.to_read} to be read; "
        f"{len(criteria()) - found.applying} do not apply.** On {READ_ON:%Y-%m-%d}: {NOT_AUDITED}.\n",
        "## The twenty pages\n",
        "| n° | page | lue par | ce qui fut lu |\n|---|---|---|---|",
        "\n".join(f"| {n} | {page} | {reader} | {SEEN[page]} |" for n, (page, reader) in enumerate(SAMPLE, 1)) + "\n",
    ]
    for theme, title in enumerate(THEMES, 1):
        rows = [each for each in criteria() if each.number.split(".")[0] == str(theme)]
        lines = [f"| {each.number} | {each.title} | {ANSWERS[each.answer]} | {each.how} |" for each in rows]
        parts.append(
            f"## {theme}. {title}\n\n| n° | critère | réponse | comment |\n|---|---|---|---|\n" + "\n".join(lines)
        )
        parts.append("")
    return "\n".join(parts).rstrip() + "\n"
