"""What the codes of the balance are called, as filters (`attributions/bilan/pages`)."""

from __future__ import annotations

from django import template

from attributions.bilan.pages import scales, states

register = template.Library()

for word in (
    scales.axis_name,
    states.widest_gap,
):
    register.filter(word.__name__, word)
