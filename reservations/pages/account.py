"""One's own account, in words: sessions that are open, and who came in."""

from __future__ import annotations

import re
from collections.abc import Iterable

from reservations.models import Membership, SignIn, User
from reservations.pages.table import Rows, Said, Shown, Table
from reservations.queries.sessions import OpenSession
from reservations.words import day, hour


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
    name = next((said for sign, said in names if re.search(rf"\b{sign}\w*/", browser)), "navigateur inconnu")
    system = next((each for each in systems if each in browser), "")
    return ", ".join(filter(None, (name, "Mac" if system == "Macintosh" else system)))


def _from(address: str) -> str:
    return f", adresse {address}" if address else ""


def sign_in_table(sign_ins: Iterable[SignIn]) -> Table:
    """Who came in under this account, the latest first."""
    return Rows(
        sign_ins,
        Shown("Quand", lambda each: Said(f"le {day(each.at)} à {hour(each.at)}")),
        Shown("Comment", lambda each: Said(each.get_door_display(), hint=each.get_factor_display())),
        Shown("D’où", lambda each: Said(browser_in_words(each.browser), hint=each.address or "")),
    ).titled(
        "connexions",
        "Dernières connexions",
        "La plus récente d’abord, pendant six mois. Vous n’en reconnaissez pas une ? Changez de mot de passe.",
    )


def review_table(roles: Iterable[Membership]) -> Table:
    """Everybody who acts for an organisation, with what tells whether they still should."""
    return Rows(
        roles,
        Shown("Personne", lambda role: Said(role.user.full_name, hint=role.user.email)),
        Shown("Rôle", lambda role: role.get_role_display()),
        Shown("Dernière connexion", lambda role: _last(role.user)),
    ).titled(
        "roles",
        "Personnes et rôles",
        "Quelqu’un est parti, ou a changé de poste ? Retirez-lui son rôle d’abord, sur la page des personnes.",
    )


def _last(person: User) -> Said:
    if not person.is_active:
        return Said("compte fermé", pill="no")
    return Said(f"le {day(person.last_login)}" if person.last_login else "jamais")
