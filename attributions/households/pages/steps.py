"""The dated steps of a unit, in words."""

from __future__ import annotations

from attributions.households.models import Offer, ProposalEnd
from attributions.households.queries.steps import StepKind, UnitStep
from flux.models import Return

NAMES = {
    StepKind.NOTICE: "congé reçu",
    StepKind.REGISTERED: "logement enregistré",
    StepKind.ROUTED: "logement orienté",
    StepKind.SENT: "candidats transmis",
    StepKind.READY: "dossiers instruits",
    StepKind.COMMITTEE: "examen en CALEOL",
    StepKind.DECIDED: "décision de la CALEOL",
    StepKind.OFFERED: "offre envoyée",
    StepKind.ANSWERED: "réponse à l’offre",
    StepKind.ENDED: "fin d’une candidature",
    StepKind.LEASED: "bail signé",
    StepKind.RETURNED: "logement rendu",
    StepKind.LAPSED: "délai écoulé sans candidat",
}


def reason_words(step: UnitStep) -> str:
    """The reason of a step as screens say it; "" without one."""
    for choices in (ProposalEnd.Reason, Return.Reason, Offer.Answer):
        if step.reason in choices.values:
            return str(choices(step.reason).label)
    return ""
