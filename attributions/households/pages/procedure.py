"""What is asked of a refusal, in words."""

from __future__ import annotations

from collections.abc import Iterable

from attributions.households.models import Proposal
from attributions.households.queries.procedure import is_to_be_said
from flux.models import Routing


def unsaid(refused: Iterable[tuple[str, Proposal]], routing: Routing | None) -> dict[str, str]:
    """Of these candidates, refused without a sentence, by the letter of their case: what to do for those whose refusal
    the convention applied asks to be said (arrêté of 10 March 2011, article 1, 7° and 9°)."""
    return {
        letter: f"Dossier {letter} : c’est un ménage DALO, et la convention demande que son refus soit motivé. Écrivez "
        "en une phrase pourquoi il n’est pas retenu."
        for letter, proposal in refused
        if is_to_be_said(proposal, routing)
    }
