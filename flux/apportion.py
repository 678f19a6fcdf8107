"""Sharing whole units out: largest remainder (plus forts restes)."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction


def apportion(total: int, weights: Mapping[str, int] | Mapping[str, Fraction]) -> dict[str, int]:
    """Share out `total` in whole parts, in proportion to the weights; the parts sum to `total`. Exact.

    Each gets the whole part of its due; the units left go one by one to the largest remainders, and between equal ones
    to the first in the order of `weights`: the caller decides it. The weights are not negative, and one at least is
    positive.
    """
    whole = sum(weights.values())
    dues = {name: divmod(total * weight, whole) for name, weight in weights.items()}
    parts = {name: due for name, (due, _) in dues.items()}
    for name in sorted(dues, key=lambda name: -dues[name][1])[: total - sum(parts.values())]:  # stable
        parts[name] += 1
    return parts
