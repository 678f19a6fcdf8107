"""What a committee asks of a refusal, and how it sums up what it decided, in words."""

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


def to_say(cases: Iterable[tuple[str, Proposal]], routing: Routing | None) -> frozenset[str]:
    """The letters of those whose refusal the convention applied asks to be said, so that the page asks it first."""
    return frozenset(letter for letter, proposal in cases if is_to_be_said(proposal, routing))


def summary(kept: int, others: int) -> str:
    """What a notice says of the decisions: « 1 candidat retenu, 2 non retenus. »"""
    first = f"{kept} candidat retenu" if kept < 2 else f"{kept} candidats retenus"
    return f"{first}, {others} non retenu{'s' if others > 1 else ''}."
