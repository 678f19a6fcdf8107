"""What is read of the flow expected.

* How many units a year a perimeter is expected to see in the flow: what units a year, and small shares, rest on.
* Of what each holder was routed in a year, how many its delegates propose for: one count for both.
* What charts of a year show: each holder's account month by month, the flow month by month, communes in order.
* Read from the folds of the account: the cost is that of the months and communes shown. `communes`: ids, or None for
  all.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from itertools import accumulate
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum
from django.utils import timezone

from flux.models import AccountMonth, FlowCount, Ledger, PlaceCell, RoutingCount, Vacancy
from flux.queries.forecasts import planned_flows
from reservations.models import Landlord, Organisation, ReservationHolder, Territory
from reservations.models.convention import UNIT
from reservations.models.once_a_request import by_id, by_id_steps, once_in_steps
from reservations.models.together import Steps, at_once, queried, read_whole, stepwise, together, whole
from reservations.rounding import nearest
from reservations.words import inside

FEBRUARY = 2


def year_until(on: date) -> date:
    """The day before the twelve months that end on a day; 28 February for 29."""
    if on.year == date.min.year:
        return date.min
    return on.replace(year=on.year - 1, day=min(on.day, 28) if on.month == FEBRUARY else on.day)


@once_in_steps
def entered_by_commune(landlord: Landlord, *, until: date) -> Steps[dict[Territory, int]]:
    """Units of the flow that fell vacant in the twelve months that end on a day, by commune. Two queries."""
    found = Vacancy.objects.filter(
        landlord=landlord, kind=Vacancy.Kind.IN_FLOW, registered_on__gt=year_until(until), registered_on__lte=until
    )
    (rows,) = yield [found.order_by().values_list("commune").annotate(Count("pk"))]
    counts: dict[int, int] = dict(rows)
    communes = yield from by_id_steps(Territory, counts)
    return {communes[pk]: counts[pk] for pk in sorted(counts)}


def expected_flows(landlord: Landlord, perimeters: Collection[int], *, year: int, until: date) -> dict[int, int]:
    """For each perimeter (by id), units expected in the flow in a year; none where nothing states. Two queries.

    In each département: what the forecast sent for the year plans, in the proportion in which the units of the twelve
    months until a day lay in the perimeter; without a forecast, those units.
    """
    entered, planned = at_once(entered_by_commune.steps(landlord, until=until), planned_flows.steps(landlord, year))
    found = {perimeter: _expected(perimeter, entered, planned) for perimeter in perimeters}
    return {perimeter: flow for perimeter, flow in found.items() if flow}


def _expected(perimeter: int, entered: Mapping[Territory, int], planned: Mapping[int, int]) -> int:
    """Units expected in one perimeter, to the nearest in each département."""
    here: dict[int, int] = defaultdict(int)
    whole: dict[int, int] = defaultdict(int)
    for commune, count in entered.items():
        departement = commune.departement_id or 0
        whole[departement] += count
        if perimeter in commune.covering_ids():
            here[departement] += count
    total = planned.get(perimeter, 0)  # a whole département, even if nothing fell vacant there yet
    for departement, count in here.items():
        if departement == perimeter and departement in planned:
            continue
        flow = planned.get(departement, whole[departement])
        total += nearest(flow * count, whole[departement])
    return total


def expected_flow(landlord: Landlord, perimeter: Territory, since: date) -> int | None:
    """The same for one perimeter, in the year of a day, read from what happened by today; None when nothing states."""
    today = timezone.localdate()
    return expected_flows(landlord, [perimeter.pk], year=since.year, until=today).get(perimeter.pk)


def yearly_dues(landlord: Landlord, shares: Iterable[tuple[int, int]], *, year: int, until: date) -> int:
    """What shares (perimeter id, millionths) make together of a year's flow, in millionths of a unit."""
    promised = list(shares)
    flows = expected_flows(landlord, {perimeter for perimeter, _ in promised}, year=year, until=until)
    return sum(share * flows.get(perimeter, 0) for perimeter, share in promised)


Kind, Contingent = Organisation.Kind, ReservationHolder.Contingent


@dataclass(frozen=True, slots=True)
class Delegate:
    """Who proposes for some units of a holder, and for how many."""

    siren: str
    name: str
    article: str
    units: int

    def __str__(self) -> str:
        return self.name

    @property
    def inside(self) -> str:
        """In a sentence."""
        return inside(self.name, self.article)


@dataclass(frozen=True, slots=True)
class Delegated:
    """The units routed to a holder in these accounts, whoever proposes, then those that each of its delegates does."""

    siren: str
    contingent: int
    name: str
    routed: int
    delegates: tuple[Delegate, ...]

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"delegates": [asdict(each) for each in self.delegates]}

    @classmethod
    def of_json(cls, content: Mapping[str, Any]) -> Delegated:
        """As a sealed content has it."""
        return cls(**{**content, "delegates": tuple(Delegate(**each) for each in content["delegates"])})


@stepwise
def delegated_in(ledgers: Iterable[Ledger]) -> Steps[list[Delegated]]:
    """The holders that delegated some of what they were routed, in the order of their names. One query, one more where
    there are some. What the préfet's order or a fallback gives another to propose is no delegation."""
    counted = RoutingCount.objects.filter(
        ledger__in=[ledger.pk for ledger in ledgers], exercise=F("ledger__exercise")
    ).order_by()
    given = (
        counted.filter(acting__isnull=False)
        .exclude(acting__kind=Kind.STATE)
        .exclude(holder__contingent=Contingent.NOT_RESERVED)
        .values_list("holder", "acting")
        .annotate(found=Sum("units"))
    )
    (rows,) = yield [given]
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for holder, acting, units in rows:
        if units:
            found[holder].append((acting, units))
    if not found:
        return []
    in_order = ReservationHolder.objects.filter(pk__in=found)
    (each_routed,), holders, proposers = yield from together(
        queried(counted.filter(holder__in=found).values_list("holder").annotate(found=Sum("units"))),
        read_whole(in_order.select_related("organisation").order_by("organisation__name", "-contingent")),
        whole(Organisation.objects.filter(pk__in=[acting for each in found.values() for acting, _ in each])),
    )
    routed, named = dict(each_routed), {each.pk: each for each in proposers}
    return [
        Delegated(
            holder.organisation.siren,
            holder.contingent,
            str(holder),
            routed[holder.pk],
            tuple(sorted((_delegate(named[acting], units) for acting, units in found[holder.pk]), key=str)),
        )
        for holder in holders
    ]


def _delegate(organisation: Organisation, units: int) -> Delegate:
    return Delegate(organisation.siren, organisation.name, organisation.article, units)


VacancyKind = Vacancy.Kind


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


def summed(rows: Sequence[Ranked], name: str) -> Ranked:
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
    named = by_id(ReservationHolder, found, "organisation")
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


@dataclass(frozen=True, slots=True)
class KindsMonth:
    """What some accounts were due (millionths of a unit), offered and received in one month."""

    first: date
    due: int = 0
    offered: int = 0
    received: int = 0


def kinds_through(accounts: QuerySet[AccountMonth], *, year: int, until: date) -> list[KindsMonth]:
    """What these accounts were due, offered and received each month, those without anything included. One query."""
    by_month = accounts.order_by().values_list("month")
    rows = by_month.annotate(owed=Sum("due"), given=Sum("offered"), got=Sum("received"))
    found = {month: KindsMonth(month, owed, given, got) for month, owed, given, got in rows}
    return [found.get(month, KindsMonth(month)) for month in months_of(year, until=until)]


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
    others = by.get(VacancyKind.FIRST_LETTING, 0) + by.get(VacancyKind.TECHNICAL, 0) + by.get(VacancyKind.OUTSIDE, 0)
    return FlowMonth(
        month,
        by.get(VacancyKind.IN_FLOW, 0),
        by.get(VacancyKind.EXCLUDED, 0),
        by.get(VacancyKind.STOCK, 0),
        others,
    )


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
    given = (
        Ranked(name, proposed - left[commune, "proposed"], granted - left[commune, "granted"])
        for commune, name, proposed, granted in rows
    )
    read = [row for row in given if row.offered or row.allocated]
    return sorted(read, key=lambda row: (-row.offered, row.name))


def _in(communes: Collection[int] | None) -> Q:
    return Q() if communes is None else Q(commune__in=communes)
