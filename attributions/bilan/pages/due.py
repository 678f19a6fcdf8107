"""Whether a balance came in time, in words."""

from __future__ import annotations

from attributions.bilan.queries.due import Arrival
from reservations.words import plural


def arrival_words(arrival: Arrival) -> str:
    """« Envoyé à temps », « En retard de 3 jours », « Absent », « À envoyer », « Année en cours »."""
    if arrival.is_absent:
        return "Absent"
    if arrival.sent_on is not None:
        late = arrival.days_late
        return f"En retard de {late} {plural(late, 'jour,jours')}" if late else "Envoyé à temps"
    return "Année en cours" if arrival.is_early else "À envoyer"


def arrival_pill(arrival: Arrival) -> str:
    """The class of its pill."""
    if arrival.is_absent or arrival.days_late:
        return "late"
    return "ok" if arrival.sent_on else "wait" if arrival.is_early else "todo"
