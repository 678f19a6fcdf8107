"""The publics of a table of leases, in words."""

from __future__ import annotations

from attributions.bilan.models import Objective

#: By code.
NAMES = {
    "priority": "ménages prioritaires (L441-1)",
    "dalo": "dont reconnus au titre du DALO",
    "first_quartile": "premier quartile de ressources",
    "last_quartile": "quatrième quartile de ressources",
    "renewal": "relogés pour la rénovation urbaine",
    "agents": "agents de l’État",
    "essential": str(Objective.Code.ESSENTIAL_WORKERS.label),
    "alone": "personnes seules",
    "large": "ménages de cinq personnes ou plus",
}


def public_name(code: str) -> str:
    """« agents de l’État »."""
    return NAMES[code]
