"""What a unit is, as filters (`flux/pages/dwelling.py`)."""

from __future__ import annotations

from django import template

from flux.pages import dwelling

register = template.Library()

for word in (
    dwelling.contingent,
    dwelling.headline,
    dwelling.described,
    dwelling.acts_counted,
    dwelling.qpv,
    dwelling.floor,
    dwelling.ago,
):
    register.filter(word.__name__, word)
