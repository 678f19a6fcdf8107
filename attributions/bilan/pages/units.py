"""A unit that a figure of the balance may count, in words."""

from __future__ import annotations

from attributions.bilan.queries.units import Counted


def counted_unit(each: Counted) -> str:
    """« RH-06-001, T5, Narbonne, hors QPV : compté »."""
    told, times = each.description, each.times
    facts = (each.vacancy.unit.reference, told.typology, told.commune.name, told.qpv)
    state = "ne compte pas" if not times else "compté" if times == 1 else f"compté {times} fois"
    return f"{', '.join(fact for fact in facts if fact)} : {state}"
