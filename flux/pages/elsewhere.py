"""Where units may be sent instead, and what it does to each account: the choices of a form."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.html import format_html
from django.utils.safestring import SafeString

from flux.models import Vacancy
from flux.pages.dwelling import headline
from flux.queries.motives import Destination
from flux.queries.vacancies import standing
from flux.words import gap
from reservations.models.convention import UNIT
from reservations.pages.pieces import below, beside, bold, hint, muted
from reservations.words import integer, plural


def destination_choices(ways: Iterable[Destination], units: int) -> list[tuple[int, str]]:
    """Each destination, and what taking these `units` does to it."""
    return [
        (way.row.holder_id, format_html("{}{}", beside(bold(way.row.name), _some(way, units)), hint(_effect(way))))
        for way in ways
    ]


def ticked_lines(vacancies: Iterable[Vacancy]) -> list[SafeString]:
    """Each unit that was ticked, of vacancies `with_destinations`, and to whom it is recommended."""
    found = []
    for vacancy in vacancies:
        recommendation, _ = standing(vacancy)
        to = muted(f"recommandé : {recommendation.holder}", "small") if recommendation else ""
        words = below(f"{vacancy.unit.reference}, {headline(vacancy.unit)}", to)
        found.append(format_html("<span>{}</span>", words))
    return found


def _some(way: Destination, units: int) -> str:
    """How many of them may go there, when not all may."""
    if way.units == units:
        return ""
    return f"({integer(way.units)} {plural(way.units, 'logement possible,logements possibles')} sur {integer(units)})"


def _effect(way: Destination) -> str:
    """Its gap before and after, at the moment of the calculation; what it breaks, in a few words."""
    breaks = way.row.if_chosen is not None and not way.row.if_chosen.safe
    risk = f" ; {way.row.if_chosen_brief}" if breaks else ""
    return f"écart : {gap(way.row.gap)} avant, {gap(way.row.gap - UNIT * way.units)} après{risk}"
