"""The ranking that a recommendation stored, as people read it: every destination, its figures, and why not it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from flux.engine import rule
from flux.engine.facts import HolderFacts, Rank, Situation
from flux.engine.wording import category_name, counted, units
from flux.models import Recommendation
from reservations.models import Territory
from reservations.models.categories import plural_of

#: Words for the row of the holder that the rule chose.
CHOSEN = {
    rule.ONLY_ONE: "Seule destination possible.",
    rule.DEADLINE: "Recommandée : son tour ne peut plus attendre.",
    rule.TIE: "Recommandée : à égalité, départagée par la règle.",
    rule.LARGEST_DELAY: "Recommandée : plus grand reste dû.",
    rule.FALLBACK: "Désignée par la convention de celui qui l’a rendu.",
    rule.PROFILE: "Recommandée : plus grand manque dans ces catégories, à écart voisin du plus grand.",
}


@dataclass(frozen=True, slots=True)
class RankRow:
    """One destination. Figures in millionths of a unit, `received` in whole units; `lacks`: (category, lack).

    `returned`: it gave this unit back, and is no destination any more.
    """

    position: int
    holder_id: int
    name: str
    share: int
    due: int
    received: int
    gap: int
    lacks: tuple[tuple[str, int], ...]
    priority: int
    safe: bool
    recommended: bool
    returned: bool
    hint: str


@dataclass(frozen=True, slots=True)
class Ranking:
    """Every destination of one vacancy, in order. `labels` names the category of the unit in each dimension."""

    labels: tuple[str, ...]
    rows: tuple[RankRow, ...]

    def row(self, holder_id: int | None) -> RankRow | None:
        """The line of a holder; None when it has no right there."""
        return next((row for row in self.rows if row.holder_id == holder_id), None)


def ranking_of(
    recommendation: Recommendation, *, commune: Territory, returned: Collection[int] = frozenset()
) -> Ranking:
    """Read a stored ranking. `commune` is that of the unit, for its name: the situation only holds its code.

    `returned`: ids of the holders who gave the unit back.
    """
    situation = Situation.from_json(recommendation.situation)
    facts = {holder.id: holder for holder in situation.holders}
    ranks = [Rank(**row) for row in recommendation.ranking]
    labels = tuple(
        _label(dimension, category, commune)
        for dimension, category in zip(situation.dimensions, situation.categories, strict=True)
    )
    rows = tuple(
        RankRow(
            position=position,
            holder_id=int(rank.id),
            name=facts[rank.id].name,
            share=facts[rank.id].share,
            due=facts[rank.id].due,
            received=facts[rank.id].received,
            gap=rank.delay,
            lacks=tuple(zip(labels, facts[rank.id].lacks, strict=True)),
            priority=rank.priority,
            safe=rank.safe,
            recommended=position == 1,
            returned=int(rank.id) in returned,
            hint=_settled(recommendation.reason, rank, first=position == 1, returned=int(rank.id) in returned)
            or _why_not(rank, ranks[0], facts[rank.id], labels, situation.unit),
        )
        for position, rank in enumerate(ranks, start=1)
    )
    return Ranking(labels, rows)


def _label(dimension: str, category: str, commune: Territory) -> str:
    """A category as the head of a column: « T3 », « hors QPV », « Narbonne », « Classe A »."""
    if not category:
        return category_name(dimension, category)
    if dimension == "commune":
        return commune.name if category == commune.code else category
    if dimension == "attractiveness":
        return f"Classe {category}"
    return category.replace("-", "–") if dimension == "period" else category


def _settled(reason: str, rank: Rank, *, first: bool, returned: bool) -> str:
    """What needs no figures to be said: the first one, those who gave the unit back, those a chain passes over."""
    if returned:
        return "A rendu ce logement."
    if first:
        return CHOSEN[reason]
    if reason == rule.FALLBACK and rank.eligible:
        return "La convention de celui qui l’a rendu désigne une autre destination."
    return ""


def _why_not(rank: Rank, first: Rank, facts: HolderFacts, labels: Sequence[str], unit: int) -> str:
    """Why this destination comes after the first one, in a few words."""
    if not rank.eligible:
        said = f"Ne prend pas {plural_of(facts.declines)}, selon sa convention." if facts.declines else ""
        return said or "Ne peut pas recevoir ce logement."
    if rank.in_band:
        return _less_wanted(rank, first, facts, labels, unit)
    if rank.delay < 0:
        return f"A déjà reçu {counted(-rank.delay, unit)} de plus que son dû."
    if rank.safe:
        return f"Écart trop loin du plus grand ({units(first.delay, unit)}) pour être départagé par les manques."
    if rank.must_soon:
        return f"Presque à jour : {counted(rank.delay, unit)} à recevoir."
    return f"Peut attendre : {counted(rank.delay, unit)} à recevoir, sans dépasser un logement d’ici son tour."


def _less_wanted(rank: Rank, first: Rank, facts: HolderFacts, labels: Sequence[str], unit: int) -> str:
    """In the band, only the priority told them apart: name what this holder already has most of."""
    lack, label = min(zip(facts.lacks, labels, strict=True), default=(0, ""))
    beside = "Plus grand écart" if rank.delay > first.delay else "Écart voisin"
    if lack < 0:
        return f"{beside}, mais déjà {units(-lack, unit)} d’avance ({label})."
    if rank.priority == first.priority:
        return "À égalité avec la première ; la part, puis l’ancienneté du dernier logement reçu les départagent."
    return f"{beside}, mais moins de manques : priorité {units(rank.priority, unit, signed=True)}."
