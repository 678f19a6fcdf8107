"""Which rate of a convention's table a unit has: chosen by the facts of its day (docs/decisions/0064)."""

from __future__ import annotations

from collections.abc import Iterable

from flux.models import Vacancy
from reservations.models.rate import UnitFacts
from reservations.queries.rights import Right


def facts_of(vacancy: Vacancy) -> UnitFacts:
    """What a rate depends on, of one vacancy: the categories that it entered its account with, those of today before;
    its commune; the year of its rights. No query where its unit, programme and commune are read."""
    return UnitFacts(
        vacancy.unit.commune.covering_ids(),
        vacancy.entered_as or vacancy.categories,
        vacancy.kind == Vacancy.Kind.FIRST_LETTING,
        vacancy.rights_on.year,
    )


def bearing(held: Iterable[Right], vacancy: Vacancy) -> list[Right]:
    """Among these rights, those that bear on a vacancy on the day of its rights, each with its share of it: nothing,
    for a contingent whose table gives it nothing there, and for one whose convention is suspended that day."""
    covering, on = vacancy.unit.commune.covering_ids(), vacancy.rights_on
    there = [right.on(on) for right in held if right.holds(covering, on)]
    if not any(right.rates for right in there):
        return there
    facts = facts_of(vacancy)
    return [right.at(facts) for right in there]
