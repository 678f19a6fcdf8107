"""What the codes of the balance are called, as filters (`attributions/bilan/pages`)."""

from __future__ import annotations

from django import template

from attributions.bilan.pages import axes, gaps, review

register = template.Library()

for word in (
    axes.axis_name,
    gaps.widest_gap,
    review.remark_line,
    review.remark_pill,
    review.remark_state,
):
    register.filter(word.__name__, word)
