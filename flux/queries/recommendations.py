"""What is read of recommendations.

* The ranking that a recommendation stored, as people read it: every destination, its figures, and why not it.
* Past recommendations recomputed from what each one saw, and compared with what it stated.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from flux.engine import versions
from flux.engine.consequence import Consequence, brief, consequence_words, consequences
from flux.engine.facts import Decision, Rank, Situation
from flux.engine.why_not import Answer, why_not
from flux.models import Recommendation


@dataclass(frozen=True, slots=True)
class RankRow:
    """One destination. Figures in millionths of a unit, `received` in whole units; `lacks`: (category, lack).

    `share` is what the decision saw credited; `carried` the part of it that gives back what the year before left: below
    zero, an advance. `remainder`: it is the landlord, who has what no share takes.
    `inside`: its name in a sentence.

    `eligible`, `must_soon` (to be served now, says the guard), `in_band` and `safe` are those of the decision.
    `returned`: it gave this unit back, and is no destination any more. `if_chosen`: what choosing it breaks, and
    `if_chosen_words` that in one sentence, `if_chosen_brief` in a few words; None and « » when it cannot be chosen.
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
    eligible: bool
    must_soon: bool
    in_band: bool
    safe: bool
    recommended: bool
    returned: bool
    hint: str
    if_chosen: Consequence | None
    if_chosen_words: str
    if_chosen_brief: str
    carried: int = 0
    remainder: bool = False
    inside: str = ""

    @property
    def promised(self) -> int:
        """The share where the unit is, before the year before takes or gives anything."""
        return self.share - self.carried


@dataclass(frozen=True, slots=True)
class Ranking:
    """Every destination of one vacancy, in order. `labels` names the category of the unit in each dimension.

    `guarded`: the guard left only some of them to be served now.
    """

    dimensions: tuple[str, ...]
    labels: tuple[str, ...]
    rows: tuple[RankRow, ...]

    @property
    def risky(self) -> list[RankRow]:
        """Those that break something if they are chosen."""
        return [row for row in self.rows if row.if_chosen and not row.if_chosen.safe]

    @property
    def guarded(self) -> bool:
        return any(row.eligible and not row.must_soon for row in self.rows)

    def row(self, holder_id: int | None) -> RankRow | None:
        """The line of a holder; None when it has no right there."""
        return next((row for row in self.rows if row.holder_id == holder_id), None)


@dataclass(frozen=True, slots=True)
class RankingPlace:
    """The place of one holder in a ranking, and why it is not the first."""

    holder_id: int
    name: str
    position: int
    hint: str


def places(
    recommendation: Recommendation, holders: Collection[int], returned: Collection[int] = ()
) -> list[RankingPlace]:
    """Where these holders stand in a stored ranking; those that it does not have are left out."""
    answer = answer_of(recommendation)
    names = {holder.id: holder.name for holder in answer.situation.holders}
    return [
        RankingPlace(
            int(rank.id), names[rank.id], position, why_not(answer, rank.id, returned=int(rank.id) in returned)
        )
        for position, rank in enumerate(answer.ranks, start=1)
        if int(rank.id) in holders
    ]


def hint(
    ranking: Sequence[Mapping[str, Any]], situation: Mapping[str, Any], reason: str, holder: int, *, returned: bool
) -> str | None:
    """Why not one holder, as `places` says it, of a decision read as plain data; None when it does not have it. Where
    nothing else was known, what the decision saw of other holders is not read back."""
    key = str(holder)
    if not any(row["id"] == key for row in ranking):
        return None
    alone = {} if situation.get("known") else {"holders": [row for row in situation["holders"] if row["id"] == key]}
    answer = Answer(Situation.from_json({**situation, **alone}), reason, tuple(Rank(**row) for row in ranking))
    return why_not(answer, key, returned=returned)


def answer_of(recommendation: Recommendation) -> Answer:
    """The decision that a recommendation stored, read back."""
    ranks = tuple(Rank(**row) for row in recommendation.ranking)
    return Answer(Situation.from_json(recommendation.situation), recommendation.reason, ranks)


def decision_of(recommendation: Recommendation) -> Decision:
    """The whole decision that a recommendation stored, with the plan of the known departures when there were others."""
    plan = recommendation.plan or {}
    return Decision(
        holder=str(recommendation.holder_id),
        reason=recommendation.reason,
        ranking=tuple(Rank(**row) for row in recommendation.ranking),
        version=recommendation.engine_version,
        plan=tuple(plan.get("holders", ())),
        excess=plan.get("excess", 0),
        mix=plan.get("mix", 0),
        version_1=plan.get("version_1", ""),
    )


def ranking_of(
    recommendation: Recommendation,
    *,
    returned: Collection[int] = frozenset(),
    carried: Mapping[int, int] | None = None,
) -> Ranking:
    """Read a stored ranking. `returned`: ids of the holders who gave the unit back; `carried`: what was written with it
    of the year before, by holder (id), in millionths: on the first offer only."""
    steps = carried if carried and recommendation.attempt == 1 else {}
    answer = answer_of(recommendation)
    situation = answer.situation
    facts = {holder.id: holder for holder in situation.holders}
    after, labels = consequences(situation), answer.labels
    rows = []
    for position, rank in enumerate(answer.ranks, start=1):
        seen, gone = facts[rank.id], int(rank.id) in returned
        if_chosen = None if gone else after.get(rank.id)
        rows.append(
            RankRow(
                position=position,
                holder_id=int(rank.id),
                name=seen.name,
                share=seen.share,
                due=seen.due,
                received=seen.received,
                gap=rank.delay,
                lacks=tuple(zip(labels, seen.lacks, strict=True)),
                priority=rank.priority,
                eligible=rank.eligible,
                must_soon=rank.must_soon,
                in_band=rank.in_band,
                safe=rank.safe,
                recommended=position == 1,
                returned=gone,
                hint=why_not(answer, rank.id, returned=gone),
                if_chosen=if_chosen,
                if_chosen_words=consequence_words(situation, if_chosen) if if_chosen else "",
                if_chosen_brief=brief(situation, if_chosen) if if_chosen else "",
                carried=steps.get(int(rank.id), 0),
                remainder=rank.id == situation.landlord,
                inside=seen.inside or seen.name,
            )
        )
    return Ranking(situation.dimensions, labels, tuple(rows))


#: Recommendations held in memory at a time: each carries all that it saw.
CHUNK = 500


@dataclass(frozen=True, slots=True)
class Replayed:
    """One recommendation, and the fields that differ: [{field, stored, recomputed}]; none when it holds."""

    recommendation: Recommendation
    differences: tuple[dict[str, Any], ...]


def replayed(recommendations: QuerySet[Recommendation]) -> Iterator[Replayed]:
    """Recompute each, in the order they were made. One query, streamed."""
    for recommendation in recommendations.order_by("pk").iterator(chunk_size=CHUNK):
        yield Replayed(recommendation, tuple(_differences(recommendation)))


def recorded_since(on: date) -> datetime:
    """The first moment of a local day: what is recorded from then on is of that day or later."""
    return timezone.make_aware(datetime.combine(on, time.min))


def _differences(recommendation: Recommendation) -> Iterator[dict[str, Any]]:
    """What the rule says today, under the same version, and did not say then.

    A situation that can no longer be read is a difference too: it must be seen, not stop the others.
    """
    stored = {
        "holder": str(recommendation.holder_id),
        "reason": recommendation.reason,
        "sentence": recommendation.sentence,
        "ranking": recommendation.ranking,
        "plan": recommendation.plan,
        "fingerprint": recommendation.fingerprint,
    }
    try:
        recomputed = versions.replay(recommendation.situation, version=recommendation.engine_version)
    except (KeyError, TypeError) as error:
        yield {"field": "situation", "stored": recommendation.situation, "recomputed": repr(error)}
        return
    for field, value in stored.items():
        if value != recomputed.get(field):
            yield {"field": field, "stored": value, "recomputed": recomputed.get(field)}
