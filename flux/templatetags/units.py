"""Figures of the accounts: shares in millionths, shown as units of housing. Built in with the flow's pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from flux import words
from flux.pages import drawn
from flux.templatetags.drawing import per_cent
from reservations.models.convention import UNIT
from reservations.templatetags.literals import takes, two_forms
from reservations.words import integer

if TYPE_CHECKING:
    from flux.queries.account import AccountFigures

register = template.Library()

for word in (words.units, words.gap, words.counted, words.rounded_percent, drawn.between, drawn.on_the_way):
    register.filter(word.__name__, word)
register.simple_tag(words.ratio)


@register.filter
@takes(two_forms)
def plural_units(shares: int, forms: str) -> str:
    """« 620000|plural_units:"dû,dus" » → « dû »: what agrees with a figure in millionths."""
    return words.plural_units(shares, forms)


@register.filter
def to_you(shares: int) -> SafeString:
    """A gap said to its holder: « il vous reste 0,72 logement à recevoir », « vous avez 0,36 logement d’avance »."""
    if not shares:
        return format_html("vous êtes à jour, <b>{}</b> logement d’écart", 0)
    said = "il vous reste <b>{}</b> à recevoir" if shares > 0 else "vous avez <b>{}</b> d’avance"
    return format_html(said, words.counted(shares))


@register.filter
def with_carry_over(figures: AccountFigures) -> str:
    """What is due, said with the part that gives back what was owed before, when there is one: « 26,16 dus, »,
    « 26,16 dus, report compris (−0,52), »."""
    due = f"{words.units(figures.due)} {words.plural_units(figures.due, 'dû,dus')}"
    return f"{due}, report compris ({words.gap(figures.carried)})," if figures.carried else f"{due},"


@register.filter
def in_course(figures: drawn.OnTheirWay) -> str:
    """« , 2 en cours », after a number of units received in a sentence; nothing where none is."""
    return f", {integer(figures.in_course)} en cours" if figures.in_course else ""


@register.inclusion_tag("components/gap.html")
def gap_bar(shares: int, scale: int = 2) -> dict[str, str | bool]:
    """The gap, drawn around its axis, with its mark at one unit. `scale`: units from the axis to the edge.

    Solid when something is owed, hollow when ahead; the number stands beside (aria-hidden).
    """
    size = min(abs(shares) / UNIT / scale, 1) * 50
    mark = 50 / scale
    return {
        "owed": shares >= 0,
        "x": per_cent(50 if shares >= 0 else 50 - size),
        "width": per_cent(size),
        "low": per_cent(50 - mark),
        "high": per_cent(50 + mark),
    }
