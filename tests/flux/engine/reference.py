"""The routing rule read aloud: slow and obvious, written from docs/engine.md alone (version 1).

It shares nothing with the product but the facts it reads. Fractions instead of integer divisions, every step and
every deadline counted one by one instead of a heap, lists filtered one criterion after the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from flux.engine.facts import HolderFacts, Situation


@dataclass(frozen=True)
class Verdict:
    """What the rule says, and the sets it went through, as ids."""

    holder: str
    reason: str
    eligible: frozenset[str]
    must_soon: frozenset[str]
    safe: frozenset[str]
    band: frozenset[str]


def decide(situation: Situation) -> Verdict:
    """Apply section 2 of the specification, line by line."""
    unit = Fraction(situation.unit)
    eligible = [
        holder
        for holder in situation.holders
        if holder.id == situation.landlord or (holder.share > 0 and holder.may_take)
    ]
    if len(eligible) == 1:
        everyone = _ids(eligible)
        return Verdict(eligible[0].id, "ONLY_ONE", everyone, everyone, everyone, everyone)

    delay = {holder.id: Fraction(holder.due) - unit * holder.received for holder in eligible}
    floor = Fraction(situation.unit // (2 * len(eligible) - 2))
    must = _guard(eligible, delay, unit, unit - floor)
    top = max(delay[holder.id] for holder in must)
    safe = [holder for holder in must if delay[holder.id] >= floor or delay[holder.id] == top]
    band = [holder for holder in safe if delay[holder.id] >= top - unit / 2]

    def first(holder: HolderFacts) -> Fraction:
        return 10 * delay[holder.id] + weighed(holder)

    left = _greatest(band, first)
    left = _greatest(left, lambda holder: delay[holder.id])
    equals = left
    left = _greatest(left, lambda holder: holder.share)
    left = _greatest(left, lambda holder: -holder.last_served)
    chosen = min(left, key=lambda holder: holder.rank)

    if max(delay.values()) > top:
        reason = "DEADLINE"
    elif len(equals) > 1:
        reason = "TIE"
    elif delay[chosen.id] == max(delay.values()):
        reason = "LARGEST_DELAY"
    else:
        reason = "PROFILE"
    return Verdict(chosen.id, reason, _ids(eligible), _ids(must), _ids(safe), _ids(band))


def weighed(holder: HolderFacts) -> int:
    """Its lacks: each once, or as many times as its convention has it count."""
    return sum(lack * (holder.weights[at] if holder.weights else 1) for at, lack in enumerate(holder.lacks))


def _guard(
    eligible: list[HolderFacts], delay: dict[str, Fraction], unit: Fraction, limit: Fraction
) -> list[HolderFacts]:
    """Step after step: who has a unit due by then, and do the units due by then fill the steps?"""
    step = 0
    while True:
        step += 1
        due_by_now = {h.id: _units_due(delay[h.id] + (step - 1) * h.share, unit, limit) for h in eligible}
        met = [holder for holder in eligible if due_by_now[holder.id]]
        if met and sum(due_by_now.values()) >= step:
            return met
        if all(due_by_now[holder.id] for holder in eligible if holder.share):
            return eligible


def _units_due(grown: Fraction, unit: Fraction, limit: Fraction) -> int:
    """How many m ≥ 1 satisfy grown > limit + (m − 1)·unit, counted on the fingers."""
    m = 0
    while grown > limit + m * unit:
        m += 1
    return m


def _greatest(holders: list[HolderFacts], criterion) -> list[HolderFacts]:
    best = max(criterion(holder) for holder in holders)
    return [holder for holder in holders if criterion(holder) == best]


def _ids(holders: list[HolderFacts]) -> frozenset[str]:
    return frozenset(holder.id for holder in holders)
