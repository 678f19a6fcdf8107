"""The widest gap of a holder, in the one sentence that every page says of it."""

from __future__ import annotations

from collections.abc import Callable

from attributions.bilan.queries.gaps import Gap
from flux.words import counted
from reservations.words import integer, towards


def widest_gap(widest: Gap, *, sized: Callable[[int], str] = counted) -> str:
    """With what it is of: the account, and no part of it. `sized`: how its size is written."""
    gap, course = widest.gap, widest.line.figures.in_course
    size = sized(gap)
    state = "d’avance" if gap < 0 else f"encore {'dus' if 'logements' in size else 'dû'}" if gap else "d’écart"
    return (
        f"Plus grand écart d’un réservataire, sur tout un compte du département : {size} {state}"
        f"{f' ({integer(course)} en cours)' if course else ''}, {widest.holder} chez {towards(widest.landlord)}."
    )
