"""What a page says first when something on it is to be corrected, for who hears its title before all the rest."""

from __future__ import annotations

from django import template
from django.template.context import Context

register = template.Library()


@register.simple_tag(takes_context=True)
def fault(context: Context) -> str:
    """« Erreur : », before any title: of a page whose `form` comes back with errors, or that says it has a `fault`."""
    wrong = context.get("fault") or getattr(context.get("form"), "errors", None)
    return "Erreur : " if wrong else ""
