"""What an e-mail says: one layout, plain and in HTML, for one thing or for several."""

from __future__ import annotations

from collections.abc import Sequence
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from reservations.models import Mail, MailItem
from reservations.models.sealing import unsealed
from reservations.queries.log import last_checkpoint
from reservations.words import integer, plural

#: Of what is signed in messages.
SALT = "reservations.mail"


def message_of(mail: Mail, items: Sequence[MailItem]) -> EmailMultiAlternatives:
    """The message that says these things (one at least) to whom `mail` is for. Without anything personal but the
    address of its reader."""
    context = page_of(mail, items)
    headers = {}
    if leave := context["leave"]:  # RFC 8058: one click, without signing in
        headers = {"List-Unsubscribe": f"<{leave}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    message = EmailMultiAlternatives(
        subject=context["subject"],
        body=render_to_string("mails/mail.txt", context),
        to=[mail.address],
        headers={
            "Message-ID": f"<{mail.identifier}@{urlsplit(settings.SITE_URL).hostname}>",
            "Date": format_datetime(timezone.localtime(mail.made_at)),
            "Auto-Submitted": "auto-generated",
            **headers,
        },
    )
    message.attach_alternative(render_to_string("mails/mail.html", context), "text/html")
    return message


def page_of(mail: Mail, items: Sequence[MailItem]) -> dict[str, Any]:
    """What both writings of a message show. `leave`: where one stops being told information, empty when the message is
    one that nobody switches off; `choose`: where one chooses, for somebody with an account; `journal`: the last
    checkpoint of the log, in what is information, so that each day's mail keeps one outside the house."""
    one = len(items) == 1
    informs = mail.user_id is not None and all(item.family for item in items)
    signed = last_checkpoint() if informs else None
    return {
        "subject": subject_of(items, informs=informs),
        "items": [(item, link_of(item)) for item in items],
        "one": one,
        "site": settings.SITE_URL,
        "journal": str(signed) if signed else "",
        "address": mail.address,
        "leave": absolute(reverse("mail-unsubscribe", args=[leave_key(mail.user_id)])) if informs else "",
        "choose": absolute(reverse("mail-choice")) if mail.user_id is not None else "",
    }


def subject_of(items: Sequence[MailItem], *, informs: bool) -> str:
    """« Un logement attend vos candidats, et 2 autres », « 3 informations d’Équiflux »."""
    first, others = items[0].subject, len(items) - 1
    if not others:
        return first
    if informs:
        return f"{integer(len(items))} {plural(len(items), 'information,informations')} d’Équiflux"
    return f"{first}, et {integer(others)} {plural(others, 'autre,autres')}"


def absolute(path: str) -> str:
    """A page of the site, as a message leads to it."""
    return f"{settings.SITE_URL}{path}"


def link_of(item: MailItem) -> str:
    """Where something is done, for the organisation that it is told for: one who acts for several is not lost. Raises
    cryptography.fernet.InvalidToken for a secret link that no key of the installation sealed."""
    if not item.link:
        return ""
    for_whom = f"/ouvrir/{item.organisation_id}" if item.user_id and item.organisation_id else ""
    # Of a mail that waited while the version changed, the link is as the version before wrote it.
    is_sealed = item.secret and not item.link.startswith("/")
    return absolute(f"{for_whom}{unsealed(item.link) if is_sealed else item.link}")


def leave_key(user: int | None) -> str:
    """What only a message to this person holds, and that serves to nothing else than to stop information."""
    return signing.dumps(user, salt=SALT)


def whose_key(key: str) -> int | None:
    """The id of the person to whom a message with this key was sent; None when no message of ours holds it."""
    try:
        return int(signing.loads(key, salt=SALT))
    except (signing.BadSignature, TypeError, ValueError):
        return None
