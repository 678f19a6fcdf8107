"""The units that would have gone elsewhere: where each went and why, where it would have gone and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.text import capfirst

from flux.engine import versions
from flux.models import Recommendation, Routing, Vacancy
from flux.whatif.hypothesis import Hypothesis, Outcome
from flux.whatif.past import Past
from reservations.models import Membership

#: Units shown with both reasons.
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Moved:
    """One unit, where it went and why, where it would have gone and why."""

    vacancy: Vacancy
    then: str
    why_then: str
    now: str
    why_now: str


def explained(past: Past, found: Hypothesis, member: Membership) -> list[Moved]:
    """The first units that would have gone elsewhere, among those whose sheet the person may read. Three queries."""
    moved = {outcome.event.vacancy.pk: outcome for outcome in found.moved}
    seen = set(
        Vacancy.objects.visible_to(member).filter(pk__in=list(moved) or [0]).order_by().values_list("pk", flat=True)
    )
    shown = [outcome for pk, outcome in moved.items() if pk in seen][:SHOWN]
    ids = [outcome.event.vacancy.pk for outcome in shown] or [0]
    sentences = dict(
        Recommendation.objects.filter(vacancy__in=ids).order_by("attempt").values_list("vacancy", "sentence")
    )
    motives = dict(
        Routing.objects.filter(vacancy__in=ids, closed_at=None)
        .exclude(motive="")
        .order_by("pk")
        .values_list("vacancy", "motive_text")
    )
    return [_moved(past, outcome, sentences, motives) for outcome in shown]


def _moved(past: Past, outcome: Outcome, sentences: Mapping[int, str], motives: Mapping[int, str]) -> Moved:
    vacancy, holders = outcome.event.vacancy, past.known.holders
    if vacancy.exclusion:
        then, why_then = "Soustrait du flux", capfirst(vacancy.get_exclusion_display())
    elif outcome.event.held is None:
        then, why_then = "Sorti du flux", "Rendu pour travaux."
    else:
        then = str(holders[str(outcome.event.held)])
        why_then = f"Choix du bailleur : {motives[vacancy.pk]}" if vacancy.pk in motives else sentences[vacancy.pk]
    if outcome.decision is None or outcome.facts is None:
        return Moved(vacancy, then, why_then, "Non compté", "Moins de départs dans l’hypothèse.")
    return Moved(
        vacancy, then, why_then, str(holders[outcome.decision.holder]), versions.say(outcome.facts, outcome.decision)
    )
