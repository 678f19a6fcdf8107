"""Where a departure stands now, at the foot of its story."""

from __future__ import annotations

#: By state of the sheet: what is said, and what follows it. A state that says nothing has nothing left to come.
NOW = {
    "RECOMMENDED": ("À orienter", " : le bailleur suit la recommandation, ou choisit une autre destination"),
    "FORESEEN": ("Prévision", " : il est décidé avec les autres départs connus, dans l’ordre"),
    "WAITING": ("Calcul en attente", ""),
    "IMPOSSIBLE": ("Orientation impossible", " tant que les conventions promettent plus de 100 % du flux"),
    "UNCOVERED": ("Sans convention", " : il sera orienté quand une convention de réservation y sera en vigueur"),
    "NOT_LIVE": ("En attente de la mise en service", " : il sera orienté à sa place, à partir de ce jour"),
    "OUT": ("Sorti du flux", ""),
}


def standing_now(state: str) -> tuple[str, str]:
    """Its words, of which the first stand out; both empty when nothing is to come."""
    return NOW.get(state, ("", ""))
