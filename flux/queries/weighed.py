"""Tables of rates weighed by the flow expected: what each row makes of a year, and what the State has of all of it.

A cap is a share of the landlord's whole yearly flow (CCH, R441-5-2): a table is over it here and under it there, and
only the flow tells what it comes to.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from django.utils import timezone

from flux.queries.feasibility import Flow, facts_in, flows
from reservations.models import Convention, Landlord, Territory
from reservations.models.convention import UNIT
from reservations.models.rate import RateCell, cell_at
from reservations.queries.checks.caps import CAPPED, Cap, Capped, caps
from reservations.queries.rights import Right, rights_beside, rights_in
from reservations.rounding import nearest

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
