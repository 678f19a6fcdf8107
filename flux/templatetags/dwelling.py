"""What a unit is, as filters (`flux/pages/dwelling.py`)."""

from __future__ import annotations

from django import template

from flux.pages import clock, dwelling

register = template.Library()

for word in (
    dwelling.contingent,
    dwelling.headline,
    dwelling.described,
    dwelling.acts_counted,
    dwelling.qpv,
    dwelling.floor,
):
    register.filter(word.__name__, word)
register.simple_tag(clock.clock_words)
