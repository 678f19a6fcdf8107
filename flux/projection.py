"""Projection to 31 December: what will each holder be due, and receive? Pure: no Django, no clock, no chance.

The flow to come follows the gamma-Poisson law: units fall vacant one by one at a rate that nobody knows exactly. The
rate is estimated from the units of this year so far, over the part of the year that has passed; the whole past years
of the landlord weigh a tenth of a year, which only matters in January. How much of a year is still to come after this
day is read in those years too (the season), else in the calendar. Doubt on the rate and doubt on the season widen the
band together. It holds the truth four times in five (`BAND`).

Due: what is due so far, what an earlier year still gives back, and the share of the flow to come. Received follows due
within one unit, by the promise of the rule (`docs/engine.md`, section 3): the whole numbers on either side.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from statistics import NormalDist

from flux.laws import gamma_poisson
from reservations.rounding import nearest, steps

#: How often the truth lies in the band.
BAND = 0.8

#: Units of past years under which their season says nothing: the calendar is taken.
ENOUGH = 50

#: What the calendar weighs beside the past years, in units; and the most that these weigh: two years never have quite
#: the same season, however many units state of it.
CALENDAR, MOST = 30, 400

#: What the rate of past years weighs, in years.
PAST = Fraction(1, 10)

#: From so many units on, the band is read on a curve, not counted unit by unit.
LARGE = 2_000


@dataclass(frozen=True, slots=True)
class Season:
    """The part of a year that falls after a day: its mean, its variance, and whether past years give it."""

    left: Fraction
    variance: float
    from_past: bool


def season(days_left: int, days: int, past: Iterable[tuple[int, int]] = ()) -> Season:
    """What is still to come of a year of `days` when `days_left` remain after today.

    `past`: for each whole year known, units that fell (up to this day, after it). A beta law: the share of the units
    that fell after, the calendar counting for thirty of them.
    """
    if not 0 <= days_left < days:
        raise ValueError(f"{days_left} days left of {days}")
    calendar = Fraction(days_left, days)
    years = list(past)
    before, after = sum(year[0] for year in years), sum(year[1] for year in years)
    known = before + after
    if not days_left:
        return Season(Fraction(0), 0.0, known >= ENOUGH)
    if known < ENOUGH:
        known, share = 0, calendar
    else:
        share = Fraction(after, known)
    weight = min(known, MOST)
    left = (weight * share + CALENDAR * calendar) / (weight + CALENDAR)
    return Season(left, float(left * (1 - left)) / (weight + CALENDAR + 1), bool(known))


@dataclass(frozen=True, slots=True)
class Band:
    """Units to come: what is expected, and between which counts (both included) the truth lies four times in five."""

    low: int
    expected: Fraction
    high: int


def to_come(seen: int, when: Season, usual: Fraction | None = None) -> Band:
    """The flow to come until 31 December, when `seen` units fell so far; `usual`: units of a whole past year."""
    past = Fraction(0) if usual is None else PAST
    shape = Fraction(1, 2) + seen + past * (usual or 0)
    expected = shape / (1 - when.left + past) * when.left
    if not expected:
        return Band(0, Fraction(0), 0)
    rate, part = 1 / float(shape), when.variance / float(when.left) ** 2
    return _band(expected, rate + part + rate * part)


def _band(expected: Fraction, spread: float) -> Band:
    mean = float(expected)
    if mean < LARGE:
        return Band(*_ordered(gamma_poisson(mean, spread).interval(1 - BAND), expected))
    # a gamma law of the same mean and variance, by the cube root of Wilson and Hilferty (1931)
    ninth = (spread + 1 / mean) / 9
    ends = [
        max(0.0, mean * (1 - ninth + NormalDist().inv_cdf(tail) * ninth**0.5) ** 3)
        for tail in ((1 - BAND) / 2, (1 + BAND) / 2)
    ]
    return Band(*_ordered((int(ends[0]), int(ends[1]) + 1), expected))


def _ordered(ends: tuple[int, int], expected: Fraction) -> tuple[int, Fraction, int]:
    """A band holds what is expected: a law with a long tail may have its mean beyond it."""
    return min(ends[0], int(expected)), expected, max(ends[1], -int(-expected // 1))


@dataclass(frozen=True, slots=True)
class AwaitedState:
    """Where a holder is today. `due` and `gives_back` in millionths of a unit, `share` those of each unit to come.

    `gives_back`: what an earlier year still gives back (negative: takes), spread evenly over `over` units to come.
    `ceiling`: what may still be credited by the share, for a right in units a year; None when nothing stops it.
    """

    due: int
    received: int
    share: Fraction
    gives_back: int = 0
    over: int = 0
    ceiling: int | None = None


@dataclass(frozen=True, slots=True)
class Projection:
    """A holder on 31 December. Due in millionths of a unit, the rest in units: (low, expected, high).

    `missing`: units to receive until then to land on what is due. Negative dues and counts stand for nothing: zero.
    """

    due: tuple[int, int, int]
    received: tuple[int, int, int]
    missing: tuple[int, int, int]


def project(state: AwaitedState, flow: Band, unit: int) -> Projection:
    """Where the holder will be, were the flow to come to be so; `unit` in millionths.

    Received is never less than it is: what was given is not taken back.
    """
    low, expected, high = (_due(state, count) for count in (Fraction(flow.low), flow.expected, Fraction(flow.high)))
    landing = nearest(expected, unit)
    aims = (low // unit, landing, -(-high // unit)) if flow.high else (landing,) * 3
    return Projection(
        (low, expected, high),
        _each(aims, lambda aim: max(state.received, aim) if flow.high else state.received),
        _each(aims, lambda aim: max(0, aim - state.received)),
    )


def _each(aims: tuple[int, int, int], read: Callable[[int], int]) -> tuple[int, int, int]:
    return read(aims[0]), read(aims[1]), read(aims[2])


def _due(state: AwaitedState, count: Fraction) -> int:
    """What is due once `count` more units have fallen, to the nearest millionth."""
    share, lasts = state.share, count
    if state.ceiling is not None and share:
        lasts = min(count, Fraction(max(0, state.ceiling)) / share)
    back = Fraction(0)
    if state.over:  # a step never brings what a unit credits below nothing
        back = max(Fraction(state.gives_back, state.over), -share)
    return state.due + steps(share * lasts + back * min(lasts if back < 0 else count, Fraction(state.over)))


def a_month(missing: int, days_left: int) -> Fraction | None:
    """Units to receive a month until 31 December, the last one counting whole; None once the year is over."""
    return missing / max(Fraction(1), Fraction(12 * days_left, 365)) if days_left else None
