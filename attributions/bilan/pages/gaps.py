"""The widest gap of a holder, in the one sentence that every page says of it."""

from __future__ import annotations

from attributions.bilan.queries.gaps import Gap
from flux.words import counted, plural_units
from reservations.words import integer, towards


def widest_gap(widest: Gap) -> str:
    """With what it is of: the account, and no part of it."""
    gap, course = widest.gap, widest.line.figures.in_course
    state = "d’avance" if gap < 0 else f"encore {plural_units(gap, 'dû,dus')}" if gap else "d’écart"
    return (
        f"Plus grand écart d’un réservataire, sur tout un compte du département : {counted(gap)} {state}"
        f"{f' ({integer(course)} en cours)' if course else ''}, {widest.holder} chez {towards(widest.landlord)}."
    )
