"""The plan of the site: every page that the navigation of a role leads to, and those that anybody reads."""

from __future__ import annotations

from django.urls import reverse

from attributions.navigation import SHELLS, settled_by
from reservations.models import Membership, User

#: What anybody reads, signed in or not.
PUBLIC = (
    ("rule", "La règle d’orientation expliquée"),
    ("log", "Le journal vérifiable"),
    ("help", "Aide"),
    ("contact", "Contact"),
    ("accessibility", "Accessibilité"),
    ("legal-notice", "Mentions légales"),
    ("terms", "Conditions d’utilisation"),
    ("personal-data", "Données personnelles"),
    ("site-plan", "Plan du site"),
)
#: What whoever is signed in finds beside.
SIGNED_IN = (
    ("glossary", "Lexique"),
    ("own-account", "Votre compte"),
    ("people-history", "Historique du compte"),
    ("mail-choice", "Vos courriels"),
)

Entries = list[tuple[str, str]]


def plan(user: User, member: Membership | None) -> list[tuple[str, Entries]]:
    """(title, its pages as (address, words)) of each part, for this reader: nothing that would not open."""
    parts: list[tuple[str, list[tuple[str, str]]]] = []
    if member is not None:
        entries, sections = SHELLS[Membership.Role(member.role)]
        parts = [("Navigation principale", entries), *sections, ("Ce que vous réglez", settled_by(member))]
    if user.is_authenticated:
        parts.append(("Vous", list(SIGNED_IN)))
    else:
        parts.append(("Entrer", [("sign-in", "Se connecter")]))
    parts.append(("Le service", list(PUBLIC)))
    return [(title, [(reverse(name), words) for name, words in entries]) for title, entries in parts if entries]
