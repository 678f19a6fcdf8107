"""How long a remark has waited for its answer, or a corrected line for its version, in words."""

from __future__ import annotations

from attributions.bilan.queries.waiting import Waiting
from reservations.words import integer, plural, weekday


def term(waits: Waiting) -> str:
    """« Réponse attendue le mardi 9 mars 2027 au plus tard. », or since when it is late."""
    what = "Version attendue" if waits.remark.answer else "Réponse attendue"
    if waits.left >= 0:
        return f"{what} le {weekday(waits.until)} au plus tard."
    return f"{what} le {weekday(waits.until)}, date passée."


def hurry(waits: Waiting | None, number: int) -> str:
    """What a home page says of the one that waits for the longest, among so many; empty when no term is in force."""
    if waits is None:
        return ""
    left = f"il reste {integer(waits.left)} {plural(max(0, waits.left), 'jour ouvré,jours ouvrés')}"
    how = "le délai est dépassé" if waits.left < 0 else "c’est le dernier jour" if waits.left == 0 else left
    return f"{how} pour la première" if number > 1 else how
