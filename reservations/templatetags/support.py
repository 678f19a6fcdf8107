"""What every page says of this installation: where its operator is reached, and the day of a demonstration. Loaded by
the pages that send to the operator, the error page included."""

from __future__ import annotations

import structlog
from django import template
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString

from reservations.words import day

register = template.Library()


@register.simple_tag
def support_contact() -> SafeString:
    """The setting SUPPORT_CONTACT: an e-mail as a link, anything else as it is written; empty when nothing is given."""
    contact = settings.SUPPORT_CONTACT
    try:
        validate_email(contact)
    except ValidationError:
        return conditional_escape(contact)
    return format_html('<a href="mailto:{0}">{0}</a>', contact)


@register.simple_tag
def taken_day() -> SafeString:
    """Which day a demonstration that was opened on another day is taken to live on (`./run demo --on`); nothing
    elsewhere."""
    if not settings.DAYS_AHEAD:
        return SafeString("")
    return format_html(
        '<p class="alert warn">Démonstration : elle vit le <b>{}</b>, et non le jour d’aujourd’hui.</p>',
        day(timezone.localdate()),
    )


@register.simple_tag
def incident() -> str:
    """What to state the administrator of an error: the head of the request's identifier, by which its lines of the log
    are found. Empty outside a request."""
    identifier: str = structlog.contextvars.get_contextvars().get("request_id", "")
    return identifier[:8]
