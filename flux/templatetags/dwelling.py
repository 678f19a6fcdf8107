"""What a unit is, as filters (`flux/pages/units.py`)."""

from __future__ import annotations

from django import template

from flux.pages import sheet_words, units

register = template.Library()

for word in (
    units.contingent,
    units.headline,
    units.described,
    units.acts_counted,
    units.qpv,
    units.floor,
):
    register.filter(word.__name__, word)
register.simple_tag(sheet_words.clock_words)
