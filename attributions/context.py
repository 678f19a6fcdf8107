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


def shell(request: HttpRequest) -> dict[str, Any]:
    """`navigation`: (address, words, is it here) for each entry; at most six."""
    member: Membership | None = getattr(request, "member", None)
    entries = NAVIGATION[Role(member.role)] if member else []
    links = [(reverse(name), words) for name, words in entries]
    here = max((url for url, _ in links if request.path.startswith(url)), key=len, default=None)
    if here == reverse("home") and request.path != here:
        here = None
    return {
        "member": member,
        "memberships": getattr(request, "memberships", []),
        "navigation": [(url, words, url == here) for url, words in links],
    }
