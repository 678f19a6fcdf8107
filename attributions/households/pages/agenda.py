"""Why a unit cannot be put on an agenda, and what to do."""

from __future__ import annotations

from attributions.households.queries.agenda import Obstacle, Why


def why_not(obstacle: Obstacle) -> str:
    """« 2 dossiers restent à instruire. »: the end of a sentence, without its capital."""
    match obstacle.why:
        case Why.ON_AGENDA:
            return f"déjà à l’ordre du jour de la séance du {obstacle.day:%d/%m/%Y}."
        case Why.KEPT:
            return "la commission a déjà retenu un candidat. Attendez la réponse à son offre."
        case Why.TO_INSTRUCT:
            number = obstacle.number
            return "un dossier reste à instruire." if number == 1 else f"{number} dossiers restent à instruire."
        case Why.NONE_READY:
            return "aucun dossier n’est prêt. Instruisez d’abord ses candidatures."
        case Why.TOO_FEW:
            return too_few(obstacle.number)


def too_few(minimum: int) -> str:
    """Why the committee cannot examine fewer, and what to do."""
    return (
        f"la commission examine au moins {minimum} candidat{'s' * (minimum > 1)} (CCH, R441-3). "
        "Demandez-en d’autres, ou l’exception qui en dispense."
    )
