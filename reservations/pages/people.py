"""What pages say of people.

* One's own account, in words: sessions that are open, and who came in.
* Tokens of an organisation, and what was done through one, as tables.
* What an e-mail says: one layout, plain and in HTML, for one thing or for several.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from reservations.models import ApiCall, ApiToken, Mail, MailItem, Membership, SignIn, User
from reservations.models.guards import unsealed
from reservations.pages.table import Rows, Shown, Table, Text
from reservations.queries.log import last_checkpoint
from reservations.queries.people import OpenSession
from reservations.words import day, hour, integer, plural


def session_words(sessions: Iterable[OpenSession]) -> list[tuple[OpenSession, str]]:
    """Each open session with what its person knows it by."""
    return [
        (
            each,
            f"{browser_in_words(each.browser)}, depuis le {day(each.since)} à {hour(each.since)}{_from(each.address)}",
        )
        for each in sessions
    ]


def browser_in_words(browser: str) -> str:
    """« Firefox, Windows »: enough to know one's own."""
    names = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
    systems = ("Windows", "Android", "iPhone", "iPad", "Macintosh", "Linux")
    name = next((text for sign, text in names if re.search(rf"\b{sign}\w*/", browser)), "navigateur inconnu")
    system = next((each for each in systems if each in browser), "")
    return ", ".join(filter(None, (name, "Mac" if system == "Macintosh" else system)))


def _from(address: str) -> str:
    return f", adresse {address}" if address else ""


def sign_in_table(sign_ins: Iterable[SignIn]) -> Table:
    """Who came in under this account, the latest first."""
    return Rows(
        sign_ins,
        Shown("Quand", lambda each: Text(f"le {day(each.at)} à {hour(each.at)}")),
        Shown("Comment", lambda each: Text(each.get_door_display(), hint=each.get_factor_display())),
        Shown("D’où", lambda each: Text(browser_in_words(each.browser), hint=each.address or "")),
    ).titled(
        "connexions",
        "Dernières connexions",
        "La plus récente d’abord, pendant six mois. Vous n’en reconnaissez pas une ? Changez de mot de passe.",
    )


def review_table(roles: Iterable[Membership]) -> Table:
    """Everybody who acts for an organisation, with what states whether they still should."""
    return Rows(
        roles,
        Shown("Personne", lambda role: Text(role.user.full_name, hint=role.user.email)),
        Shown("Rôle", lambda role: role.get_role_display()),
        Shown("Dernière connexion", lambda role: _last(role.user)),
    ).titled(
        "roles",
        "Personnes et rôles",
        "Quelqu’un est parti, ou a changé de poste ? Retirez-lui son rôle d’abord, sur la page des personnes.",
    )


def _last(person: User) -> Text:
    if not person.is_active:
        return Text("compte fermé", pill="no")
    return Text(f"le {day(person.last_login)}" if person.last_login else "jamais")


def token_table(tokens: Iterable[ApiToken], *, today: date) -> Table:
    """Each token: what it may do, until when, last used when, and whether it still opens anything."""
    return Rows(
        tokens,
        Shown(
            "Logiciel",
            lambda token: Text(token.name, hint=f"{token.prefix}…", link=reverse("token-detail", args=[token.pk])),
        ),
        Shown("Ce qu’il peut faire", lambda token: ", ".join(token.scope_words)),
        Shown("Créé par", lambda token: Text(token.made_by.full_name, hint=f"le {day(token.made_at)}")),
        Shown("Valable jusqu’au", lambda token: day(token.expires_on)),
        Shown("Dernier usage", lambda token: day(token.last_used_on) if token.last_used_on else "jamais"),
        Shown("État", lambda token: _state(token, today)),
    ).titled(
        "jetons",
        "Jetons d’accès",
        "Le plus récent d’abord. Le secret n’est gardé nulle part : seul son début se lit ici.",
    )


def _state(token: ApiToken, today: date) -> Text:
    if token.revoked_at is not None and token.revoked_by is not None:
        return Text("révoqué", hint=f"le {day(token.revoked_at)}, par {token.revoked_by.full_name}", pill="no")
    if token.expires_on < today:
        return Text("échu", pill="no")
    return Text("en service", pill="ok")


def call_table(calls: Iterable[ApiCall]) -> Table:
    """Each act done through one token, the latest first."""
    return Rows(
        calls,
        Shown("Quand", lambda call: Text(f"le {day(call.at)} à {hour(call.at)}")),
        Shown("Ce qui a été demandé", lambda call: f"{call.method} {call.path}"),
        Shown("Réponse", lambda call: str(call.status or "–")),
    ).titled(
        "actes",
        "Actes faits par ce jeton",
        "Le plus récent d’abord. Ce qui a été refusé n’a rien écrit, et n’y est pas.",
    )


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
    """What both writings of a message show. `leave`: where one stops receiving information, empty when the message is
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
    """Where something is done, for the organisation that it is sent for: one who acts for several is not lost. Raises
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
