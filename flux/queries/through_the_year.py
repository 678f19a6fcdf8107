"""What charts of a year show: each holder's account month by month, the flow month by month, communes in order.

Read from the folds of the account: the cost is that of the months and communes shown. `communes`: ids, or None for all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate

from django.db.models import Q, QuerySet, Sum

from flux.models import AccountMonth, FlowCount, PlaceCell, Vacancy
from reservations.models import Landlord, ReservationHolder
from reservations.models.convention import UNIT

Kind = Vacancy.Kind


@dataclass(frozen=True, slots=True)
class HolderYear:
    """One holder's account, cumulated when each month ends: `due` in millionths of a unit, `received` in units."""

    holder: ReservationHolder
    months: tuple[date, ...]
    due: tuple[int, ...]
    received: tuple[int, ...]

    @property
    def gap(self) -> int:
        """At the end of the last month, in millionths: positive when something is still owed."""
        return self.due[-1] - UNIT * self.received[-1]

    @property
    def rows(self) -> list[tuple[date, int, int, int]]:
        """(first day of the month, due, received, gap), for a table."""
        return [
            (month, due, received, due - UNIT * received)
            for month, due, received in zip(self.months, self.due, self.received, strict=True)
        ]


@dataclass(frozen=True, slots=True)
class FlowMonth:
    """Units that fell vacant in a month: `others` are first lettings and technical vacancies."""

    first: date
    in_flow: int = 0
    excluded: int = 0
    stock: int = 0
    others: int = 0

    @property
    def parts(self) -> tuple[int, int, int, int]:
        """As they pile up, what is of the flow at the bottom."""
        return self.in_flow, self.excluded, self.stock, self.others

    @property
    def vacated(self) -> int:
        return sum(self.parts)


@dataclass(frozen=True, slots=True)
class Ranked:
    """One place in an ordered list: units offered there, and units allocated."""

    name: str
    offered: int
    allocated: int


def together(rows: Sequence[Ranked], name: str) -> Ranked:
    """Several as one."""
    return Ranked(name, sum(row.offered for row in rows), sum(row.allocated for row in rows))


def months_of(year: int, *, until: date, last: date | None = None) -> tuple[date, ...]:
    """First days of the months from January to the day asked, December at most, or to the `last` that has figures."""
    ends = [date(year, 1, 1), min(date(year, 12, 1), until.replace(day=1)), *([last] if last else [])]
    end = max(ends)
    count = 12 * (end.year - year) + end.month
    return tuple(date(year + place // 12, place % 12 + 1, 1) for place in range(count))


def holders_through(
    accounts: QuerySet[AccountMonth],
    *,
    year: int,
    until: date,
    without: Iterable[tuple[int, date, int, int]] = (),
) -> list[HolderYear]:
    """Each holder of some months of accounts, whoever is owed most first, the landlord's own remainder last. What came
    after the year counts in months of its own. `without`: (holder id, month, due, received) left out. Two queries."""
    found: dict[int, dict[date, tuple[int, int]]] = {}
    rows = accounts.order_by().values_list("holder", "month").annotate(owed=Sum("due"), got=Sum("received"))
    summed = {(holder, month): (owed, got) for holder, month, owed, got in rows}
    for holder, month, owed, got in without:
        due, received = summed.get((holder, month), (0, 0))
        summed[holder, month] = due - owed, received - got
    for (holder, month), figures in summed.items():
        if any(figures):
            found.setdefault(holder, {})[month] = figures
    months = months_of(year, until=until, last=max((month for by in found.values() for month in by), default=None))
    named = ReservationHolder.objects.select_related("organisation").in_bulk(found)
    years = [
        HolderYear(
            named[holder],
            months,
            tuple(accumulate(by.get(month, (0, 0))[0] for month in months)),
            tuple(accumulate(by.get(month, (0, 0))[1] for month in months)),
        )
        for holder, by in found.items()
    ]
    return sorted(years, key=lambda read: (read.holder.is_not_reserved, -read.due[-1], read.holder.pk))


def flow_through(
    landlord: Landlord,
    communes: Collection[int] | None,
    *,
    year: int,
    until: date,
    without: Iterable[tuple[date, str, int]] = (),
) -> list[FlowMonth]:
    """What fell vacant each month, by class. `without`: (month, class, units) left out. One query."""
    rows = (
        FlowCount.objects.filter(_in(communes), landlord=landlord, month__year=year)
        .order_by()
        .values_list("month", "kind")
        .annotate(fallen=Sum("units"))
    )
    counts: dict[date, dict[str, int]] = {}
    for month, kind, fallen in rows:
        counts.setdefault(month, {})[kind] = fallen
    for month, kind, units in without:
        of = counts.setdefault(month, {})
        of[kind] = of.get(kind, 0) - units
    months = months_of(year, until=until, last=max(counts, default=None))
    return [_flow(month, counts.get(month, {})) for month in months]


def _flow(month: date, by: dict[str, int]) -> FlowMonth:
    others = by.get(Kind.FIRST_LETTING, 0) + by.get(Kind.TECHNICAL, 0) + by.get(Kind.OUTSIDE, 0)
    return FlowMonth(month, by.get(Kind.IN_FLOW, 0), by.get(Kind.EXCLUDED, 0), by.get(Kind.STOCK, 0), others)


def total_flow(months: Sequence[FlowMonth]) -> FlowMonth:
    """All of them as one."""
    return FlowMonth(
        months[0].first,
        sum(month.in_flow for month in months),
        sum(month.excluded for month in months),
        sum(month.stock for month in months),
        sum(month.others for month in months),
    )


def communes_in_order(
    ledgers: Collection[int],
    communes: Collection[int] | None,
    *,
    year: int,
    without: Iterable[tuple[int, int, int]] = (),
) -> list[Ranked]:
    """Units offered and allocated in a year in each commune, the largest number offered first. `without`: (commune id,
    offered, allocated) left out. One query."""
    rows = (
        PlaceCell.objects.filter(_in(communes), ledger__in=ledgers, year=year)
        .order_by()
        .values_list("commune", "commune__name")
        .annotate(proposed=Sum("offered"), granted=Sum("allocated"))
    )
    left = Counter[tuple[int, str]]()
    for commune, proposed, granted in without:
        left.update({(commune, "proposed"): proposed, (commune, "granted"): granted})
    told = (
        Ranked(name, proposed - left[commune, "proposed"], granted - left[commune, "granted"])
        for commune, name, proposed, granted in rows
    )
    read = [row for row in told if row.offered or row.allocated]
    return sorted(read, key=lambda row: (-row.offered, row.name))


def _in(communes: Collection[int] | None) -> Q:
    return Q() if communes is None else Q(commune__in=communes)
