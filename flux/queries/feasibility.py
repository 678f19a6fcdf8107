"""Can what a draft promises be given, beside what is promised already, knowing what each contingent does not take?

The flow of a landlord in a département, cut in cells of units alike, is set against the rights that would bear on it
(`flux.engine.feasibility`): an allotment of the year's units exists, or some holders are promised too much together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar

from django.db.models import Count
from django.utils import timezone

from flux import financing
from flux.engine.feasibility import Shortage, shortage
from flux.models import Unit, Vacancy
from flux.models.unit import typology_of
from flux.models.vacancy import qpv_of
from flux.queries.expected_flow import year_until
from reservations.models import Convention, Landlord, Territory
from reservations.models.categories import code_of
from reservations.models.convention import UNIT
from reservations.models.rate import UnitFacts
from reservations.queries.checks.codes import Code, Level
from reservations.queries.checks.findings import Finding
from reservations.queries.rights import Right, rights_beside, rights_in

#: Units that fell vacant in twelve months in a département for them to tell its flow: one a month. Below, the stock
#: tells, and an estimate is nothing but a warning.
ENOUGH = 12

#: Units that fall vacant in a year out of a hundred: the mobility of social housing in France, about 8 % (USH).
MOBILITY = 8

#: (commune, rooms, financing code, in QPV, units)
Row = tuple[int, int, str, bool | None, int]


@dataclass(slots=True)
class Flow:
    """What falls vacant in one département in a year: units of each cell, in hundredths. `observed`, or estimated."""

    observed: bool
    cells: dict[tuple[Territory, tuple[str, ...]], int] = field(default_factory=lambda: defaultdict(int))


@dataclass(frozen=True, slots=True, kw_only=True)
class NotFeasible(Finding):
    """These rights are promised together more than what can serve them, of what fell vacant in twelve months."""

    name: ClassVar[Code] = Code.NOT_FEASIBLE

    departement: Territory
    rights: tuple[Right, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LikelyNotFeasible(NotFeasible):
    """The same, of what the stock lets expect."""

    level: ClassVar[Level] = Level.WARNING


def feasibility_findings(convention: Convention, *, on: date | None = None) -> list[Finding]:
    """What a convention, once signed, would promise that cannot be given, from what fell vacant by a day (today).

    Looked at on its first day and at each later start of a right beside it. A refusal where twelve months of vacancies
    tell, a warning where the stock does; nothing where another's promises alone are at fault. Two queries when nobody
    declines anything, six at most.
    """
    mine = rights_in(convention)
    every = [*mine, *rights_beside(convention)]
    if not any(right.declined for right in every):
        return []
    days = {right.starts_on for right in every if right.starts_on > convention.starts_on}
    own = {str(right.holder.pk) for right in mine}
    found: list[Finding] = []
    for departement, flow in flows(convention.landlord, until=on or timezone.localdate()).items():
        for day in sorted({convention.starts_on, *days}):
            held = [right for right in every if right.starts_on <= day <= right.ends_on]
            lacking = _shortage(held, flow, day.year)
            if lacking is not None and own & set(lacking.holders):
                found.append(
                    (NotFeasible if flow.observed else LikelyNotFeasible)(
                        convention=convention,
                        measured=lacking.promised // 100,
                        limit=lacking.possible // 100,
                        departement=departement,
                        rights=tuple(right for right in held if str(right.holder.pk) in lacking.holders),
                    )
                )
                break
    return found


def _shortage(held: Sequence[Right], flow: Flow, year: int) -> Shortage | None:
    """In hundredths of a millionth of a unit. Cells that no right tells apart are one: there are a few dozens."""
    perimeters = {right.perimeter_id for right in held}
    told = {code for right in held for code in right.declined}
    alike: dict[tuple[frozenset[int], frozenset[str]], int] = defaultdict(int)
    tabled = any(right.rates for right in held)
    for (commune, codes), units in flow.cells.items():
        if tabled:  # rates tell more kinds of units apart than perimeters do
            alike[frozenset(commune.covering_ids()), frozenset(codes)] += units
        else:
            alike[frozenset(commune.covering_ids() & perimeters), frozenset(told.intersection(codes))] += units
    supplies: dict[str, int] = {}
    demands: dict[str, int] = defaultdict(int)
    takes: dict[str, set[str]] = defaultdict(set)
    dues: dict[int, int] = defaultdict(int)
    for number, ((places, declinable), units) in enumerate(alike.items()):
        supplies[str(number)] = units * UNIT
        facts = facts_in(places, declinable, year) if tabled else None
        for index, right in enumerate(held):
            if right.perimeter_id in places:
                share = right.share if facts is None else right.at(facts).share
                dues[index] += share * units
                if not right.declined & declinable:
                    takes[str(right.holder.pk)].add(str(number))
    for index, right in enumerate(held):
        most = dues[index] if right.yearly_units is None else 100 * right.yearly_units * UNIT
        demands[str(right.holder.pk)] += min(dues[index], most)
    return shortage(demands, supplies, {key: frozenset(takes[key]) for key in demands})


def flows(landlord: Landlord, *, until: date) -> dict[Territory, Flow]:
    """The flow of each département of the landlord. Three queries, one more where vacancies do not tell."""
    fallen: list[Row] = list(
        Vacancy.objects.filter(
            landlord=landlord,
            kind=Vacancy.Kind.IN_FLOW,
            registered_on__gt=year_until(until),
            registered_on__lte=until,
        )
        .order_by()
        .values_list("unit__commune", "unit__rooms", "unit__financing_code", "unit__in_qpv")
        .annotate(Count("pk"))
    )
    stock: list[Row] = list(
        Unit.objects.in_base(until)
        .filter(landlord=landlord)
        .order_by()
        .values_list("commune", "rooms", "financing_code", "in_qpv")
        .annotate(Count("pk"))
    )
    ids = {row[0] for row in (*fallen, *stock)}
    communes = Territory.objects.select_related("departement").in_bulk(ids)
    by_departement: dict[Territory, int] = defaultdict(int)
    for row in sorted((*fallen, *stock), key=lambda row: row[0]):
        if place := communes[row[0]].departement:
            by_departement[place] += 0
    for commune, *_, units in fallen:
        if place := communes[commune].departement:
            by_departement[place] += units
    flows = {place: Flow(observed=units >= ENOUGH) for place, units in by_departement.items()}
    for rows, observed, weight in ((fallen, True, 100), (stock, False, MOBILITY)):
        for commune, cell, units in _cells(rows):
            place = communes[commune].departement
            if place and flows[place].observed == observed:
                flows[place].cells[communes[commune], cell] += weight * units
    return flows


def facts_in(territories: Collection[int], codes: Iterable[str], year: int) -> UnitFacts:
    """What a rate depends on, of units of these categories (by code) that fall vacant again in a year."""
    return UnitFacts(territories, dict(code.split(":", 1) for code in codes), year=year)


def _cells(rows: Iterable[Row]) -> Iterator[tuple[int, tuple[str, ...], int]]:
    """(commune, codes of the categories, units) of each row."""
    for commune, rooms, financing_code, in_qpv, units in rows:
        codes = (
            code_of("typology", typology_of(rooms)),
            code_of("financing", financing.group_of(financing_code)),
            code_of("qpv", qpv_of(in_qpv)),
        )
        yield commune, codes, units
