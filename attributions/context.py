"""What every page shows around its content: the navigation of the person's role."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from reservations.models import Membership

Role = Membership.Role

LANDLORD = [
    ("home", "À décider"),
    ("vacancy-list", "Logements libérés"),
    ("unit-list", "Logements"),
    ("account-list", "Comptes"),
    ("convention-list", "Conventions"),
    ("balance-list", "Bilan annuel"),
]
HOLDER = [
    ("home", "Accueil"),
    ("account-list", "Votre compte"),
    ("vacancy-list", "Pourquoi pas nous ?"),
    ("convention-list", "Conventions"),
    ("balance-list", "Bilan annuel"),
]
OVERSEER = [
    ("home", "Tableau de bord"),
    ("balance-list", "Bilans"),
    ("account-list", "Comptes"),
    ("vacancy-list", "Orientations"),
    ("convention-list", "Conventions"),
]
NAVIGATION = {
    Role.LANDLORD_STAFF: LANDLORD,
    Role.LANDLORD_MANAGER: LANDLORD,
    Role.HOLDER_STAFF: HOLDER,
    Role.EPCI_OFFICER: OVERSEER,
    Role.STATE_OFFICER: OVERSEER,
    Role.ADMINISTRATOR: [
        ("home", "Accueil"),
        ("organisation-list", "Organisations"),
        ("person-list", "Personnes"),
        ("legal-parameter-list", "Paramètres de droit"),
        ("account-list", "Comptes"),
        ("balance-list", "Bilans"),
    ],
}

#: Beside the conventions: what one reads or does about the rights. Shown on each of these pages.
RIGHTS_LANDLORD = [
    ("convention-list", "Conventions"),
    ("stock-right-list", "Droits en stock"),
    ("conversion-list", "Conversions"),
    ("check-list", "Contrôles"),
    ("compliance", "Qui a signé ?"),
    ("derogation-list", "Dérogations"),
    ("programme-list", "Programmes"),
    ("forecast-list", "Prévisionnels"),
]
RIGHTS_HOLDER = [
    ("convention-list", "Conventions"),
    ("stock-right-list", "Vos droits en stock"),
    ("conversion-list", "Conversions"),
    ("programme-list", "Programmes neufs"),
    ("forecast-list", "Prévisionnels"),
]
RIGHTS_OVERSEER = [
    ("convention-list", "Conventions"),
    ("compliance", "Qui a signé ?"),
    ("check-list", "Contrôles"),
    ("derogation-list", "Dérogations"),
    ("stock-right-list", "Droits en stock"),
    ("conversion-list", "Conversions"),
    ("programme-list", "Programmes neufs"),
    ("forecast-list", "Prévisionnels"),
]
RIGHTS = {
    Role.LANDLORD_STAFF: RIGHTS_LANDLORD,
    Role.LANDLORD_MANAGER: RIGHTS_LANDLORD,
    Role.HOLDER_STAFF: RIGHTS_HOLDER,
    Role.EPCI_OFFICER: RIGHTS_OVERSEER,
    Role.STATE_OFFICER: RIGHTS_OVERSEER,
}


def shell(request: HttpRequest) -> dict[str, Any]:
    """`navigation`: (address, words, is it here) for each entry, at most six; `section`: the same, for the rights."""
    member: Membership | None = getattr(request, "member", None)
    links = _links(NAVIGATION[Role(member.role)]) if member else []
    section = _links(RIGHTS.get(Role(member.role), [])) if member else []
    here, there = _here(links, request.path), _here(section, request.path)
    if there is not None and not (here or "").startswith(there):
        here = reverse("convention-list")
    return {
        "member": member,
        "memberships": getattr(request, "memberships", []),
        "navigation": [(url, words, url == here) for url, words in links],
        "section": [(url, words, url == there) for url, words in section] if there is not None else [],
    }


def _links(entries: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(reverse(name), words) for name, words in entries]


def _here(links: list[tuple[str, str]], path: str) -> str | None:
    """The address of the entry that a path is under, the longest one; the home page is under itself only."""
    home = reverse("home")
    under = (url for url, _ in links if path == url or (url != home and path.startswith(url)))
    return max(under, key=len, default=None)
