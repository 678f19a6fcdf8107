"""Reads where e-mail goes (`EMAIL_URL`) into what Django expects."""

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

BACKENDS = "django.core.mail.backends"
#: Seconds that each answer of a relay is awaited, unless the address says otherwise (`?timeout=`).
TIMEOUT = 20
#: Kept in the database, where everybody may read them: a demonstration, on a workstation.
MAILBOX = "mailbox"
#: Those that send nothing to anybody: a workstation alone.
WORKSTATION_SCHEMES = {MAILBOX, "console", "file"}
SMTP_SCHEMES: dict[str, dict[str, Any]] = {
    "smtp": {},
    "smtp+tls": {"use_tls": True},
    "smtps": {"use_ssl": True},
}


def mailers_from_url(url: str) -> dict[str, dict[str, Any]]:
    """The `MAILERS` entry for `url`: one mailer, « default », or none when nothing is given: no e-mail then leaves.

    `smtp://`, `smtp+tls://` (STARTTLS), `smtps://`, with `user:password@host:port`, both percent-encoded; on a
    workstation `console:`, `file:/folder`, `mailbox:`.
    Raises ValueError, a sentence that never holds the password.
    """
    if not url:
        return {}
    parts = urlsplit(url)
    if parts.scheme == "console":
        return {"default": {"BACKEND": f"{BACKENDS}.console.EmailBackend"}}
    if parts.scheme == "file" and parts.path:
        return {"default": {"BACKEND": f"{BACKENDS}.filebased.EmailBackend", "OPTIONS": {"file_path": parts.path}}}
    if parts.scheme == MAILBOX:
        return {"default": {"BACKEND": f"{BACKENDS}.dummy.EmailBackend"}}
    if parts.scheme not in SMTP_SCHEMES or not parts.hostname:
        raise ValueError("EMAIL_URL doit commencer par smtp://, smtp+tls:// ou smtps://, puis nommer un serveur.")
    timeout = dict(parse_qsl(parts.query)).get("timeout", str(TIMEOUT))
    if not (timeout.isdecimal() and int(timeout) > 0):
        raise ValueError("EMAIL_URL : timeout est un nombre entier de secondes.")
    given = {
        "port": parts.port,
        "username": unquote(parts.username or "") or None,
        "password": unquote(parts.password or "") or None,
    }
    options = {"host": parts.hostname, "timeout": int(timeout), **SMTP_SCHEMES[parts.scheme]}
    options |= {name: value for name, value in given.items() if value}
    return {"default": {"BACKEND": f"{BACKENDS}.smtp.EmailBackend", "OPTIONS": options}}
