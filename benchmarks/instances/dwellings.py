"""What falls vacant: typology, financing, district and construction period, in a mix of its own in each commune."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

from flux.apportion import apportion

#: How common each category is, in parts of a hundred, over a whole département. Orders of magnitude of RPLS.
USUAL: Mapping[str, Mapping[str, int]] = {
    "typology": {"T1": 8, "T2": 22, "T3": 36, "T4": 25, "T5+": 9},
    "financing": {"PLAI": 12, "PLUS": 78, "PLS": 10},
    "qpv": {"in": 30, "out": 70},
    "period": {"-1949": 7, "1950-1974": 41, "1975-1999": 28, "2000-": 24},
}

#: The larger, the closer a commune’s mix to the usual one.
LIKENESS = 12

#: Categories of one dimension and their weights.
Mix = Mapping[str, Mapping[str, float]]


def dirichlet(chance: random.Random, weights: Sequence[float]) -> list[float]:
    """Positive parts that sum to about one, at random around the weights: the larger these, the closer."""
    drawn = [chance.gammavariate(weight, 1.0) for weight in weights]
    whole = sum(drawn)
    return [part / whole for part in drawn]


def cut(total: int, parts: Sequence[float]) -> list[int]:
    """`total` in whole shares, one at least for each, the rest in proportion to the parts."""
    if not parts:
        return []
    weights = {str(place): int(part * 10**9) + 1 for place, part in enumerate(parts)}
    return [1 + share for share in apportion(total - len(parts), weights).values()]


def mix(chance: random.Random) -> Mix:
    """The mix of one commune."""
    return {
        dimension: dict(zip(usual, dirichlet(chance, [LIKENESS * part / 100 for part in usual.values()]), strict=True))
        for dimension, usual in USUAL.items()
    }


def dwelling(chance: random.Random, of: Mix) -> dict[str, str]:
    """The categories of one vacancy, drawn from a mix."""
    return {dimension: chance.choices(list(weights), list(weights.values()))[0] for dimension, weights in of.items()}
