"""The landlord's queue in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from flux.queries.queue import BLOCKED, FORESEEN, LATER, WAITING, Choice

#: Of a vacancy that has no recommendation yet.
UNDECIDED = {
    WAITING: "Calcul en attente",
    FORESEEN: "Prévision, à décider",
    BLOCKED: "Orientation impossible",
    LATER: "Avant la mise en service",
}


def destinations(choices: Iterable[Choice]) -> list[Choice]:
    """The values of the destination filter, each with its words, in their order."""
    said = [replace(choice, words=UNDECIDED.get(choice.value, choice.words)) for choice in choices]
    return sorted(said, key=lambda choice: (choice.words, choice.value))
