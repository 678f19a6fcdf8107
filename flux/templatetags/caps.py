"""How the State stands beside its caps, as a filter (`flux/pages/caps.py`)."""

from __future__ import annotations

from django import template

from flux.pages import caps

register = template.Library()
register.filter("cap_read", caps.cap_read)
