"""What is read of steps.

* Spans between two steps of units, read from their counts (`SpanCount`): as many rows as there are places, holders
  and lengths, whatever the number of units. What is shown of one unit and what is measured of all are held together
  by a test.
* Time in step: working days between two steps of the units, and what candidates become leases.
* By holder, landlord or territory, each figure with the units behind it.
* In which step units waited longest, and what those without a tenant today cost a day (`empty_units`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import reduce
from itertools import pairwise
from operator import or_
from statistics import median

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, Q, QuerySet, Sum

from attributions.bilan.queries.empty_units import NONE, EmptyUnits
from attributions.bilan.queries.objective_leases import seen_counts
from attributions.households.models import SpanCount
from attributions.households.queries.journey import MEASURED, StepKind
from flux.models import Vacancy
from reservations.models import Landlord, Membership, ReservationHolder, Territory
from reservations.models.territory import OneOf
from reservations.rounding import Exact, rate_of, rounded

#: What a table has a row for.
PLACES = {"HOLDER": "holder", "LANDLORD": "landlord", "COMMUNE": "place", "EPCI": "place__epci"}


@dataclass(frozen=True, slots=True)
class Span:
    """So many units of one place (id; None for none) that went from a step to the other in so many working days."""

    place: int | None
    days: int
    units: int


def measured_counts(
    year: int, *, landlord: Landlord | None = None, member: Membership | None = None
) -> QuerySet[SpanCount]:
    """The counts of units registered in a year that a person sees listed: what `step_times` measures."""
    counts = SpanCount.objects.filter(fell=year).order_by()
    return seen_counts(counts.filter(landlord=landlord) if landlord else counts, member)


def of_organisation(counts: QuerySet[SpanCount], organisation: int) -> QuerySet[SpanCount]:
    """Those of the routings of one organisation (id), or of those that it acts for: each found by an index."""
    holders = ReservationHolder.objects.filter(organisation=organisation).order_by().values("pk")
    return counts.filter(Q(OneOf(F("holder"), ArraySubquery(holders))) | Q(acting=organisation))


def spans(counts: QuerySet[SpanCount], start: StepKind, end: StepKind, place: str) -> list[Span]:
    """The spans of these counts. One query."""
    found = counts.filter(start=start, reached=end).values_list(PLACES[place], "days").annotate(sum=Sum("units"))
    return [Span(*row) for row in found]


def candidates(counts: QuerySet[SpanCount], place: str) -> dict[int | None, tuple[int, int]]:
    """By place (id), how many candidates were sent, and how many leases followed of candidates recorded here. One
    query."""
    counted = counts.filter(start="", reached__in=[StepKind.SENT, StepKind.LEASED]).values_list(PLACES[place])
    sums = {kind: Sum("units", filter=Q(reached=kind), default=0) for kind in (StepKind.SENT, StepKind.LEASED)}
    return {where: (sent, leases) for where, sent, leases in counted.annotate(**sums)}


#: From each step to the one that follows it.
FOLLOWING = tuple(pairwise(MEASURED))


@dataclass(frozen=True, slots=True)
class LongStep:
    """The step in which units waited longest: so many working days on the average."""

    start: StepKind
    end: StepKind
    mean: Decimal


def waited(counts: QuerySet[SpanCount], place: str) -> list[tuple[int | None, StepKind, StepKind, int, int]]:
    """By place (id), from each step to the next: units, and the sum of their working days. One query."""
    steps = reduce(or_, (Q(start=start, reached=end) for start, end in FOLLOWING))
    sums = {"all": Sum("units"), "spent": Sum(F("units") * F("days"))}
    found = counts.filter(steps).values_list(PLACES[place], "start", "reached").annotate(**sums)
    return [(where, StepKind(start), StepKind(end), all_, spent) for where, start, end, all_, spent in found]


def longest(found: Iterable[tuple[int | None, StepKind, StepKind, int, int]]) -> LongStep | None:
    """The step of the longest mean, the first of them in the order of steps; None when nobody waited."""
    sums: dict[tuple[StepKind, StepKind], tuple[int, int]] = {}
    for _, start, end, units, spent in found:
        before = sums.get((start, end), (0, 0))
        sums[start, end] = before[0] + units, before[1] + spent
    means = [(Fraction(spent, units), -FOLLOWING.index(step), step) for step, (units, spent) in sums.items() if spent]
    if not means:
        return None
    mean, _, (start, end) = max(means)
    return LongStep(start, end, _tenth(mean))


class By(StrEnum):
    """What the table has a row for."""

    HOLDER = "HOLDER"
    LANDLORD = "LANDLORD"
    COMMUNE = "COMMUNE"
    EPCI = "EPCI"


@dataclass(frozen=True, slots=True)
class StepTimesRow:
    """One line, its name "" for what is of none. `units` went through both steps; `mean` and `median` in working days,
    None without any unit. `sent` candidates, and the `leases` of candidates recorded here: a unit let to somebody who
    was not recorded has its path, and none of these."""

    name: str
    units: int
    mean: Decimal | None
    median: Decimal | None
    sent: int
    leases: int
    longest: LongStep | None = None
    empty: EmptyUnits = NONE

    @property
    def followed(self) -> int | None:
        """The leases of the candidates recorded here; None when none was, and none could follow."""
        return self.leases if self.sent or self.leases else None

    @property
    def sent_per_lease(self) -> Decimal | None:
        """Candidates sent for one lease, to a tenth; None without any lease."""
        return _tenth(Fraction(self.sent, self.leases)) if self.leases else None

    @property
    def rate(self) -> int | None:
        """Leases for the candidates sent, in millionths, to a tenth of a per cent; None when nobody was sent."""
        return rate_of(self.leases, self.sent)


def _tenth(value: Exact) -> Decimal:
    return rounded(value, 1)


@dataclass(frozen=True, slots=True)
class StepTimes:
    """The table, in no order, and its last line over everything. `is_whole`: of every unit that was given, and not of
    the reader's own alone."""

    by: By
    rows: list[StepTimesRow]
    total: StepTimesRow
    is_whole: bool


def step_times(
    counts: QuerySet[SpanCount],
    start: StepKind,
    end: StepKind,
    by: By,
    *,
    member: Membership | None = None,
    is_whole: bool = False,
    empty: Mapping[int | None, EmptyUnits] | None = None,
) -> StepTimes:
    """Working days from the first step `start` of a unit to the first `end` that follows, in the same routing unless
    the first belongs to the unit. Public holidays are those of the convention applied.

    `is_whole`: the reader may have all of them, as their landlord and commands do; the others have those of their own
    routings, which they know one by one (docs/disclosure.md). `empty`: the units without a tenant, of the same reader.
    Four queries, whatever there is to measure.
    """
    whole = is_whole or member is None or member.is_landlord
    read = counts if whole or member is None else of_organisation(counts, member.organisation_id)
    days: dict[int | None, list[int]] = {}
    for span in spans(read, start, end, by.value):
        days.setdefault(span.place, []).extend([span.days] * span.units)
    counted, spent, free = candidates(read, by.value), waited(read, by.value), empty or {}
    names = _names(by, {*days, *counted, *free})
    rows = [
        replace(
            _row(names[place], days.get(place, []), *counted.get(place, (0, 0))),
            longest=longest(each for each in spent if each[0] == place),
            empty=free.get(place, NONE),
        )
        for place in names
    ]
    every = replace(
        _row(
            "",
            [day for found in days.values() for day in found],
            sum(sent for sent, _ in counted.values()),
            sum(leases for _, leases in counted.values()),
        ),
        longest=longest(spent),
        empty=sum(free.values(), NONE),
    )
    return StepTimes(by, rows, every, whole)


def _names(by: By, places: Collection[int | None]) -> dict[int | None, str]:
    """Those of each place (id). One query."""
    ids = [place for place in places if place is not None]
    found: dict[int | None, str] = {}
    if by is By.HOLDER:
        for holder in ReservationHolder.objects.filter(pk__in=ids).select_related("organisation").order_by("pk"):
            found[holder.pk] = f"{holder} ({holder.organisation.name})" if holder.is_not_reserved else str(holder)
    elif by is By.LANDLORD:
        for landlord in Landlord.objects.filter(pk__in=ids).select_related("organisation").order_by("pk"):
            found[landlord.pk] = str(landlord)
    else:
        found |= dict(Territory.objects.filter(pk__in=ids).order_by("pk").values_list("pk", "name"))
    if None in places:
        found[None] = ""
    return found


def _row(name: str, days: Collection[int], sent: int, leases: int) -> StepTimesRow:
    mean = _tenth(Fraction(sum(days), len(days))) if days else None
    middle = _tenth(Decimal(str(median(days)))) if days else None
    return StepTimesRow(name, len(days), mean, middle, sent, leases)


def measured_vacancies(
    year: int, *, landlord: Landlord | None = None, member: Membership | None = None
) -> QuerySet[Vacancy]:
    """The units registered in a year that a person sees listed: those that `measured_counts` counts."""
    seen = Vacancy.objects.all() if member is None else Vacancy.objects.visible_to(member)
    asked = Q(registered_on__year=year) & (Q(landlord=landlord) if landlord else Q())
    return seen.filter(asked)
