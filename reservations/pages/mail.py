"""What an e-mail says: one layout, plain and in HTML, for one thing or for several."""

from __future__ import annotations

from collections.abc import Sequence
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import timezone

from reservations.models import Mail, MailItem
from reservations.words import integer


def message_of(mail: Mail, items: Sequence[MailItem]) -> EmailMultiAlternatives:
    """The message that says these things (one at least) to whom `mail` is for. Without anything personal but the
    address of its reader."""
    context = page_of(mail, items)
    message = EmailMultiAlternatives(
        subject=context["subject"],
        body=render_to_string("mails/mail.txt", context),
        to=[mail.address],
        headers={
            "Message-ID": f"<{mail.identifier}@{urlsplit(settings.SITE_URL).hostname}>",
            "Date": format_datetime(timezone.localtime(mail.made_at)),
            "Auto-Submitted": "auto-generated",
        },
    )
    message.attach_alternative(render_to_string("mails/mail.html", context), "text/html")
    return message


def page_of(mail: Mail, items: Sequence[MailItem]) -> dict[str, Any]:
    """What both writings of a message show."""
    one = len(items) == 1
    return {
        "subject": items[0].subject if one else f"{integer(len(items))} informations d’Équiflux",
        "items": items,
        "one": one,
        "site": settings.SITE_URL,
        "address": mail.address,
    }
