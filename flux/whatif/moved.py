"""The units that would have gone elsewhere: where each went and why, where it would have gone and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import OuterRef, Subquery
from django.utils.text import capfirst

from flux.models import Recommendation, Routing, Vacancy
from flux.whatif.answer import Answer, Elsewhere
from reservations.models import Membership, ReservationHolder

#: Units shown with both reasons.
SHOWN = 20
#: Units that are looked for first among those that one sees: more would cost who sees them all.
BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Moved:
    """One unit, where it went and why, where it would have gone and why."""

    vacancy: Vacancy
    then: str
    why_then: str
    now: str
    why_now: str


def explained(answer: Answer, holders: Mapping[str, ReservationHolder], member: Membership) -> list[Moved]:
    """The first units that would have gone elsewhere, among those whose sheet the person may read. `holders`: those of
    the account, by id. Two queries; one more for who reads hardly any of the first thousand."""
    shown = [answer.moved.at(place) for place in _first_seen(answer.moved.ids, member)]
    said = Recommendation.objects.filter(vacancy=OuterRef("pk")).order_by("-attempt")
    chosen = Routing.objects.filter(vacancy=OuterRef("pk"), closed_at=None).exclude(motive="").order_by("-pk")
    told = Vacancy.objects.select_related("unit__commune").annotate(
        sentence=Subquery(said.values("sentence")[:1]),
        choice=Subquery(chosen.values("motive_text")[:1]),
        chosen=Subquery(chosen.values("holder")[:1]),
    )
    vacancies = told.in_bulk([each.vacancy for each in shown] or [0])
    return [_moved(vacancies[each.vacancy], each, holders) for each in shown if each.vacancy in vacancies]


def _first_seen(ids: list[int], member: Membership) -> list[int]:
    """The places of the first units that the person sees."""
    visible = Vacancy.objects.visible_to(member).order_by()
    found: list[int] = []
    for begin, some in ((0, ids[:BATCH] or [0]), (BATCH, ids[BATCH:])):
        if some and len(found) < SHOWN:
            seen = set(visible.filter(pk__in=some).values_list("pk", flat=True))
            found += [place for place, pk in enumerate(some, begin) if pk in seen]
    return found[:SHOWN]


def _moved(vacancy: Vacancy, each: Elsewhere, holders: Mapping[str, ReservationHolder]) -> Moved:
    sentence, choice = vars(vacancy)["sentence"], vars(vacancy)["choice"]
    if vars(vacancy)["chosen"] != each.held:
        choice = ""  # made since the answer was kept, for another holder
    if vacancy.exclusion:
        then, why_then = "Soustrait du flux", capfirst(vacancy.get_exclusion_display())
    elif each.held is None:
        then, why_then = "Sorti du flux", "Rendu pour travaux."
    else:
        then, why_then = str(holders[str(each.held)]), f"Choix du bailleur : {choice}" if choice else sentence
    if each.holder is None:
        return Moved(vacancy, then, why_then, "Non compté", "Moins de départs dans l’hypothèse.")
    return Moved(vacancy, then, why_then, str(holders[str(each.holder)]), each.why)
