"""What is read of shares.

* Can what a draft promises be given, beside what is promised already, knowing what each contingent does not take?
* The flow of a landlord in a département, cut in cells of units alike, is set against the rights that would bear on
  it (`flux.engine.feasibility`): an allotment of the year's units exists, or some holders are promised too much
  together.
* Tables of rates weighed by the flow expected: what each row makes of a year, and what the State has of all of it.
* A cap is a share of the landlord's whole yearly flow (CCH, R441-5-2): a table is over it here and under it there,
  and only the flow states what it comes to.
* What conventions promise each holder in units of a year, for two of them to be compared.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from typing import ClassVar

from django.db.models import Count
from django.utils import timezone

from flux import financing
from flux.engine.feasibility import Shortage, shortage
from flux.models import Unit, Vacancy
from flux.models.unit import typology_of
from flux.models.vacancy import qpv_of
from flux.queries.flow import expected_flow, year_until
from reservations.models import Convention, Landlord, Territory
from reservations.models.categories import code_of
from reservations.models.convention import UNIT, ConventionQuerySet
from reservations.models.rate import RateCell, UnitFacts, cell_at
from reservations.queries.checks.caps import CAPPED, Cap, Capped, caps
from reservations.queries.checks.findings import Finding
from reservations.queries.checks.quotas import Code, Level
from reservations.queries.rights import Right, rights_beside, rights_in
from reservations.rounding import nearest

#: Units that fell vacant in twelve months in a département for them to state its flow: one a month. Below, the stock
#: states, and an estimate is nothing but a warning.
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
    state, a warning where the stock does; nothing where another's promises alone are at fault. Two queries when nobody
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
    """In hundredths of a millionth of a unit. Cells that no right states apart are one: there are a few dozens."""
    perimeters = {right.perimeter_id for right in held}
    declined = {code for right in held for code in right.declined}
    alike: dict[tuple[frozenset[int], frozenset[str]], int] = defaultdict(int)
    tabled = any(right.rates for right in held)
    for (commune, codes), units in flow.cells.items():
        if tabled:  # rates state more kinds of units apart than perimeters do
            alike[frozenset(commune.covering_ids()), frozenset(codes)] += units
        else:
            alike[frozenset(commune.covering_ids() & perimeters), frozenset(declined.intersection(codes))] += units
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
    """The flow of each département of the landlord. Three queries, one more where vacancies do not state."""
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


#: Units of a flow are counted in hundredths.
HUNDREDTH = 100


@dataclass(frozen=True, slots=True)
class Weighed:
    """One row of a table on a year's flow: `cell` None for the general share; `units` in hundredths of a unit."""

    cell: RateCell | None
    share: int
    units: int

    @property
    def due(self) -> int:
        """What it makes of the year, in millionths of a unit."""
        return nearest(self.share * self.units, HUNDREDTH)


@dataclass(frozen=True, slots=True)
class WeighedTable:
    """A table on the flow of a year, its general share last. `observed`, or estimated from the stock."""

    right: Right
    year: int
    observed: bool
    rows: tuple[Weighed, ...]

    @property
    def units(self) -> int:
        return sum(row.units for row in self.rows)

    @property
    def mean(self) -> int | None:
        """The share that the table comes to, in millionths, to the nearest; None without a flow."""
        return nearest(sum(row.share * row.units for row in self.rows), self.units) if self.units else None


def weigh(right: Right, found: Iterable[Flow], year: int) -> WeighedTable:
    """What each row of a right's table makes of the flow of a year in its perimeter. No query."""
    units: dict[RateCell | None, int] = defaultdict(int)
    observed = True
    for flow in found:
        for (commune, codes), count in flow.cells.items():
            covering = commune.covering_ids()
            if right.perimeter_id in covering:
                units[cell_at(right.rates, facts_in(covering, codes, year))] += count
                observed = observed and flow.observed
    rows = [Weighed(cell, cell.share, units.get(cell, 0)) for cell in right.rates]
    return WeighedTable(right, year, observed, (*rows, Weighed(None, right.share, units.get(None, 0))))


def years_of(rights: Iterable[Right], since: date, until: date) -> list[date]:
    """The days of a period on which some rate changes, its first one included."""
    held = list(rights)
    changes = {date(cell.since_year, 1, 1) for right in held for cell in right.rates if cell.since_year is not None}
    changes |= {right.starts_on for right in held}
    return sorted({since} | {on for on in changes if since < on <= until})


def weighed_tables(convention: Convention, *, on: date | None = None) -> list[WeighedTable]:
    """The tables of a convention on the flow known by a day (today), for each year in which one changes; none, and no
    query but one, where it has none."""
    mine = [right for right in rights_in(convention) if right.rates]
    if not mine:
        return []
    found = list(flows(convention.landlord, until=on or timezone.localdate()).values())
    return [
        weigh(right, found, day.year) for right in mine for day in years_of([right], right.starts_on, right.ends_on)
    ]


@dataclass(frozen=True, slots=True)
class OverCapWeighed:
    """The State's share of a département's whole flow, weighed, over its cap on a day. `parts`: (right, units in
    hundredths, what it makes of them in millionths of a unit); `units` is the flow, in hundredths."""

    departement: Territory
    on: date
    capped: Capped
    cap: Cap
    observed: bool
    units: int
    parts: tuple[tuple[Right, int, int], ...]

    @property
    def mean(self) -> Fraction:
        """The share, exact, in millionths; nothing of no flow."""
        return Fraction(sum(due for _, _, due in self.parts) * HUNDREDTH, self.units or 1)

    @property
    def excess(self) -> Fraction:
        """By how much it passes the cap, in millionths; negative under it."""
        return self.mean - self.cap.share


def over_caps(convention: Convention, *, on: date | None = None) -> list[OverCapWeighed]:
    """Where a convention, once signed, would give the State more than its caps of the whole flow, when a table says
    what it gives: the worst day of each cap. What falls vacant is read by a day (today). Two queries without a table.
    """
    mine = rights_in(convention)
    every = [*mine, *rights_beside(convention)]
    tabled = [capped for capped in CAPPED if any(r.rates and r.holder.contingent in capped.contingents for r in every)]
    if not any(right.holder.contingent in capped.contingents for capped in tabled for right in mine):
        return []
    in_force = caps([convention.landlord], since=convention.starts_on, until=convention.ends_on)
    days = set(years_of(every, convention.starts_on, convention.ends_on))
    found = []
    for departement, flow in flows(convention.landlord, until=on or timezone.localdate()).items():
        for capped in tabled:
            moments = in_force.moments(capped.parameter, landlord=convention.landlord_id)
            worst: OverCapWeighed | None = None
            for day in sorted(days | {day for day in moments if convention.starts_on < day <= convention.ends_on}):
                cap = in_force.on(capped.parameter, day, landlord=convention.landlord_id, departement=departement.pk)
                if cap is None:
                    continue
                held = [
                    r for r in every if r.starts_on <= day <= r.ends_on and r.holder.contingent in capped.contingents
                ]
                tables = [weigh(right, [flow], day.year) for right in held]
                parts = tuple((each.right, each.units, sum(row.due for row in each.rows)) for each in tables)
                units = sum(flow.cells.values())
                read = OverCapWeighed(departement, day, capped, cap, flow.observed, units, parts)
                if read.excess > (worst.excess if worst else 0):
                    worst = read
            if worst is not None:
                found.append(worst)
    return found


def averaged(landlord: Landlord, held: Sequence[Right], year: int, *, until: date) -> list[Right]:
    """The same rights, each table replaced by the share that it comes to on the flow known by a day: for what is
    expected of a year, never for what a unit credits. No query without a table, three or four with one."""
    if not any(right.rates for right in held):
        return list(held)
    found = list(flows(landlord, until=until).values())
    averages = []
    for right in held:
        mean = weigh(right, found, year).mean if right.rates else None
        averages.append(right if mean is None else replace(right, share=min(mean, UNIT), rates=()))
    return averages


#: Conventions offered to compare with: the versions of this one and those of its landlord.
MOST = 100


def compared_with(convention: Convention, seen: ConventionQuerySet) -> list[Convention]:
    """Those that a reader may set beside this one: its other versions first, then others of its landlord. One query."""
    others = seen.filter(landlord=convention.landlord_id).exclude(pk=convention.pk)
    found = list(others.order_by("-starts_on", "-version", "-pk")[:MOST])
    own = (convention.organisation_id, convention.perimeter_id)
    return sorted(found, key=lambda each: (each.organisation_id, each.perimeter_id) != own)


def yearly_units(convention: Convention, *, today: date) -> tuple[int, dict[str, int]]:
    """(units expected in its perimeter in the first year that it governs from today, {holder: of them, in millionths}).
    Four queries, and those of the flow where a table of rates is weighed by it."""
    on = min(max(today, convention.starts_on), convention.ends_on)
    flow = expected_flow(convention.landlord, convention.perimeter, on) or 0
    found: dict[str, int] = defaultdict(int)
    for right in averaged(convention.landlord, rights_in(convention), on.year, until=today):
        if right.starts_on <= on <= right.ends_on:
            found[str(right.holder)] += right.share * flow
    return flow, dict(found)
