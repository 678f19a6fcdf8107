"""What happens next to a unit on its way from a routing to a lease, in one sentence."""

from __future__ import annotations

from attributions.households.queries.stage import Stage
from flux.delegating import proposer
from flux.models import Routing
from flux.pages.clock import clock_words
from flux.queries.returning import Clock
from reservations.words import towards, upper_first

#: By stage; `{landlord}` is its landlord. While candidates are awaited, it depends on who looks for them.
NEXT = {
    Stage.RECEIVED: "{landlord} a reçu des candidats, suivis dans un autre outil.",
    Stage.TO_INSTRUCT: "{landlord} instruit les dossiers transmis.",
    Stage.TO_CONVENE: "{landlord} inscrit ce logement à l’ordre du jour d’une CALEOL.",
    Stage.ON_AGENDA: "La CALEOL examine les dossiers.",
    Stage.TO_OFFER: "{landlord} envoie l’offre au ménage retenu.",
    Stage.OFFERED: "Le ménage répond à l’offre.",
    Stage.DOCUMENT: "Le ménage fournit la pièce attendue par la commission, puis le bail se signe.",
    Stage.TO_SIGN: "{landlord} et le ménage signent le bail.",
    Stage.LET: "Le bail est signé : il n’y a plus rien à faire ici.",
    Stage.OUTSIDE: "L’attribution est enregistrée, ses candidats sont suivis dans un autre outil.",
}

#: The button of the landlord, which leads to the offers and the lease.
LETTING = {
    Stage.TO_OFFER: "Envoyer l’offre",
    Stage.OFFERED: "Enregistrer la réponse",
    Stage.DOCUMENT: "Enregistrer la pièce",
    Stage.TO_SIGN: "Signer le bail",
}


def next_act(
    stage: Stage | None,
    routing: Routing | None,
    clock: Clock | None,
    landlord: str,
    *,
    by_landlord: bool,
    ours: bool,
    returns: bool,
) -> str:
    """`by_landlord`: it looks for the candidates; `ours`: the reader does; `returns`: nobody is left, and the landlord
    gives the unit back."""
    if stage is None:
        return "Ce logement n’est orienté vers personne : il n’attend pas encore de candidats."
    if stage == Stage.NOBODY_LEFT:
        return f"Aucun candidat ne reste : proposez-en d’autres{', ou le bailleur rend le logement' * returns}."
    if stage in NEXT:
        return NEXT[stage].format(landlord=landlord)
    if clock is not None and routing is not None:
        return clock_words(clock, proposer(routing), landlord, ours=ours)
    return f"{landlord} cherche ses candidats." if by_landlord else _proposing(routing, ours=ours)


def _proposing(routing: Routing | None, *, ours: bool) -> str:
    if ours or routing is None:
        return "Proposez vos candidats."
    return f"{upper_first(towards(proposer(routing)))} propose ses candidats."


def letting_words(stage: Stage | None, *, instructs: bool, returns: bool) -> str:
    """What the page of the offers and of the lease is opened for, by who instructs."""
    if instructs and stage in LETTING:
        return LETTING[stage]
    return "Rendre ce logement" if instructs and returns else "Offres et bail"
