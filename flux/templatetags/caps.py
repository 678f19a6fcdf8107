"""How the State stands beside its caps, as filters (`flux/pages/caps.py`)."""

from __future__ import annotations

from django import template

from flux.pages import caps

register = template.Library()

for word in (caps.cap_read, caps.verdict_name, caps.verdict_pill):
    register.filter(word.__name__, word)
