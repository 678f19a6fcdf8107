"""The routing rule, version 1 (docs/engine.md, section 2): guard, band, choice, reason.

Guard after Tijdeman, « The chairman assignment problem », 1980, and Hall's condition: with one territory and
constant quotas, |dû − reçu| ≤ 1 − 1/(2n−2) unit at every moment, whatever the profile says.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence

from flux.engine.facts import Decision, HolderFacts, Rank, Situation

VERSION = 1

#: How much a unit of delay weighs beside a unit of lack in one dimension.
DELAY_WEIGHT = 10

ONLY_ONE = "ONLY_ONE"
DEADLINE = "DEADLINE"
TIE = "TIE"
LARGEST_DELAY = "LARGEST_DELAY"
PROFILE = "PROFILE"
FALLBACK = "FALLBACK"


def decide(situation: Situation) -> Decision:
    """Say to which holder the vacancy goes, and rank all the others behind it.

    Where a convention's chain names the destination, the rule only ranks the others.
    """
    unit = situation.unit
    eligible = [h for h in situation.holders if (h.share > 0 and h.may_take) or h.id == situation.landlord]
    if situation.chain is not None:
        [named] = [h for h in situation.holders if h.id == situation.chain.holder]
        return _decision(situation, named, FALLBACK, [[named], [named], [named], eligible])
    if len(eligible) == 1:
        return _decision(situation, eligible[0], ONLY_ONE, [eligible] * 4)

    floor = unit // (2 * len(eligible) - 2)
    must = guard(eligible, unit=unit, limit=unit - floor)
    top = max(h.delay(unit) for h in must)
    safe = [h for h in must if h.delay(unit) >= floor or h.delay(unit) == top]
    band = [h for h in safe if 2 * h.delay(unit) >= 2 * top - unit]
    chosen = max(band, key=lambda h: _preference(h, unit))
    return _decision(situation, chosen, _reason(chosen, band, eligible, top, unit), [band, safe, must, eligible])


def guard(eligible: Sequence[HolderFacts], *, unit: int, limit: int) -> list[HolderFacts]:
    """The holders among which one must be served now, so that nobody can fall behind later.

    The m-th unit of a holder falls due at the first step e ≥ 1 where its delay, grown by e − 1 shares, passes
    `limit` + (m − 1) units. Deadlines are walked by (step, rank); as soon as the k deadlines met by step e fill
    it (k ≥ e), only the holders met so far may be chosen. Once every holder with a share has been met, all may.
    """
    unmet = {h.id for h in eligible if h.share}
    met: set[str] = set()
    walk = _deadlines(eligible, unit, limit)
    step = 0
    for counted, (e, holder) in enumerate(walk):
        if e > step:
            if step and counted >= step:
                return [h for h in eligible if h.id in met]
            if not unmet:
                break
            step = e
        met.add(holder.id)
        unmet.discard(holder.id)
    return list(eligible)


def _deadlines(eligible: Sequence[HolderFacts], unit: int, limit: int) -> Iterator[tuple[int, HolderFacts]]:
    """Every deadline as (step, holder), by increasing step then rank. Endless while a holder has a share."""
    heap: list[tuple[int, int, str, int, HolderFacts]] = []

    def push(holder: HolderFacts, m: int) -> None:
        margin = limit + (m - 1) * unit - holder.delay(unit)
        if margin < 0:
            heapq.heappush(heap, (1, holder.rank, holder.id, m, holder))
        elif holder.share:
            heapq.heappush(heap, (margin // holder.share + 2, holder.rank, holder.id, m, holder))

    for holder in eligible:
        push(holder, 1)
    while heap:
        step, _, _, m, holder = heapq.heappop(heap)
        yield step, holder
        push(holder, m + 1)


def priority(holder: HolderFacts, unit: int) -> int:
    """Ten times the delay, plus what the holder lacks of this unit's categories."""
    return DELAY_WEIGHT * holder.delay(unit) + sum(holder.lacks)


def _preference(holder: HolderFacts, unit: int) -> tuple[int, int, int, int, int]:
    """Largest first: priority, delay, share here, longest since last served, smallest rank."""
    return priority(holder, unit), holder.delay(unit), holder.share, -holder.last_served, -holder.rank


def _reason(
    chosen: HolderFacts, band: Sequence[HolderFacts], eligible: Sequence[HolderFacts], top: int, unit: int
) -> str:
    """The first reason that applies."""
    largest = max(h.delay(unit) for h in eligible)
    if largest > top:
        return DEADLINE
    rivals = [h for h in band if h is not chosen]
    if any((priority(h, unit), h.delay(unit)) == (priority(chosen, unit), chosen.delay(unit)) for h in rivals):
        return TIE
    return LARGEST_DELAY if chosen.delay(unit) == largest else PROFILE


def _decision(
    situation: Situation, chosen: HolderFacts, reason: str, groups: Sequence[Sequence[HolderFacts]]
) -> Decision:
    """Rank everybody: the chosen one, then the band, the safe set, those due soon, the eligible, the others."""
    unit = situation.unit
    band, safe, must, eligible = ({h.id for h in group} for group in groups)

    def place(h: HolderFacts) -> tuple[int, ...]:
        outside = (h.id != chosen.id, h.id not in band, h.id not in safe, h.id not in must, h.id not in eligible)
        return (*outside, *(-criterion for criterion in _preference(h, unit)))

    ranking = tuple(
        Rank(
            id=h.id,
            delay=h.delay(unit),
            priority=priority(h, unit),
            eligible=h.id in eligible,
            must_soon=h.id in must,
            in_band=h.id in band,
            safe=h.id in safe,
        )
        for h in sorted(situation.holders, key=place)
    )
    return Decision(holder=chosen.id, reason=reason, ranking=ranking, version=VERSION)
