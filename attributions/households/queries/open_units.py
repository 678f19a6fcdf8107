"""The units that await candidates of one organisation, of all landlords, and which of its households fit them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from attributions.households.fitting import Fitting, Judgement, Unknown, judged
from attributions.households.models import Application
from attributions.households.queries.file_list import followed, to_propose, units
from attributions.households.queries.matching import fittings
from flux.models import ExpectedHolder, Routing, Unit, Vacancy
from flux.permissions import proposes_under
from flux.queries.coming import coming
from flux.queries.vacancies import standing, with_destinations
from reservations.models import Membership

#: Units compared with one household, at most: those whose deadline is the nearest.
MOST = 200

#: What is not compared of a departure to come, known or not: the list that shows it does not have it.
UNLISTED = (Unknown.SURFACE, Unknown.RENT, Unknown.EFFORT, Unknown.ACCESSIBLE)


@dataclass(frozen=True, slots=True)
class OpenUnit:
    """A unit that awaits candidates; `due`: the last day to send them, None where nothing fixes it."""

    vacancy: Vacancy
    routing: Routing
    due: date | None


@dataclass(frozen=True, slots=True)
class Weighed:
    """A unit beside one household."""

    open: OpenUnit
    asked: Fitting
    found: Judgement


@dataclass(frozen=True, slots=True)
class ComingUnit:
    """A departure forecast to come to the organisation, beside one household, as far as a holder knows of it."""

    expected: ExpectedHolder
    asked: Fitting
    found: Judgement


def awaiting(member: Membership, *, today: date) -> list[int]:
    """The ids of the units that await candidates of the organisation, the nearest deadline first. One query."""
    stages = to_propose(followed(member, today=today), member)
    return list(stages.values_list("pk", flat=True)[:MOST])


def open_units(member: Membership, *, today: date, ids: Sequence[int] | None = None) -> list[OpenUnit]:
    """These units, or all that await candidates of the organisation, that it proposes for itself: an authority that
    delegated sees them, and its delegate proposes. A fixed number of queries, but one or two for each delegate."""
    wanted = awaiting(member, today=today) if ids is None else list(ids)
    found = with_destinations(units(wanted, member=member, today=today), rankings=False)
    listed = []
    for vacancy in found:
        _, routing = standing(vacancy)
        if routing is not None and proposes_under(member, vacancy, routing):
            listed.append(OpenUnit(vacancy, routing, vars(vacancy)["due"]))
    return listed


def weighed(household: Application, found: Sequence[OpenUnit], *, on: date) -> list[Weighed]:
    """Each beside the household: those that fit it first, in the order given. Two queries."""
    asked = fittings([(each.vacancy.unit, each.routing.holder) for each in found], on=on)
    listed = [Weighed(each, terms, judged(household, terms)) for each, terms in zip(found, asked, strict=True)]
    return sorted(listed, key=lambda each: not each.found.fits)


def coming_to(household: Application, member: Membership, *, on: date) -> list[ComingUnit]:
    """The first departures forecast to come to the organisation: of their units, what a list shows alone is compared,
    the typology, the financing and the commune. Three queries."""
    expected = coming(member).shown
    known = [
        (Unit(rooms=unit.rooms, financing_code=unit.financing_code, commune=unit.commune), each.holder)
        for each in expected
        for unit in [each.vacancy.unit]
    ]
    asked = fittings(known, on=on)
    return [
        ComingUnit(each, terms, replace(found, unknown=tuple(one for one in found.unknown if one not in UNLISTED)))
        for each, terms in zip(expected, asked, strict=True)
        for found in [judged(household, terms)]
    ]
