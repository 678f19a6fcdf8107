"""Who lives in a building (a programme), as its committee asks beside a vacancy: counts, and nobody by name.

* Facts of units, that whoever opens the file reads: how many have a tenant, since when, on whose contingent.
* Quartiles of their tenants, for the landlord alone, whose leases they are: neighbouring quartiles are added up until
  none of what is shown is of fewer households than the threshold of published counts (docs/disclosure.md).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import JSONObject

from attributions.households.models import Lease
from flux.models import StockAssignment, Unit, Vacancy
from reservations.deadlines import months_after
from reservations.models import LegalParameter, Membership
from reservations.models.legal_parameter import figures_on

#: Those that are compared (CCH, L441-1), and over how many months an arrival is recent.
QUARTILES, RECENT = (1, 2, 3, 4), 12


@dataclass(frozen=True, slots=True)
class Band:
    """So many tenants of the quartiles from `first` to `last`, both included."""

    first: int
    last: int
    tenants: int


@dataclass(frozen=True, slots=True)
class Occupation:
    """A building on a day. `arrived`: of the `dated` units, whose tenant has a known day of arrival, how many since
    `since`; `contingents`: units by the contingent that they were let on last, or bear, None where nobody says.
    `of_known`: tenants whose quartile is known; None for who does not read it, as `bands` then say nothing."""

    on: date
    since: date
    units: int
    occupied: int
    dated: int
    arrived: int
    contingents: Mapping[int | None, int]
    of_known: int | None = None
    bands: tuple[Band, ...] = ()
    least: int = 0


def occupation(programme: int, member: Membership, *, landlord: int, on: date) -> Occupation:
    """The units of a programme (id) of a landlord (id) that are its stock on that day. Two queries, which read them
    and nothing of another building."""
    since = months_after(on, -RECENT)
    contingents: Counter[int | None] = Counter()
    quartiles: Counter[int | None] = Counter()
    arrivals: list[date] = []
    units = occupied = 0
    for reserved, freed, lease, contingent, moved in _units(programme, landlord, on):
        units += 1
        signed = date.fromisoformat(lease["on"]) if lease else None
        last = lease["contingent"] if lease else None
        contingents[next((each for each in (reserved, last, contingent) if each), None)] += 1
        if freed and not freed["let"] and freed["closed"] is None:
            continue
        occupied += 1
        # A tenant that the RPLS has there since, known to the month, signed another lease than the one kept here.
        here = signed is not None and (moved is None or signed >= months_after(moved, -1))
        arrivals += [max(day for day in (signed, moved) if day)] if signed or moved else []
        own = here and lease["among"] is None
        quartiles[lease["quartile"] if own else None] += 1
    recent = sum(day > since for day in arrivals)
    if member.landlord is None or member.landlord.pk != landlord:
        return Occupation(on, since, units, occupied, len(arrivals), recent, contingents)
    known = {quartile: quartiles[quartile] for quartile in QUARTILES}
    least = int(figures_on(on).get(LegalParameter.Code.SMALL_CELL, 0))
    found = bands(known, least)
    return Occupation(on, since, units, occupied, len(arrivals), recent, contingents, sum(known.values()), found, least)


def bands(counts: Mapping[int, int], least: int) -> tuple[Band, ...]:
    """Neighbouring quartiles together, none of fewer tenants than `least`; nothing when only their whole is as many.

    They have no part in common and each is shown exactly: what additions and subtractions give is a sum of them."""
    found: list[Band] = []
    first, tenants = QUARTILES[0], 0
    for quartile in QUARTILES:
        tenants += counts.get(quartile, 0)
        if tenants >= max(least, 1):
            found.append(Band(first, quartile, tenants))
            first, tenants = quartile + 1, 0
    if first <= QUARTILES[-1] and found:
        last = found.pop()
        found.append(Band(last.first, QUARTILES[-1], last.tenants + tenants))
    return tuple(found) if len(found) > 1 else ()


def _units(programme: int, landlord: int, on: date) -> Iterable[tuple[Any, ...]]:
    """Of each unit: the contingent that it bears in stock, what became of its last vacancy, its last lease, the
    contingent of the RPLS, and since when the RPLS has a tenant there."""
    leases = Lease.objects.filter(vacancy__unit=OuterRef("pk"), cancelled_at=None).order_by("-signed_on", "-pk")
    facts = JSONObject(on="signed_on", quartile="income_quartile", among="facts_among", contingent="holder__contingent")
    freed = Vacancy.objects.filter(unit=OuterRef("pk"), available_on__lte=on).order_by("-available_on", "-pk")
    bearing = StockAssignment.objects.living(on).filter(unit=OuterRef("pk")).order_by("pk")
    found = Unit.objects.filter(landlord=landlord, programme=programme).in_stock(on).order_by()
    return found.values_list(
        Subquery(bearing.values("right__holder__contingent")[:1]),
        Subquery(freed.values(state=JSONObject(let="is_let", closed="closed_on"))[:1]),
        Subquery(leases.values(facts=facts)[:1]),
        F("told_contingent"),
        F("leased_since"),
    )
