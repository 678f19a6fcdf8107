"""What a return does to its holder's account, in words."""

from __future__ import annotations

from flux.queries.returning import Effects
from flux.words import counted_words


def effects_words(effects: Effects) -> str:
    """« compte comme proposé : oui ; use le droit : non »; of a new delay, nothing is said: a return ends it."""
    return counted_words(offered=effects.offered, consumed=effects.consumed)
