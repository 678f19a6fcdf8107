"""What a return does to its holder's account, in words."""

from __future__ import annotations

from flux.models import Recommendation, Return, Routing
from flux.queries.returning import Effects
from flux.words import counted_words
from reservations.words import of


def effects_words(effects: Effects) -> str:
    """« compte comme proposé : oui ; décompté : non »; of a new delay, nothing is said: a return ends it."""
    return counted_words(offered=effects.offered, consumed=effects.consumed)


def charged_words(given: Return | None, made: Recommendation, ledger: int | None, *, named: bool = True) -> str:
    """Whose account a unit `given` back counts in if it is taken as `made` says, and by which clause, `named` with its
    convention or not; empty for one that nobody gave back, and in an account where everybody is credited again.
    `ledger` (id): the yearly account of the unit."""
    if given is None or (given.counted and made.ledger_id == ledger):
        return ""
    clause = clause_of(given.routing) if named else "clause « logements rendus » de la convention"
    if made.ledger_id != ledger:
        return f"Pour un tour, hors des comptes annuels : {clause}."
    if made.holder.is_not_reserved:
        return f"S’il est pris, il compte sur la part non réservée du bailleur : {clause}."
    return f"S’il est pris, il compte comme reçu par qui le prend : {clause}."


def clause_of(routing: Routing) -> str:
    """« convention d’Action Logement, effet d’un logement rendu : … »."""
    if routing.convention is None:
        return "aucune convention ne dit autre chose"
    whose = "appliquée" if routing.on_landlords_part else of(routing.holder.organisation)
    return f"convention {whose}, effet d’un logement rendu : {routing.convention.get_returns_effect_display()}"
