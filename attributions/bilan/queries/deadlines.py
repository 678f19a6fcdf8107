"""What is read of deadlines.

* When a balance is due, and whether it came in time: the day of the law, and the later one that a région tolerates.
* The balance of a year is due on the same day as the forecast of the next (CCH, R441-5 and R441-5-1: before 28
  February).
* Until when a balance may be sent (CCH, R441-5-1): before a day of the law, or to a tolerated one.
* What was sent of some balances, and what their readers answered: opened, contested, signed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Exists, F, Min, OuterRef, Q, QuerySet
from django.utils import timezone

from attributions.bilan.models import (
    BalanceDispatch,
    BalanceRemark,
    BalanceSignature,
    BalanceTolerance,
    BalanceVersion,
)
from flux.models import FlowCount, Ledger
from flux.queries.forecasts import due_days
from reservations.models import Landlord, Territory
from reservations.models.together import Steps, stepwise, together, whole


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


@stepwise
def dues(exercises: Iterable[int], regions: Iterable[int]) -> Steps[dict[tuple[int, int], Due]]:
    """What is due for each (exercise, région id). One query."""
    years, places = sorted(set(exercises)), sorted(set(regions))
    days, found = yield from together(
        due_days.steps([year + 1 for year in years]),
        whole(BalanceTolerance.objects.filter(exercise__in=years, region__in=places).order_by("pk")),
    )
    tolerated = {(each.exercise, each.region_id): each for each in found}
    return {
        (year, place): Due(year, days[year + 1], tolerated.get((year, place))) for year in years for place in places
    }


@stepwise
def due_of(departement: Territory, exercise: int) -> Steps[Due]:
    """What is due in one département. One query."""
    region = departement.region_id or 0
    return (yield from dues.steps([exercise], [region]))[exercise, region]


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


@stepwise
def owed(landlords: Iterable[int], exercise: int) -> Steps[set[tuple[int, int]]]:
    """(landlord, département), ids, of the balances owed for a year: where the landlord has an account, or anything
    fell vacant. Its own home and the boards of those who oversee it read this same rule. One query."""
    accounts, vacated = _owing(sorted(set(landlords)), exercise)
    asked = accounts.values_list("landlord", "departement").union(
        vacated.values_list("landlord", "commune__departement")
    )
    (rows,) = yield [asked.order_by()]
    return {(owner, departement) for owner, departement in rows if departement is not None}


def _owing(landlords: Collection[int], exercise: int) -> tuple[QuerySet[Ledger], QuerySet[FlowCount]]:
    """The accounts, and what fell vacant."""
    accounts = Ledger.objects.filter(landlord__in=landlords, exercise=exercise).order_by()
    vacated = FlowCount.objects.filter(landlord__in=landlords, month__year=exercise, units__gt=0).order_by()
    return accounts, vacated


#: What a landlord has still to send, by département.
type ToSend = list[tuple[Territory, Arrival]]


def unsent(landlord: Landlord, exercise: int) -> QuerySet[Territory]:
    """The départements of which a landlord owes the balance of a year, and sent none."""
    accounts, vacated = _owing([landlord.pk], exercise)
    places = accounts.values("departement").union(vacated.values("commune__departement"))
    sent = BalanceVersion.objects.filter(
        ANNUAL, balance__landlord=landlord.pk, balance__exercise=exercise, balance__departement=OuterRef("pk")
    )
    return Territory.objects.filter(~Exists(sent), pk__in=places)


def to_send(landlord: Landlord, *, today: date) -> ToSend:
    """The balances of last year that a landlord has still to send, by département, where one is owed. Three queries at
    most, one when there is nothing to say."""
    year = today.year - 1
    missing = list(unsent(landlord, year).order_by("code"))
    if not missing:
        return []
    due = dues([year], [place.region_id or 0 for place in missing])
    return [(place, Arrival(due[year, place.region_id or 0], None, today)) for place in missing]


@dataclass(frozen=True, slots=True)
class Deadline:
    """`named` is the day that people name (« 28 février »), `last` the last one on which sending is on time: the eve,
    as the law says *before*; the same day when it is tolerated. Both None when no parameter gives the day."""

    named: date | None
    last: date | None
    tolerance: BalanceTolerance | None = None

    def days_late(self, on: date) -> int:
        """Days after the last one; 0 when on time."""
        return max(0, (on - self.last).days) if self.last else 0

    def days_left(self, on: date) -> int:
        """Days before the day that people name; 0 once it came."""
        return max(0, (self.named - on).days) if self.named else 0

    def is_past(self, on: date) -> bool:
        """Would a balance sent that day be late?"""
        return self.last is not None and on > self.last


@stepwise
def deadlines(exercise: int, regions: Collection[int | None]) -> Steps[Mapping[int | None, Deadline]]:
    """Of the balances of an exercise, by région (id). One query."""
    found = yield from dues.steps([exercise], [region or 0 for region in regions])
    return {region: _deadline(found[exercise, region or 0]) for region in regions}


def _deadline(due: Due) -> Deadline:
    extended = due.tolerance is not None and (due.law is None or due.tolerance.until >= due.law)
    return Deadline(due.last_day if extended else due.law, due.last_day, due.tolerance if extended else None)


def followed_exercise(today: date) -> int:
    """The exercise whose balances one follows on a day: the year before until the summer, then the running one."""
    return today.year - 1 if today.month <= 6 else today.year


#: (landlord, département), ids: what a balance is of.
AnswerKey = tuple[int, int]


def among(keys: Collection[AnswerKey], *, landlord: str = "landlord", departement: str = "departement") -> Q:
    """Condition: a row is of one of these landlords in one of these départements."""
    return Q(**{f"{landlord}__in": {key[0] for key in keys}, f"{departement}__in": {key[1] for key in keys}})


@dataclass(frozen=True, slots=True)
class Answers:
    """The versions sent: `of` what balance each is; by balance, the day of the `first` and the id of the `last` sent
    once the year was over; those before are no annual balance: the day of the last such one (`interim`), though their
    remarks wait all the same; the day each was `sealed`; of the last ones, whether each organisation `signs`, and
    whether it opened it; the days of the `remarks` without answer, whatever the version, by balance and organisation;
    of the last ones, by version and organisation, the day of `signatures`."""

    of: Mapping[int, AnswerKey]
    first: Mapping[AnswerKey, date]
    last: Mapping[AnswerKey, int]
    interim: Mapping[AnswerKey, date]
    sealed: Mapping[int, date]
    dispatches: Mapping[tuple[int, int], tuple[bool, bool]]
    remarks: Mapping[tuple[AnswerKey, int], Sequence[date]]
    signatures: Mapping[tuple[int, int], date]

    @classmethod
    def read(cls, keys: Collection[AnswerKey], exercise: int) -> Steps[Answers]:
        """Two queries."""
        of: dict[int, AnswerKey] = {}
        first: dict[AnswerKey, date] = {}
        last: dict[AnswerKey, int] = {}
        interim: dict[AnswerKey, date] = {}
        sealed: dict[int, date] = {}
        ours = among(keys, landlord="balance__landlord", departement="balance__departement")
        found = BalanceVersion.objects.filter(ours, balance__exercise=exercise).order_by("balance_id", "number")
        (rows,) = yield [found.values_list("balance__landlord", "balance__departement", "pk", "sent_at", "sealed_at")]
        for landlord, departement, pk, sent_at, sealed_at in rows:
            key = landlord, departement
            of[pk] = key
            if not is_annual(timezone.localdate(sent_at), exercise):
                interim[key] = timezone.localdate(sent_at)
                continue
            last[key] = pk
            first.setdefault(key, timezone.localdate(sent_at))
            if sealed_at:
                sealed[pk] = timezone.localdate(sealed_at)
        dispatched, waiting, signed = yield [
            BalanceDispatch.objects.filter(version__in=last.values()).values_list(
                "version", "organisation", "signs", "opened_at"
            ),
            BalanceRemark.objects.filter(version__in=of, answer="")
            .order_by("made_at")
            .values_list("version", "organisation", "made_at"),
            BalanceSignature.objects.filter(version__in=last.values()).values_list(
                "version", "organisation", "signed_at"
            ),
        ]
        dispatches = {
            (version, organisation): (signs, opened is not None) for version, organisation, signs, opened in dispatched
        }
        remarks: dict[tuple[AnswerKey, int], list[date]] = defaultdict(list)
        for version, organisation, made_at in waiting:
            remarks[of[version], organisation].append(timezone.localdate(made_at))
        signatures = {
            (version, organisation): timezone.localdate(signed_at) for version, organisation, signed_at in signed
        }
        return cls(of, first, last, interim, sealed, dispatches, dict(remarks), signatures)
