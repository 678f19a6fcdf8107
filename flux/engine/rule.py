"""The routing rule, version 1 (docs/engine.md, section 2): guard, band, choice, reason.

Guard after Tijdeman, « The chairman assignment problem », 1980, and Hall's condition: with one territory and
constant quotas, |dû − reçu| ≤ 1 − 1/(2n−2) unit at every moment, whatever the profile says.
"""

from __future__ import annotations

from collections.abc import Sequence

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

    The walk is not made deadline by deadline: those met by step e are counted, and the first step that they fill
    is looked for between one first deadline and the next, where the holders met are the same.
    """
    first_due: dict[int, list[HolderFacts]] = {}
    last = 0  # when the last holder with a share is met
    for holder in eligible:
        step = _first_deadline(holder, unit, limit)
        if step:
            first_due.setdefault(step, []).append(holder)
            last = max(last, step if holder.share else 0)
    met: list[tuple[int, int]] = []
    steps = sorted(step for step in first_due if step <= last)
    for step, following in zip(steps, [*steps[1:], last + 1], strict=False):
        met += [(h.delay(unit) - limit - 1, h.share) for h in first_due[step]]
        filled = _first_filled(met, step, following - 1, unit)
        if filled:
            return [h for h in eligible if h.delay(unit) + (filled - 1) * h.share > limit]
    return list(eligible)


def _first_deadline(holder: HolderFacts, unit: int, limit: int) -> int:
    """The step at which the first unit of a holder falls due; 0 for never."""
    margin = limit - holder.delay(unit)
    if margin < 0:
        return 1
    return margin // holder.share + 2 if holder.share else 0


def _first_filled(met: Sequence[tuple[int, int]], begin: int, end: int, unit: int) -> int:
    """The first step from `begin` to `end` that the units due by then fill (as many, or more); 0 when none is.

    `met` has, of each holder met by `begin`, its delay beyond the limit, less one, and its share. Two shortcuts, both
    exact. Rounding aside, those holders are due Σ (delay beyond + (e − 1)·share)/unit + 1 each: where that is under e,
    and the others’ shares make it fall further behind at each step, no later step is filled. And if d < e units are
    due by e, no step after d and up to e is filled, since no more than d are due by any of them: a stretch is read
    downwards by such leaps, stretches growing so that a step filled early is found early.
    """
    spare = unit - sum(share for _, share in met)
    if spare > 0:
        end = min(end, 1 + (sum(beyond for beyond, _ in met) + (len(met) - 1) * unit) // spare)
    length = 1
    while begin <= end:
        found, step = 0, min(end, begin + length - 1)
        following = step + 1
        while step >= begin:
            due = len(met) + sum([(beyond + (step - 1) * share) // unit for beyond, share in met])
            if due >= step:
                found, step = step, step - 1
            else:
                step = due
        if found:
            return found
        begin, length = following, 2 * length
    return 0


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
