"""What is read of the balance.

* The units behind one figure of a statement: which, and how many times each counts in it.
* The units behind a figure of a balance: which, and how many times each counts in it.
* What one holder received commune by commune, beside what equal rates promise there (CCH, R441-5-2, II).
* What was subtracted from the flow beside a ledger, of ledgers without a reading of it.
* The parts of a year that the préfet fixed by his order, for want of a convention, as a balance keeps them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import MAXYEAR, date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, Count, F, Max, Min, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, JSONObject
from django.db.models.lookups import Exact

from flux.communes import CommuneLine, equal_rates
from flux.models import AccountMonth, FlowCount, FlowEntry, Ledger, UnitDescription, Vacancy
from flux.queries.accounts import AccountLine
from flux.queries.cells import ENTRIES, Axis, described
from flux.queries.statement import Figure, month_after
from reservations.models import Convention, Membership, Organisation, ReservationHolder, Territory
from reservations.models.once_a_request import by_id_steps, once_in_steps
from reservations.models.together import Steps
from reservations.words import inside

Stage = FlowEntry.Stage

#: Those that state the first due of a unit from the later ones.
CREDITED = (Figure.DUE, Figure.SHARE, Figure.VACATED, Figure.AGAIN)


@dataclass(frozen=True, slots=True)
class Behind:
    """What a figure is made of: its `quantities` by unit (vacancy id), and what is `apart` from any, a transfer at the
    end of a right; they sum to it. `again`: how many times these units were counted once more, for what is due."""

    quantities: dict[int, int]
    apart: int = 0
    again: int = 0

    @property
    def total(self) -> int:
        return sum(self.quantities.values()) + self.apart


def behind(
    ledger: Ledger, holder: ReservationHolder, figure: Figure, *, until: date, month: date | None = None
) -> Behind:
    """The units behind a figure. What cancels out within the period is left out. One query.

    `month`: only the entries of that month.
    """
    every = FlowEntry.objects.filter(figure.condition, ledger=ledger, holder=holder).order_by().values("vacancy")
    period = Q(on__lte=until)
    if month is not None:
        period &= Q(on__gte=month, on__lt=month_after(month))
    if figure in CREDITED:
        # The first due of a unit may be of another month: all those of the units that the period has are read.
        rows = every.filter(Q(vacancy__in=every.filter(period)) | Q(vacancy=None)) if month else every
        rows = rows.alias(**_firsts(period))
        again = _dues(period, again=True)
        sums = {Figure.VACATED: _dues(period, again=False), Figure.AGAIN: again}
        rows = rows.annotate(behind=sums.get(figure, Coalesce(Sum("quantity", filter=period), 0)), again=again)
    else:
        rows = every.filter(period).annotate(behind=figure.measure, again=Value(0))
    found = list(rows.exclude(behind=0).values_list("vacancy", "behind", "again"))
    return Behind(
        {vacancy: quantity for vacancy, quantity, _ in found if vacancy is not None},
        sum(quantity for vacancy, quantity, _ in found if vacancy is None),
        sum(again for _, _, again in found) if figure in (Figure.DUE, Figure.SHARE) else 0,
    )


#: A due that credits, and one that takes it back: their conditions on entries.
SIGNS = {"earned": Q(stage=Stage.DUE, quantity__gt=0), "taken": Q(stage=Stage.DUE, quantity__lt=0)}


def _firsts(period: Q) -> dict[str, Min]:
    """Of the entries of one unit: the first of either sign, whenever it was written, and that of the period."""
    whenever = {f"first_{name}": Min("pk", filter=sign) for name, sign in SIGNS.items()}
    return whenever | {f"first_{name}_here": Min("pk", filter=sign & period) for name, sign in SIGNS.items()}


def _dues(period: Q, *, again: bool) -> Combinable:
    """Of the entries of one unit, all of them, with their `_firsts`: how many dues of the period are the first that it
    gave the holder, or later ones; less those taken back, in their own order. Of no unit, each is a first one."""

    def counted(name: str) -> Combinable:
        here = Count("pk", filter=SIGNS[name] & period)
        begins = Q(**{f"first_{name}": F(f"first_{name}_here")})
        first = Case(When(vacancy=None, then=here), When(begins, then=1), default=0)
        return here - first if again else first

    return counted("earned") - counted("taken")


@dataclass(frozen=True, slots=True)
class FigureUnits:
    """A figure of a cell, or of any sum of cells, and the units that it counts.

    `communes`: ids, None for all. `acted_in`: only what was done in that year, None for whenever. A unit counts as many
    times as it was offered to the same holder; `refused` counts candidates.
    """

    ledgers: tuple[Ledger, ...]
    communes: Collection[int] | None
    measure: str
    holder: int | None = None
    axis: Axis | None = None
    category: str = ""
    acted_in: int | None = None

    def _entries(self) -> Q:
        """Condition on vacancies: entries of theirs, of the account they belong to, make this figure."""
        stage, kind = ENTRIES[self.measure]
        found = Q(
            entries__stage=stage,
            entries__ledger__in=[ledger.pk for ledger in self.ledgers if ledger.kind == kind],
            entries__ledger=F("ledger"),
        )
        if self.acted_in is not None:
            found &= Q(entries__acted_on__year=self.acted_in)
        if self.holder is None:
            return found
        # Not by the index of holders, which has all that it was ever due: those of the account and stage are enough.
        return found & Q(Exact(F("entries__holder") + 0, self.holder))

    def _described(self) -> Q:
        """Condition on the same entries: they count under a description of the category, and on the territory. That of
        each is asked by its key: joined, those of all the units of the territory are read to be met with."""
        if self.communes is None and self.axis is None:
            return Q()
        found = UnitDescription.objects.filter(pk=OuterRef("entries__description")).order_by()
        if self.communes is not None:
            found = found.filter(commune__in=self.communes)
        if self.axis is not None:
            found = found.filter(described(self.axis, self.category, self.ledgers, year=self.acted_in))
        return Q(entries__description=Subquery(found.values("pk")[:1]))

    def among(self, vacancies: QuerySet[Vacancy]) -> QuerySet[Vacancy]:
        """Those of some vacancies that count in the figure, with `times`, in the order of registration."""
        counted = vacancies.filter(self._entries() & self._described())
        return counted.annotate(times=Sum("entries__quantity")).exclude(times=0).order_by("pk")

    def seen_by(self, member: Membership) -> QuerySet[Vacancy]:
        """Those that a person may see listed. Cancelled ones come to nothing, unless a correction says otherwise."""
        return self.among(Vacancy.declared.visible_to(member))

    def described_in(self, vacancies: Collection[int]) -> dict[int, UnitDescription]:
        """Of some vacancies (ids), the description that each counts under in the figure, the latest of several; those
        that do not count are left out. Two queries."""
        counted = Vacancy.declared.filter(self._entries() & self._described(), pk__in=vacancies).order_by()
        under = dict(counted.annotate(under=Max("entries__description")).values_list("pk", "under"))
        found = UnitDescription.objects.select_related("commune").in_bulk(set(under.values()))
        return {vacancy: found[description] for vacancy, description in under.items()}

    def figure(self) -> Tally:
        """All of them, whoever reads. One query."""
        return tally(self.among(Vacancy.declared.all()))


@dataclass(frozen=True, slots=True)
class Tally:
    """How many units, and how many times they count, together."""

    units: int
    times: int


def tallied(counted: Collection[tuple[int, int]]) -> Tally:
    """Of pairs of a vacancy (id) and how many times it counts. No query."""
    return Tally(len(counted), sum(times for _, times in counted))


def tally(counted: QuerySet[Vacancy]) -> Tally:
    """Of vacancies with `times`. One query."""
    found = counted.order_by().aggregate(units=Count("pk"), sum=Sum("times", default=0))
    return Tally(found["units"], int(found["sum"]))


DUE = FlowEntry.Stage.DUE


@once_in_steps
def by_commune(ledger: Ledger, holder: ReservationHolder, *, on: date) -> Steps[list[CommuneLine]]:
    """The communes where units of a yearly account credited one holder by a day. What is carried over, or moved, is of
    none. Two queries, of months; three where entries follow that day in its own month."""
    begun = on.replace(day=1)
    own = FlowEntry.objects.filter(ledger=ledger, holder=holder, on__gte=begun, description__isnull=False)
    own = own.filter(on__lt=month_after(begun)) if on < date(MAXYEAR, 12, 1) else own
    kept = AccountMonth.objects.filter(ledger=ledger, holder=holder, commune__isnull=False).order_by()
    months = kept.values_list("commune").annotate(
        units=Sum("vacated") + Sum("again"), due_here=Sum("shares"), arrived=Sum("received")
    )
    partly, rows, whole_month = yield [
        own.filter(on__gt=on).values_list("pk")[:1],
        months.filter(month__lt=begun),
        months.filter(month=begun),
    ]
    rows = rows if partly else [*rows, *whole_month]
    if partly:
        signs = Count("pk", filter=Q(stage=DUE, quantity__gt=0)) - Count("pk", filter=Q(stage=DUE, quantity__lt=0))
        due, reached = Coalesce(Sum("quantity", filter=Q(stage=DUE)), 0), Coalesce(Sum("reached"), 0)
        entries = own.filter(on__lte=on).order_by().values_list("description__commune")
        (last,) = yield [entries.annotate(units=signs, due=due, arrived=reached)]
        rows = [*rows, *last]
    found: dict[int, tuple[int, int, int]] = {}
    for commune, entered, credited, received in rows:
        before = found.get(commune, (0, 0, 0))
        found[commune] = before[0] + entered, before[1] + credited, before[2] + received
    given = {commune: row for commune, row in found.items() if any(row)}
    return equal_rates(given, (yield from by_id_steps(Territory, given)))


def subtracted_from() -> ArraySubquery:
    """To annotate ledgers with: by reason, how many units of the landlord, the place and the year were subtracted."""
    counts = FlowCount.objects.filter(
        landlord=OuterRef("landlord"),
        commune__departement=OuterRef("departement"),
        month__year=OuterRef("exercise"),
        kind=Vacancy.Kind.EXCLUDED,
    )
    by_reason = counts.order_by("exclusion").values("exclusion").annotate(whole=Sum("units"))
    return ArraySubquery(by_reason.values(as_json=JSONObject(reason=F("exclusion"), units=F("whole"))))


@dataclass(frozen=True, slots=True)
class Ordered:
    """One order: whose part, over which territory, on which days, and its source. `of_the_state`: the State's own part;
    the part of another holder is served by the State (docs/decisions/0119)."""

    name: str
    of_the_state: bool
    order: str
    perimeter: str
    starts_on: date
    ends_on: date
    article: str = ""

    def __str__(self) -> str:
        return self.name

    @property
    def inside(self) -> str:
        """In a sentence."""
        return inside(self.name, self.article)

    def as_json(self) -> dict[str, Any]:
        days = {"starts_on": self.starts_on.isoformat(), "ends_on": self.ends_on.isoformat()}
        return {
            "name": self.name,
            "article": self.article,
            "of_the_state": self.of_the_state,
            "order": self.order,
            "perimeter": self.perimeter,
            **days,
        }

    @classmethod
    def of_json(cls, content: Mapping[str, Any]) -> Ordered:
        """As a sealed content has it."""
        days = {name: date.fromisoformat(content[name]) for name in ("starts_on", "ends_on")}
        return cls(**{**content, **days})


def ordered_in(lines: Iterable[AccountLine]) -> list[Ordered]:
    """The orders under which holders of an account have their rights, each once. No query."""
    found = {right.convention.pk: right.convention for line in lines for right in line.rights}
    return [_ordered(each) for each in found.values() if each.is_order]


def _ordered(order: Convention) -> Ordered:
    return Ordered(
        order.organisation.name,
        order.organisation.kind == Organisation.Kind.STATE,
        order.prefect_order,
        str(order.perimeter),
        order.starts_on,
        order.ends_on,
        order.organisation.article,
    )
