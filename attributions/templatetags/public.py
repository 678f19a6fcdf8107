"""What the foot of every page says of the service: its state of accessibility, its version."""

from __future__ import annotations

from django import template
from django.conf import settings

from attributions.public.rgaa import conformity

register = template.Library()


@register.simple_tag
def accessibility_state() -> str:
    """« partiellement conforme »: what the law wants said at the foot of every page (décret n° 2019-768)."""
    return conformity().state


@register.simple_tag
def version() -> str:
    """The version that runs, that of pyproject.toml."""
    return str(settings.VERSION)
