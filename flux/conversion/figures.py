"""Figures.

* Exact figures as a worked formula writes them. They are rounded by `reservations.rounding`: sums stay exact.
* Whole-number targets of a year: largest remainder (plus forts restes).
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from flux.apportion import apportion
from reservations.rounding import THIN, short, steps


def figure(value: Fraction | int, decimals: int = 2) -> str:
    """« 9 600 », « 12,35 »: whole when it is whole, else with this many decimals."""
    return short(value, decimals)


def equals(value: Fraction | int, decimals: int = 2) -> str:
    """The end of a worked formula: « = 9 600 » when that is the exact figure, « ≈ 12,35 » when it is rounded."""
    return f"{_sign(Fraction(value), decimals)} {figure(value, decimals)}"


def equals_percent(value: Fraction, decimals: int) -> str:
    """The same for a share of one: « = 12,5 % », « ≈ 9,9231 % »."""
    return f"{_sign(100 * value, decimals)} {percent(value, decimals)}"


def _sign(value: Fraction, decimals: int) -> str:
    return "=" if (value * 10**decimals).denominator == 1 else "≈"


def plain(value: Fraction) -> str:
    """A decimal figure as it was typed, 13.1 → « 13,1 »; with two decimals when six do not write it in full."""
    return figure(value, next((n for n in range(7) if (value * 10**n).denominator == 1), 2))


def percent(value: Fraction, decimals: int) -> str:
    """A share of one as a percentage: 1/8 with one decimal → « 12,5 % »."""
    return f"{figure(100 * value, decimals)}{THIN}%"


def exact(value: Fraction) -> str:
    """The fraction itself, « 12317/1000 », always with its denominator."""
    return f"{value.numerator}/{value.denominator}"


def units(value: Fraction | int, decimals: int = 2) -> str:
    """« 0,76 logement », « 2 logements »: plural from two, as the figure is shown."""
    shown = abs(steps(value, 0 if Fraction(value).denominator == 1 else decimals))
    many = shown >= 2 * (1 if Fraction(value).denominator == 1 else 10**decimals)
    return f"{figure(value, decimals)}\u00a0logement{'s' if many else ''}"


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
