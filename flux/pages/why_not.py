"""« Pourquoi pas nous ? » in words: where units went, and why not to one holder."""

from __future__ import annotations

from flux.models import Vacancy
from flux.pages.vacancies import outside, undecided
from flux.queries.why_not import LEFT, WAITING, Destination, Outcome, WhyNotLine
from flux.queries.why_not_file import FileLine
from flux.words import SUSPENDED
from reservations.words import upper_first

Kind = Vacancy.Kind

OUTCOMES = {
    Outcome.OURS: "chez nous",
    Outcome.ELSEWHERE: "ailleurs",
    Outcome.SET_ASIDE: "écarté par choix du bailleur",
    Outcome.UNDECIDED: "pas encore décidé",
    Outcome.OUTSIDE: "hors du flux",
}

#: What became of the units that no holder received, by the code of their destination.
DESTINATIONS: dict[str, str] = {
    WAITING: "pas encore décidés",
    LEFT: "sortis du flux après avoir été rendus",
    **{each.value: f"soustraits : {each.label}" for each in Vacancy.Exclusion},
    Kind.STOCK: "gardés en stock",
    Kind.FIRST_LETTING: "premières mises en location",
    Kind.TECHNICAL: "vacances techniques",
    Kind.OUTSIDE: str(Kind.OUTSIDE.label),
}


def destination_name(destination: Destination) -> str:
    """« Ville de Narbonne », « gardés en stock »."""
    return str(destination.holder) if destination.holder is not None else DESTINATIONS[destination.code]


def why_sentence(line: WhyNotLine | FileLine) -> str:
    """Why it went where it went, for this holder: what the rule saw, or the landlord's motive."""
    recommendation, routing = line.recommendation, line.routing
    if line.outcome == Outcome.OUTSIDE:
        return outside(line.vacancy)
    if recommendation is None:
        return undecided(line.vacancy)
    choice = ""
    if routing is not None and routing.motive:
        choice = f"choix du bailleur, {routing.get_motive_display()} : {routing.motive_text}"
    if routing is not None and routing.holder_id == line.holder.pk:
        return upper_first(choice) if choice else recommendation.sentence
    first = recommendation.holder_id == line.holder.pk
    if first and choice:
        return f"La règle le recommandait ici ; {choice}"
    if first and not line.left:
        return recommendation.sentence
    hint = line.hint
    why = hint if hint is not None else _no_right(line)
    return f"{why} Le bailleur a ensuite écarté la règle ; {choice}" if choice else why


def _no_right(line: WhyNotLine | FileLine) -> str:
    return SUSPENDED if line.paused else "N’a pas de droit là où se trouve ce logement."
