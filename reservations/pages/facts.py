"""Facts of one thing, label by label, for one component to lay out (`components/facts.html`). What a fact says in
several pieces is composed with `reservations/pages/pieces.py`."""

from __future__ import annotations

#: « Commune », « Narbonne ».
type Fact = tuple[str, str]

UNKNOWN = "non renseigné"


def facts(*given: Fact) -> tuple[Fact, ...]:
    """Each fact in its order; one that says nothing is left out."""
    return tuple((label, said) for label, said in given if said)


def yes_or_no(value: bool | None) -> str:  # read as it is kept
    """« oui », « non », or that it is not known."""
    return UNKNOWN if value is None else "oui" if value else "non"
