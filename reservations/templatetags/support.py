"""Where the operator of this installation is reached. Loaded by the pages that send to it, the error page included."""

from __future__ import annotations

import structlog
from django import template
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString

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
def incident() -> str:
    """What to tell the administrator of an error: the head of the request's identifier, by which its lines of the log
    are found. Empty outside a request."""
    identifier: str = structlog.contextvars.get_contextvars().get("request_id", "")
    return identifier[:8]
