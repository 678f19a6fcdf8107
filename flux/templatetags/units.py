"""Figures of the accounts: shares in millionths, shown as units of housing. Built in with the flow's pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from flux.engine import wording
from flux.templatetags.drawing import per_cent
from reservations.models.convention import UNIT
from reservations.rounding import THIN, nearest, rate_of, written
from reservations.templatetags.french import integer, percent
from reservations.templatetags.literals import takes, two_forms

if TYPE_CHECKING:
    from flux.queries.account import Figures

register = template.Library()


@register.filter
def units(shares: int) -> str:
    """« 35,76 »."""
    return wording.units(shares, UNIT)


@register.filter
def gap(shares: int) -> str:
    """A gap keeps its sign: « +0,76 », « −0,80 »."""
    return wording.units(shares, UNIT, signed=True)


@register.filter
def counted(shares: int) -> str:
    """The size of a gap in a sentence, which says its sense: « 0,72 logement », « 2,00 logements »."""
    return wording.counted(abs(shares), UNIT)


@register.filter
@takes(two_forms)
def plural_units(shares: int, forms: str) -> str:
    """« 620000|plural_units:"dû,dus" » → « dû »: what agrees with a figure in millionths, as the figure is shown."""
    singular, many = forms.split(",")
    return singular if units(shares).lstrip("−").startswith(("0,", "1,")) else many


@register.filter
def to_you(shares: int) -> SafeString:
    """A gap said to its holder: « il vous reste 0,72 logement à recevoir », « vous avez 0,36 logement d’avance »."""
    if not shares:
        return format_html("vous êtes à jour, <b>{}</b> logement d’écart", 0)
    words = "il vous reste <b>{}</b> à recevoir" if shares > 0 else "vous avez <b>{}</b> d’avance"
    return format_html(words, counted(shares))


@register.filter
def rounded_percent(share: int) -> str:
    """The size of a share as a percentage of two decimals at most: « 12,5 % », « 44,5 % », « moins de 0,01 % »."""
    hundredths = nearest(abs(share), 100)
    if share and not hundredths:
        return f"moins de 0,01{THIN}%"
    return f"{written(hundredths, 2).rstrip('0').rstrip(',')}{THIN}%"


@register.filter
def with_carry_over(figures: Figures, exercise: int) -> str:
    """What is due, said with the part that gives back what the year before left, when there is one: « 26,16 dus »,
    « 26,16 dus, report de 2025 compris (−0,52), »."""
    due = f"{units(figures.due)} {plural_units(figures.due, 'dû,dus')}"
    return f"{due}, report de {exercise - 1} compris ({gap(figures.carried)})," if figures.carried else f"{due},"


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


#: Under so many, a percentage says nothing: it is not written.
ENOUGH = 30


@register.simple_tag
def ratio(part: int, whole: int) -> str:
    """« 113 / 125, 90,4 % »: a percentage never goes without what it is made of, nor comes out of a handful."""
    counts, found = f"{integer(part)} / {integer(whole)}", rate_of(part, whole)
    return counts if found is None or whole < ENOUGH else f"{counts}, {percent(found)}"
