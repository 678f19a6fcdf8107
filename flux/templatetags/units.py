"""Figures of the accounts: shares in millionths, shown as units of housing. Built in with the flow's pages."""

from __future__ import annotations

from django import template

from flux import words
from flux.pages import accounts, statement
from flux.templatetags.drawing import per_cent
from reservations.models.convention import UNIT
from reservations.templatetags.literals import takes, two_forms

register = template.Library()

for word in (
    *(words.units, words.gap, words.counted, accounts.between, accounts.on_the_way),
    *(statement.to_you, statement.with_carry_over, statement.in_course),
):
    register.filter(word.__name__, word)


@register.filter
@takes(two_forms)
def plural_units(shares: int, forms: str) -> str:
    """« 620000|plural_units:"dû,dus" » → « dû »: what agrees with a figure in millionths."""
    return words.plural_units(shares, forms)


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
