"""When a unit counts, by the convention: what is received, what is on its way, and what due is compared with."""

from __future__ import annotations

from flux.queries.account import AccountLine
from flux.words import gap
from reservations.models.terms import Terms
from reservations.words import integer

#: When nothing says when a unit counts: what is left of the flow is the landlord's, by no convention.
NO_CONVENTION = "sans convention"


def counted_when(line: AccountLine) -> str:
    """« à l’orientation », « au bail signé », « sans convention », as tables and files of the accounts write it."""
    return line.counting_point_words if line.is_agreed else NO_CONVENTION


def compared(line: AccountLine) -> str:
    """What due is compared with, in sentences; empty where a unit counts once routed, and none is in course."""
    figures = line.figures
    if line.counting_point == Terms.CountingPoint.ROUTED and not figures.in_course:
        return ""
    told = f"La convention compte un logement {line.counting_point_words}."
    if not figures.in_course:
        return f"{told} Rien n’est en cours."
    many = figures.in_course > 1
    who, them = ("logements orientés sont", "les") if many else ("logement orienté est", "le")
    end = "ceux qui n’y arrivent pas redeviennent dus" if many else "s’il n’y arrive pas, il redevient dû"
    return (
        f"{told} {integer(figures.in_course)} {who} en cours : la règle {them} compte en attendant, pour ne pas servir "
        f"deux fois, et lit un écart de {gap(figures.left)} ; {end}."
    )


def in_course_too(later: bool) -> str:
    """« , en cours compris »: after units received as the rule counts them, where a convention counts them `later` than
    their routing; empty elsewhere."""
    return ", en cours compris" if later else ""
