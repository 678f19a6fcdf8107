"""What holders do not take, by the convention that bears on a unit: who may not have it, and where its due goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flux.engine.counters import Counters, Spread
from flux.queries.applied import applied
from reservations.models.categories import code_of
from reservations.queries.rights import Right


def declining(held: Sequence[Right], categories: Mapping[str, str]) -> dict[str, str]:
    """Of the rights that bear on a unit: the holders that do not take it, and the first category (code) they decline.

    A holder with several rights there goes by the one applied.
    """
    codes = [code_of(*pair) for pair in categories.items()]
    found = {}
    for right in _restricted(held):
        declined = [code for code in codes if code in right.declined]
        if declined:
            found[str(right.holder.pk)] = declined[0]
    return found


def elsewhere(counters: Counters, held: Sequence[Right], categories: Mapping[str, str]) -> dict[str, Spread]:
    """By holder and dimension where the category of the unit is declined, the weights of the others.

    Those of its own usual mix, else of that of the flow; a dimension of which nothing else is known is left out.
    """
    targets: dict[str, Spread] = {}
    for right in _restricted(held):
        spread: dict[str, dict[str, int]] = {}
        for dimension, category in categories.items():
            if code_of(dimension, category) not in right.declined:
                continue
            without = frozenset(code.partition(":")[2] for code in right.declined if code.startswith(f"{dimension}:"))
            own = counters.holders[str(right.holder.pk)].usual_mix(dimension, without=without)
            mix = own if any(own.values()) else counters.flow_mix(dimension, without=without)
            if any(mix.values()):
                spread[dimension] = mix
        if spread:
            targets[str(right.holder.pk)] = spread
    return targets


def without_declined(held: Sequence[Right], targets: Mapping[str, Spread]) -> dict[str, Spread]:
    """The same weights, by holder and dimension, less the categories that its convention declines; a dimension where
    nothing else is wanted is left out."""
    declined = {str(right.holder.pk): right.declined for right in _restricted(held)}
    found: dict[str, Spread] = {}
    for key, spread in targets.items():
        codes = declined.get(key, ())
        kept = {
            dimension: {name: weight for name, weight in weights.items() if code_of(dimension, name) not in codes}
            for dimension, weights in spread.items()
        }
        found[key] = {dimension: weights for dimension, weights in kept.items() if any(weights.values())}
    return found


def _restricted(held: Sequence[Right]) -> list[Right]:
    """The right applied to each holder that declines something, in the order of the holders."""
    holders = {right.holder.pk: right.holder for right in held if right.declined}
    every = [applied(held, holders[pk]) for pk in sorted(holders)]
    return [right for right in every if right is not None and right.declined]
