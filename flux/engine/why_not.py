"""« Pourquoi pas nous ? »: why a destination is not the one that the rule chose, in one French sentence.

Pure: a decision's frozen facts and ranking are all it reads. The ranking on screen, the list of a holder and the API
say it with these same words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flux.engine import recorded, rule
from flux.engine.facts import HolderFacts, Rank, Situation
from flux.engine.forecast import inside_of, turning_point
from flux.engine.known_wording import aside, filling, of_the_known
from flux.engine.window import KNOWN_DEADLINE, KNOWN_MIX, Window
from flux.engine.wording import category_name, counted, units

#: Words for the holder that the rule chose.
CHOSEN = {
    rule.ONLY_ONE: "Seule destination possible.",
    rule.DEADLINE: "Recommandée : son tour ne peut plus attendre.",
    rule.TIE: "Recommandée : à égalité, la règle la retient.",
    rule.LARGEST_DELAY: "Recommandée : plus grand reste dû.",
    rule.FALLBACK: "Désignée par la convention de celui qui l’a rendu.",
    rule.PROFILE: "Recommandée : plus grand manque dans ces catégories, à écart voisin du plus grand.",
    recorded.RECORDED: "L’a eu avant que le compte soit tenu ici.",
    KNOWN_DEADLINE: "Recommandée : les départs déjà connus peuvent ainsi tous être servis au plus près des parts.",
    KNOWN_MIX: "Recommandée : les départs déjà connus répondent ainsi au plus de besoins.",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What was decided: the frozen facts, the reason, and every holder ranked, the chosen one first."""

    situation: Situation
    reason: str
    ranks: tuple[Rank, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        """The category of the unit in each dimension, as the head of a column."""
        pairs = zip(self.situation.dimensions, self.situation.categories, strict=True)
        return tuple(label(dimension, category, self.situation.place) for dimension, category in pairs)


def label(dimension: str, category: str, place: str = "") -> str:
    """A category as the head of a column: « T3 », « hors QPV », « autre financement », « attractivité A », or the
    commune, named `place`."""
    if not category:
        return category_name(dimension, category)
    if dimension == "commune":
        return place or category
    if category == "AUTRE":
        return category_name(dimension, category)
    if dimension == "attractiveness":
        return f"attractivité {category}"
    return category.replace("-", "–") if dimension == "period" else category


def why_not(answer: Answer, holder: str, *, returned: bool = False) -> str:
    """Why not this holder; for the chosen one, why it. `returned`: it gave this very unit back.

    Raises KeyError when the decision did not see that holder: it has no right there.
    """
    ranks = {rank.id: rank for rank in answer.ranks}
    rank, first = ranks[holder], answer.ranks[0]
    if returned:
        return "A déjà eu ce logement."
    if rank is first:
        return CHOSEN[answer.reason]
    facts = next(seen for seen in answer.situation.holders if seen.id == holder)
    if not rank.eligible:
        return _declined(facts.declines) or "Ne peut pas recevoir ce logement."
    if answer.reason == rule.FALLBACK:
        return "La convention de celui qui l’a rendu désigne une autre destination."
    if answer.reason in {KNOWN_DEADLINE, KNOWN_MIX} and rank.in_band and (planned := _by_the_plan(answer, holder)):
        return planned
    top = max(each.delay for each in answer.ranks if each.must_soon)
    return _behind(rank, top, answer, facts)


def _declined(code: str) -> str:
    """« Ne prend pas les PLS, selon sa convention. » of the code « dimension:category »; empty without one."""
    dimension, _, category = code.partition(":")
    if not category:
        return ""
    if category == "AUTRE":
        return "Ne prend pas les autres financements, selon sa convention."
    return f"Ne prend pas les {'logements ' if dimension == 'qpv' else ''}{category}, selon sa convention."


def _by_the_plan(answer: Answer, holder: str) -> str:
    """What the best plan of the known departures loses if this destination comes first; empty when it loses nothing."""
    situation, window = answer.situation, Window(answer.situation)
    plan, instead = window.best([answer.ranks[0].id]), window.best([holder])
    if instead.excess > plan.excess:
        peak = turning_point(window, instead, plan)
        then = f"{aside(peak, situation.unit)} après le {of_the_known(situation, peak.step)}"
        if peak.holder == holder:
            lost = f"Servie d’abord, elle serait au mieux {then}."
        else:
            lost = f"Servie d’abord, elle laisserait au mieux {inside_of(situation)[peak.holder]} {then}."
    elif instead.mix < plan.mix:
        fills = filling(instead, plan, situation, verb="rait")
        lost = f"Si elle était servie d’abord, l’ensemble des {situation.departures} départs connus {fills}."
    else:
        return ""
    if holder in plan.holders:
        lost += f" Prévision : le {of_the_known(situation, plan.holders.index(holder) + 1)}."
    return lost


def _behind(rank: Rank, top: int, answer: Answer, facts: HolderFacts) -> str:
    """Why this destination comes after the first one, in a few words; `top`: the most owed to one of the guard."""
    unit = answer.situation.unit
    if rank.in_band:
        return _less_wanted(rank, answer.ranks[0], facts, answer.labels, unit)
    if not units(rank.delay, unit).strip("0,"):
        return "Est à jour : rien ne lui reste dû pour l’instant."
    if rank.delay < 0:
        return f"A déjà reçu {counted(-rank.delay, unit)} de plus que son dû."
    if rank.safe:
        return f"Écart trop loin du plus grand ({units(top, unit)}) pour que les besoins décident."
    if rank.must_soon:
        return f"Presque à jour : {counted(rank.delay, unit)} à recevoir."
    return f"Peut attendre : {counted(rank.delay, unit)} à recevoir, sans dépasser un logement d’ici son tour."


def _less_wanted(rank: Rank, first: Rank, facts: HolderFacts, labels: Sequence[str], unit: int) -> str:
    """In the band, only the priority distinguished them: name what this holder already has most of."""
    _, lack, name = min(zip(facts.weighed, facts.lacks, labels, strict=True), default=(0, 0, ""))
    beside = "Plus grand écart" if rank.delay > first.delay else "Écart voisin"
    if lack < 0:
        return f"{beside}, mais déjà {units(-lack, unit)} d’avance ({name})."
    if rank.priority == first.priority:
        return "À égalité avec la première ; la part décide, puis l’ancienneté du dernier logement reçu."
    return f"{beside}, mais moins de manques : priorité {units(rank.priority, unit, signed=True)}."
