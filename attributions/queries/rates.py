"""How a share is read: one rounding, whatever the page, the paper or the export."""

from __future__ import annotations

from fractions import Fraction
from math import floor

from reservations.models.convention import UNIT


def rate_of(part: int, whole: int) -> int | None:
    """`part` of `whole` in millionths, to the nearest tenth of a per cent, half up; None when there is nothing to
    share. What is said reached, or missed, is told by the counts themselves, never by this."""
    return floor(Fraction(1000 * part, whole) + Fraction(1, 2)) * (UNIT // 1000) if whole > 0 else None
