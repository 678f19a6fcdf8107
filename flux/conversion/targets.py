"""Whole-number targets of a year: largest remainder (plus forts restes)."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from flux.apportion import apportion


class WrongSharesError(ValueError):
    """The shares do not sum to one: what nobody holds must be named too. Nothing is rescaled."""


def whole_units(total: int, shares: Mapping[str, Fraction]) -> dict[str, int]:
    """Share `total` units out in whole numbers, by largest remainder; they sum to `total`.

    Each gets the whole part of `total × share`; the units left go one by one to the largest remainders, and
    between equal ones to the first in the order of `shares` (that of the ranks in the conventions). Each result is
    less than one unit away from its exact figure. Raises WrongSharesError when the shares are negative or do not
    sum to one exactly, ValueError when the total is negative.

    This is a forecast, drawn once before the year begins. Routing within the year never recomputes it: largest
    remainder is not monotone, one more unit in the total may take one *away* from a holder
    (docs/conversion.md, « Objectifs entiers »), and a unit that was given cannot be taken back.
    """
    if total < 0:
        raise ValueError(f"{total} units cannot be shared out")
    if sum(shares.values()) != 1 or min(shares.values()) < 0:
        raise WrongSharesError(f"shares sum to {sum(shares.values())}, not to 1")
    return apportion(total, shares)
