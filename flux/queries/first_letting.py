"""What is read of first letting.

* What a first letting says in the accounts: its own ledger, and the yearly one where conventions count it.
* What cancelling a vacancy takes back, and which vacancy took its place.
* What became of a routed unit, read from the entries of its account.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from flux.models import AllottedUnit, FlowEntry, Ledger, Programme, Routing, Vacancy
from flux.queries.accounts import SUMS, AccountFigures
from reservations.models import Membership, ReservationHolder
from reservations.models.once_a_request import by_id

Stage = FlowEntry.Stage


@dataclass(frozen=True, slots=True)
class YearlyEntry:
    """A first letting in the yearly ledger: the holders it credits (the landlord left out), who counts it as received.

    `credits` in millionths of a unit. `taken_by_landlord`: its destination's own convention does not count it.
    """

    ledger: Ledger
    credits: list[tuple[ReservationHolder, int]]
    receiver: ReservationHolder

    @property
    def taken_by_landlord(self) -> bool:
        return self.receiver.is_not_reserved


@dataclass(frozen=True, slots=True)
class FirstLetting:
    """What the sheet of a first letting adds: was the unit named for its holder, how it counts in the year, and
    whether the reader opens the ledger and the programme."""

    named: bool
    yearly: YearlyEntry | None
    ledger_seen: bool
    programme_seen: bool


def first_letting(vacancy: Vacancy, *, member: Membership) -> FirstLetting | None:
    """Read it, for a first letting that stands only. Four queries."""
    if vacancy.kind != Vacancy.Kind.FIRST_LETTING or vacancy.is_cancelled:
        return None
    return FirstLetting(
        named=AllottedUnit.objects.filter(unit=vacancy.unit_id).exists(),
        yearly=yearly_entry(vacancy),
        ledger_seen=Ledger.objects.visible_to(member).filter(pk=vacancy.ledger_id or 0).exists(),
        programme_seen=Programme.objects.visible_to(member).filter(pk=vacancy.unit.programme_id).exists(),
    )


def yearly_entry(vacancy: Vacancy) -> YearlyEntry | None:
    """How a first letting counts in the yearly percentages; None when it does not. One query."""
    entries = list(
        FlowEntry.objects.filter(
            vacancy=vacancy,
            ledger__kind=Ledger.Kind.ORDINARY,
            vacancy__kind=Vacancy.Kind.FIRST_LETTING,
            stage__in=[Stage.DUE, Stage.ROUTED],
        )
        .select_related("ledger__landlord__organisation", "ledger__departement", "holder__organisation")
        .order_by("pk")
    )
    received = [entry for entry in entries if entry.stage == Stage.ROUTED]
    if not received:
        return None
    return YearlyEntry(
        received[-1].ledger,
        [
            (entry.holder, entry.quantity)
            for entry in entries
            if entry.stage == Stage.DUE and not entry.holder.is_not_reserved
        ],
        received[-1].holder,
    )


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What one holder loses, or gets back, in one ledger: `due` in millionths of a unit, `received` in whole units."""

    ledger: Ledger
    holder: ReservationHolder
    due: int
    received: int


def taken_back(vacancy: Vacancy) -> list[TakenBack]:
    """What a cancellation would write now, by ledger, then by holder, the landlord last. Three queries at most."""
    rows = FlowEntry.objects.filter(vacancy=vacancy).order_by().values("ledger", "holder").annotate(**SUMS)
    read = [(row["ledger"], row["holder"], AccountFigures.of(row)) for row in rows]
    ledgers = Ledger.objects.select_related("landlord__organisation", "departement").in_bulk({row[0] for row in read})
    holders = by_id(ReservationHolder, {row[1] for row in read}, "organisation")
    found = [
        TakenBack(ledgers[ledger], holders[holder], -figures.due, -figures.received)
        for ledger, holder, figures in read
        if figures.due or figures.received
    ]
    return sorted(
        found,
        key=lambda each: (each.ledger.kind, each.ledger.pk, each.holder.is_not_reserved, each.due, str(each.holder)),
    )


@dataclass(frozen=True, slots=True)
class Kin:
    """The declarations of the same departure that a person may read: what this one `replaces`, and what replaced it."""

    replaces: Vacancy | None
    replaced_by: Vacancy | None


def kin(vacancy: Vacancy, member: Membership) -> Kin:
    """Read them. One query, none for a vacancy that neither replaces nor was replaced."""
    replaced = vacancy.cancellation == Vacancy.Cancellation.RECLASSIFIED or vacancy.closed_on is not None
    if vacancy.replaces_id is None and not replaced:
        return Kin(None, None)
    seen = Vacancy.declared.visible_to(member).filter(Q(pk=vacancy.replaces_id or 0) | Q(replaces=vacancy))
    found = list(seen.order_by("pk"))
    return Kin(
        next((each for each in found if each.pk == vacancy.replaces_id), None),
        next((each for each in found if each.replaces_id == vacancy.pk), None),
    )


#: What becomes of a routed unit.
BECAME = (Stage.ALLOCATED, Stage.LEASED)


def outcomes(vacancies: Iterable[Vacancy]) -> dict[int, dict[str, date]]:
    """The outcomes that stand for each vacancy (by id), with their day: {ALLOCATED: day, LEASED: day}, in the order in
    which they were written. Undone and written again, the day is that of the last writing. One query."""
    sums: Counter[tuple[int, str]] = Counter()
    days: dict[tuple[int, str], date] = {}
    rows = FlowEntry.objects.filter(
        vacancy__in=[each.pk for each in vacancies], stage__in=(Stage.ALLOCATED, Stage.LEASED)
    )
    for vacancy, stage, quantity, on in rows.order_by("pk").values_list("vacancy", "stage", "quantity", "on"):
        assert vacancy is not None, "asked of vacancies"
        sums[vacancy, stage] += quantity
        if quantity > 0:
            days.pop((vacancy, stage), None)
            days[vacancy, stage] = on
    found: dict[int, dict[str, date]] = {}
    for (vacancy, stage), day in days.items():
        if sums[vacancy, stage] > 0:
            found.setdefault(vacancy, {})[stage] = day
    return found


def outcome_stands() -> Exists:
    """Condition on vacancies: an outcome stands, as `outcomes` reads it."""
    written = FlowEntry.objects.filter(vacancy=OuterRef("pk"), stage__in=BECAME).order_by().values("stage")
    return Exists(written.annotate(net=Sum("quantity")).filter(net__gt=0))


@dataclass(frozen=True, slots=True)
class Undone:
    """An allocation of a day, `on`, that no longer stands since another."""

    on: date
    since: date


def undone(vacancy: Vacancy) -> tuple[Undone, ...]:
    """The allocations of a unit that no lease followed and that no longer stand, in the order in which they ended:
    their households refused, or did not answer. One query."""
    found, let = [], False
    entries = FlowEntry.objects.filter(vacancy=vacancy, ledger=vacancy.ledger_id, stage__in=BECAME).order_by("pk")
    for stage, quantity, on, since in entries.values_list("stage", "quantity", "acted_on", "on"):
        if stage == Stage.LEASED:
            let = True
        elif quantity > 0:
            let = False
        elif not let:
            assert on is not None, "an entry has the day of its act, by a constraint"
            found.append(Undone(on, since))
    return tuple(found)


def dated_by_lease(found: Mapping[str, date]) -> bool:
    """Is an allocation known only by its lease, as `outcomes` reads it: written before it, of its day? Written after it
    by `date_allocation`, it has a day of its own, the same one or another."""
    return tuple(found) == BECAME and found[Stage.ALLOCATED] == found[Stage.LEASED]


def became(vacancies: Iterable[int]) -> dict[int, dict[str, date]]:
    """By vacancy (id), the day of each thing that it became and that stands, as it was stated to have happened. One
    query."""
    entries = FlowEntry.objects.filter(vacancy__in=list(vacancies), stage__in=BECAME).order_by()
    found: dict[int, dict[str, date]] = {}
    for vacancy, stage, on, current in entries.values_list("vacancy", "stage", "acted_on").annotate(Sum("quantity")):
        if current > 0:
            found.setdefault(vacancy, {})[stage] = on
    return found


def not_allocated(routings: QuerySet[Routing]) -> QuerySet[Routing]:
    """Those whose unit no committee gave yet to a household of their holder, as the account says it. No query."""
    current = (
        FlowEntry.objects.filter(vacancy=OuterRef("vacancy"), holder=OuterRef("holder"), stage=Stage.ALLOCATED)
        .order_by()
        .values("vacancy")
        .annotate(net=Sum("quantity"))
        .values("net")
    )
    return routings.annotate(allocated=Coalesce(Subquery(current), 0)).exclude(allocated__gt=0)
