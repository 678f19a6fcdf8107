"""What the codes of the balance are called, as filters (`attributions/bilan/pages`)."""

from __future__ import annotations

from django import template

from attributions.bilan.pages import axes, due, gaps, publics, review, scales, territory_board

register = template.Library()

for word in (
    axes.axis_name,
    due.arrival_pill,
    due.arrival_words,
    gaps.widest_gap,
    publics.public_name,
    review.remark_line,
    review.remark_pill,
    review.remark_state,
    scales.kind_name,
    scales.kind_names,
    territory_board.score_pill,
    territory_board.verdict_words,
):
    register.filter(word.__name__, word)
