"""When a balance is due, and whether it came in time: the day of the law, and the later one that a région tolerates.

The balance of a year is due on the same day as the forecast of the next (CCH, R441-5 and R441-5-1: before 28 February).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import F, Min, Q
from django.utils import timezone

from attributions.bilan.models import BalanceTolerance, BalanceVersion
from flux.models import FlowCount, Ledger
from flux.queries.forecast import due_days
from reservations.models import Landlord, Territory


@dataclass(frozen=True, slots=True)
class Due:
    """Until when the balance of a year is expected in a département. `law`: before that day; None when no parameter is
    in force. `tolerance`: a later last day, inclusive, that the région accepted."""

    exercise: int
    law: date | None
    tolerance: BalanceTolerance | None

    @property
    def last_day(self) -> date | None:
        """The last day in time."""
        if self.law is None:
            return self.tolerance.until if self.tolerance else None
        eve = self.law - timedelta(days=1)
        return max(eve, self.tolerance.until) if self.tolerance else eve

    def late_by(self, on: date) -> int:
        """Days after the last one; 0 in time."""
        return max(0, (on - self.last_day).days) if self.last_day else 0


@dataclass(frozen=True, slots=True)
class Arrival:
    """A balance beside its day: sent first on `sent_on`, its year over, None when it is still to send, read `today`."""

    due: Due
    sent_on: date | None
    today: date

    @property
    def is_late(self) -> bool:
        """Was it sent after its last day, or is that day past?"""
        return self.due.late_by(self.sent_on or self.today) > 0

    @property
    def is_absent(self) -> bool:
        """Not sent, and its day is past."""
        return self.sent_on is None and self.is_late

    @property
    def is_early(self) -> bool:
        """Is the year not over?"""
        return self.today.year <= self.due.exercise


#: (landlord id, département id, exercise).
Key = tuple[int, int, int]


def dues(exercises: Iterable[int], regions: Iterable[int]) -> dict[tuple[int, int], Due]:
    """What is due for each (exercise, région id). Two queries."""
    years, places = sorted(set(exercises)), sorted(set(regions))
    days = due_days([year + 1 for year in years])
    found = BalanceTolerance.objects.filter(exercise__in=years, region__in=places).order_by("pk")
    tolerated = {(each.exercise, each.region_id): each for each in found}
    return {
        (year, place): Due(year, days[year + 1], tolerated.get((year, place))) for year in years for place in places
    }


def due_of(departement: Territory, exercise: int) -> Due:
    """What is due in one département. Two queries."""
    return dues([exercise], [departement.region_id or 0])[exercise, departement.region_id or 0]


def arrivals(keys: Sequence[Key], *, today: date) -> dict[Key, Arrival]:
    """Whether each balance came in time, sent or not. Four queries, whatever their number."""
    regions = dict(
        Territory.objects.filter(pk__in={departement for _, departement, _ in keys})
        .values_list("pk", "region")
        .order_by()
    )
    due = dues({year for *_, year in keys}, {regions[place] or 0 for _, place, _ in keys})
    sent = first_sent({landlord for landlord, *_ in keys}, {year for *_, year in keys})
    return {key: Arrival(due[key[2], regions[key[1]] or 0], sent.get(key), today) for key in keys}


def is_annual(sent_on: date, exercise: int) -> bool:
    """Was it sent once the year was over? Before, a version is a « point d’étape »: the balance is still to come."""
    return sent_on.year > exercise


#: The same, of versions: those sent once their year was over.
ANNUAL = Q(sent_at__year__gt=F("balance__exercise"))


def first_sent(landlords: Iterable[int], exercises: Iterable[int]) -> Mapping[Key, date]:
    """The day on which each balance was first sent, its year over. One query."""
    versions = BalanceVersion.objects.filter(ANNUAL, balance__landlord__in=landlords, balance__exercise__in=exercises)
    rows = (
        versions.order_by()
        .values_list("balance__landlord", "balance__departement", "balance__exercise")
        .annotate(at=Min("sent_at"))
    )
    return {(landlord, place, year): timezone.localdate(at) for landlord, place, year, at in rows}


def owed(landlords: Iterable[int], exercise: int) -> set[tuple[int, int]]:
    """(landlord, département), ids, of the balances owed for a year: where the landlord has an account, or anything
    fell vacant. Its own home and the boards of those who oversee it read this same rule. Two queries."""
    among = sorted(set(landlords))
    accounts = Ledger.objects.filter(landlord__in=among, exercise=exercise).order_by()
    vacated = FlowCount.objects.filter(landlord__in=among, month__year=exercise, units__gt=0).order_by()
    places = vacated.values_list("landlord", "commune__departement").distinct()
    rows = (*accounts.values_list("landlord", "departement"), *places)
    return {(owner, departement) for owner, departement in rows if departement is not None}


#: What a landlord has still to send, by département.
type ToSend = list[tuple[Territory, Arrival]]


def to_send(landlord: Landlord, *, today: date) -> ToSend:
    """The balances of last year that a landlord has still to send, by département, where one is owed. Seven queries at
    most, two or three when there is nothing to say."""
    year = today.year - 1
    owing = {departement for _, departement in owed([landlord.pk], year)}
    places = list(Territory.objects.filter(pk__in=owing).order_by("code"))
    if not places:
        return []
    sent = set(
        BalanceVersion.objects.filter(ANNUAL, balance__landlord=landlord, balance__exercise=year)
        .order_by()
        .values_list("balance__departement", flat=True)
    )
    missing = [place for place in places if place.pk not in sent]
    if not missing:
        return []
    read = arrivals([(landlord.pk, place.pk, year) for place in missing], today=today)
    return [(place, read[landlord.pk, place.pk, year]) for place in missing]
