"""Laws of counts: how likely each number of units is, exactly, from the ratio of one chance to the next.

Pure, and of the standard library: no factorial, no simulation, so that a law of 50,000 units costs what it shows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from math import inf

#: What a law leaves out, beside its most likely count: far below any level that decides.
NEGLIGIBLE = 1e-12

#: Two laws are added as two whole numbers are multiplied, a weight a digit: so many bytes, in so many parts of one.
DIGIT, FINE = 24, 2**64


@dataclass(frozen=True, slots=True)
class Law:
    """How likely each count is: `weights[i]` is the chance of `least + i`. They sum to one."""

    least: int
    weights: tuple[float, ...]

    @property
    def most(self) -> int:
        return self.least + len(self.weights) - 1

    def at_most(self, count: int) -> float:
        """The chance of that count or fewer."""
        return min(1.0, sum(self.weights[: max(0, count - self.least + 1)]))

    def at_least(self, count: int) -> float:
        """The chance of that count or more."""
        return min(1.0, sum(self.weights[max(0, count - self.least) :]))

    def chance(self, count: int) -> float:
        """The chance of a count as far out as this one, on either side: twice the smaller tail, at most one."""
        return min(1.0, 2 * min(self.at_most(count), self.at_least(count)))

    @property
    def smallest_chance(self) -> float:
        """That of the most extreme count there is: a law where it is large can never alarm."""
        return min(self.chance(self.least), self.chance(self.most))

    def interval(self, level: float) -> tuple[int, int]:
        """(low, high): the counts whose `chance` is above the level."""
        below, above = list(accumulate(self.weights)), list(accumulate(reversed(self.weights)))
        low = next((place for place, sum_ in enumerate(below) if 2 * sum_ > level), 0)
        high = next((place for place, sum_ in enumerate(above) if 2 * sum_ > level), 0)
        return self.least + low, self.most - high

    def __add__(self, other: Law) -> Law:
        """The law of the sum of two independent counts."""
        product = _packed(self.weights) * _packed(other.weights)
        length = len(self.weights) + len(other.weights) - 1
        digits = product.to_bytes(DIGIT * length, "little")
        weights = [int.from_bytes(digits[DIGIT * i : DIGIT * (i + 1)], "little") / FINE**2 for i in range(length)]
        return _law(self.least + other.least, weights)


def _packed(weights: tuple[float, ...]) -> int:
    """Weights as the digits of one whole number."""
    return int.from_bytes(b"".join(round(weight * FINE).to_bytes(DIGIT, "little") for weight in weights), "little")


def _law(least: int, weights: list[float]) -> Law:
    """Weights as they come, made to sum to one; what is negligible at either end is left out."""
    floor = max(weights) * NEGLIGIBLE
    kept = [place for place, weight in enumerate(weights) if weight >= floor]
    weights = weights[kept[0] : kept[-1] + 1]
    whole = sum(weights)
    return Law(least + kept[0], tuple(weight / whole for weight in weights))


def hypergeometric(population: int, marked: int, drawn: int) -> Law:
    """How many marked units are among `drawn`, taken from a population without looking.

    From the most likely count outwards, by the ratio of one chance to the next: no factorial, at any size.
    """
    if not (0 <= marked <= population and 0 <= drawn <= population):
        raise ValueError(f"{drawn} drawn, {marked} marked, of {population}")
    others = population - marked
    least, most = max(0, drawn - others), min(marked, drawn)
    mode = min(most, max(least, (drawn + 1) * (marked + 1) // (population + 2)))

    def ratio(count: int) -> float:
        """The chance of `count + 1`, as a multiple of that of `count`."""
        return ((marked - count) * (drawn - count)) / ((count + 1) * (others - drawn + count + 1))

    return _from_mode(least, mode, most, ratio)


def binomial(drawn: int, share: Fraction) -> Law:
    """How many units of a category are among `drawn`, when each is of that category with this chance."""
    if share in (0, 1):
        return Law(drawn * int(share), (1.0,))
    odds = share / (1 - share)
    mode = min(drawn, int((drawn + 1) * share))
    return _from_mode(0, mode, drawn, lambda count: float(odds * (drawn - count) / (count + 1)))


def gamma_poisson(mean: float, spread: float) -> Law:
    """How many units come, when their rate is known within `spread`: its standard deviation over its mean, squared.

    The negative binomial law, of that mean, and of variance mean + spread × mean².
    """
    if mean <= 0:
        return Law(0, (1.0,))
    shape = 1 / spread
    odds = mean / (mean + shape)
    mode = max(0, int((shape - 1) * mean / shape))
    return _from_mode(0, mode, inf, lambda count: (count + shape) / (count + 1) * odds)


def _from_mode(least: int, mode: int, most: float, ratio: Callable[[int], float]) -> Law:
    """A law with one most likely count, from the ratio of each chance to the one before."""
    up, down = [1.0], [1.0]
    while mode + len(up) <= most and up[-1] >= NEGLIGIBLE:
        up.append(up[-1] * ratio(mode + len(up) - 1))
    while mode - len(down) >= least and down[-1] >= NEGLIGIBLE:
        down.append(down[-1] / ratio(mode - len(down)))
    return _law(mode - len(down) + 1, [*reversed(down[1:]), *up])
