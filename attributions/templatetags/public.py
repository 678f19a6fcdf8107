"""What the foot of every page says of the service: its state of accessibility, its version."""

from __future__ import annotations

from django import template
from django.conf import settings

from attributions.public.rgaa import state

register = template.Library()


@register.simple_tag
def accessibility_state() -> str:
    """« non encore auditée », or what an audit found, as the law wants on every page (décret n° 2019-768)."""
    return state()


@register.simple_tag
def version() -> str:
    """The version that runs, that of pyproject.toml."""
    return str(settings.VERSION)
