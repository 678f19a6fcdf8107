"""Whether a balance came in time, in words."""

from __future__ import annotations

from attributions.bilan.queries.due import Arrival
from reservations.words import day


def arrival_words(arrival: Arrival) -> str:
    """« Envoyé à temps », « Envoyé le 3 mars 2027, après le 28 février 2027 », « Absent », « À envoyer »…"""
    if arrival.is_absent:
        return "Absent"
    if arrival.sent_on is not None:
        if not arrival.is_late:
            return "Envoyé à temps"
        return f"Envoyé le {day(arrival.sent_on)}, après le {day(arrival.due.last_day)}"
    return "Année en cours" if arrival.is_early else "À envoyer"


def arrival_pill(arrival: Arrival) -> str:
    """The class of its pill."""
    if arrival.is_late:
        return "late"
    return "ok" if arrival.sent_on else "wait" if arrival.is_early else "todo"
