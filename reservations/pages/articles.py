"""What pages say of articles.

* Articles of a printed convention whose words follow its terms, paragraph by paragraph.
* What the parties write of their own in a convention: a preamble, then articles, from the text as it is typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from reservations.models import Convention
from reservations.pages.clauses import (
    carried_over,
    counted_days,
    earlier_dues_clause,
    in_days,
    opened_by,
    publics,
    returned_cap_clause,
    sides,
    uniform_clause,
    where_agreed,
)
from reservations.words import day, plural

Point = Convention.CountingPoint
Effect = Convention.ReturnsEffect

#: When a unit is received.
RECEIVED = {
    Point.ROUTED: "dès que le bailleur l’oriente vers lui",
    Point.PROPOSED: "lorsqu’il a proposé des candidats",
    Point.ALLOCATED: "lorsque la CALEOL l’attribue à l’un de ses candidats",
    Point.LEASED: "lorsque le bail est signé avec l’un de ses candidats",
}

#: Whether a unit that is given back is taken off the share.
RETURNED = {
    Effect.YES: "Un logement rendu reste décompté de la part du réservataire, quelle qu’en soit la raison, sauf si des "
    "travaux empêchent de le louer.",
    Effect.NO: "Un logement rendu n’est pas décompté de la part du réservataire.",
    Effect.YES_IF_HOLDER_FAULT: "Un logement rendu n’est décompté de la part du réservataire que si celui-ci en est la "
    "cause : il le rend, ou n’a proposé aucun candidat dans le délai.",
}

IN_COURSE = (
    "Un logement orienté vers le réservataire qui n’en est pas encore là est en cours : il est compté en attendant, "
    "pour qu’aucun autre ne soit orienté à sa place, et redevient dû le jour où il ne peut plus y arriver, l’année "
    "d’après comprise, à moins qu’il ne soit décompté comme logement rendu."
)


def counting(convention: Convention) -> list[str]:
    """How a unit is counted, given back and carried over, and what precedes the signature (article 5)."""
    point = Point(convention.counting_point)
    carried = carried_over(convention)
    return [
        "Dans le compte, d’une année sur l’autre et au bilan annuel, un logement compte comme reçu par le réservataire "
        f"{RECEIVED[point]}.",
        *([spread] if (spread := uniform_clause(convention)) else ()),
        " ".join(
            each
            for each in (
                RETURNED[Effect(convention.returns_effect)],
                returned_cap_clause(convention),
                _offered(convention),
            )
            if each
        ),
        carried if point == Point.ROUTED else f"{carried} {IN_COURSE}",
        *([earlier] if (earlier := earlier_dues_clause(convention)) else ()),
    ]


def _offered(convention: Convention) -> str:
    if not convention.not_offered:
        return "Un logement rendu reste compté parmi les logements proposés."
    return (
        "Un logement rendu n’est pas compté parmi les logements proposés lorsque la cause en est : "
        f"{sides(convention.not_offered)}, sauf s’il reste décompté."
    )


def proposing(convention: Convention, least_examined: int | None) -> Iterator[str]:
    """How candidates are proposed (article 6). `least_examined`: how many the law has examined at least."""
    unit = convention.day_unit
    if convention.signal_days:
        yield (
            "Le bailleur signale chaque logement au réservataire, en l’orientant vers lui, dans un délai de "
            f"{in_days(convention.signal_days, unit)} à compter de l’ouverture du flux ; après un logement rendu, à "
            "compter de ce jour."
        )
    yield MANAGED[Convention.Management(convention.management)]
    yield " ".join((*_delays(convention), opened_by(convention), counted_days(convention)))
    yield _restarts(convention)
    if least_examined:
        asked = f"{least_examined} {plural(least_examined, 'demande,demandes')}"
        yield (
            f"La CALEOL examine au moins {asked} pour un même logement, sauf insuffisance du nombre des candidats et "
            "sauf les exceptions prévues par la loi (CCH, R441-3)."
        )
    if convention.publics:
        yield (
            f"Les candidats relèvent de l’un de ces publics : {publics(convention)}. Un candidat qui n’en relève pas "
            f"est {convention.get_outside_publics_display()}."
        )
    yield from (sentence for clause, sentence in where_agreed(convention, "article"))


MANAGED = {
    Convention.Management.DELEGATED: "La gestion est déléguée : le bailleur recherche lui-même, pour le compte du "
    "réservataire, des candidats qui relèvent de son contingent, et lui en rend compte. Le logement reste compté dans "
    "la part du réservataire.",
    Convention.Management.DIRECT: "La gestion est directe : le bailleur informe le réservataire de chaque logement "
    "orienté vers lui, et le réservataire lui propose des candidats.",
}


def _delays(convention: Convention) -> Iterator[str]:
    """How long there is to propose, for the flow and for a first letting; and how many candidates."""
    flow, first, unit = convention.proposal_days, convention.first_letting_days, convention.day_unit
    if flow is None and first is None:
        yield "Aucun délai n’est fixé pour proposer des candidats."
    if flow is not None:
        yield (
            f"Le délai pour proposer des candidats est de {in_days(flow, unit)} à compter de l’orientation du logement."
        )
    if first is not None:
        yield (
            "Le délai pour proposer des candidats à la première location d’un programme neuf est de "
            f"{in_days(first, unit)}."
        )
    if count := convention.minimum_candidates:
        asked = plural(count, "candidat est proposé,candidats sont proposés")
        yield f"Au moins {count} {asked} par logement, sauf insuffisance de candidats."


def _restarts(convention: Convention) -> str:
    """What becomes of the delay when no candidate is left."""
    if not convention.new_candidates_days:
        return (
            "Lorsqu’il ne reste en cours aucun des candidats transmis, le délai ne repart pas : le bailleur propose de "
            "nouveau le logement."
        )
    delay = in_days(convention.new_candidates_days, convention.day_unit)
    return (
        "Lorsqu’il ne reste en cours aucun des candidats transmis et que la cause en est "
        f"{sides(convention.clock_restarts)}, le réservataire dispose d’un nouveau délai de {delay}."
    )


def status_words(convention: Convention) -> str:
    """What is written above the title of a text that is not in force as it stands."""
    if convention.is_open:
        return "Projet – sans valeur tant qu’il n’est pas signé"
    last = day(convention.ends_on)
    return {
        Convention.Status.AMENDED: f"Version remplacée par un avenant : elle s’applique jusqu’au {last}",
        Convention.Status.ENDED: f"Convention terminée le {last}, avant son terme",
        Convention.Status.VOID: "Version sans effet : un autre acte est venu avant son premier jour",
        Convention.Status.TERMINATED: f"Convention résiliée, à effet du {last}",
    }.get(Convention.Status(convention.status), "")


#: The first line of an article: « Article : Suivi », « Article 13. Suivi ». The number is not kept: printing gives it.
#: « Article L441-1 du code… » is no heading.
HEADING = re.compile(r"^\s*article(?:\s+\d+)?\s*[.:–—]\s*(?P<title>.*?)\s*$", re.IGNORECASE)
#: Characters of the title of an article: what is longer is a sentence.
LONGEST_TITLE = 150


@dataclass(frozen=True, slots=True)
class FreeArticle:
    """One article of the parties, and its paragraphs."""

    title: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FreeText:
    """The preamble, paragraph by paragraph, and the articles in the order that they were typed."""

    preamble: tuple[str, ...]
    articles: tuple[FreeArticle, ...]


def free_text(typed: str) -> FreeText:
    """Read what was typed: a line « Article : title » begins each article, what is before the first is the preamble. No
    word is lost."""
    title: str | None = None
    held: list[str] = []
    preamble: tuple[str, ...] = ()
    articles: list[FreeArticle] = []
    for line in [*typed.splitlines(), None]:
        heading = HEADING.match(line) if line is not None else None
        if line is not None and (heading is None or len(heading["title"]) > LONGEST_TITLE):
            held.append(line)
            continue
        paragraphs = _paragraphs(held)
        if title is None:
            preamble = paragraphs
        else:
            articles.append(FreeArticle(title, paragraphs))
        title, held = heading["title"] if heading else None, []
    return FreeText(preamble, tuple(articles))


def _paragraphs(lines: list[str]) -> tuple[str, ...]:
    """Lines between two empty ones are one paragraph."""
    found = re.split(r"\n\s*\n", "\n".join(lines))
    return tuple(" ".join(each.split()) for each in found if each.strip())
