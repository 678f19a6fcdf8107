"""What became of a routed unit, read from the entries of its account."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from flux.models import FlowEntry, Routing, Vacancy

Stage = FlowEntry.Stage

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
    """By vacancy (id), the day of each thing that it became and that stands, as it was said to have happened. One
    query."""
    entries = FlowEntry.objects.filter(vacancy__in=list(vacancies), stage__in=BECAME).order_by()
    found: dict[int, dict[str, date]] = {}
    for vacancy, stage, on, standing in entries.values_list("vacancy", "stage", "acted_on").annotate(Sum("quantity")):
        if standing > 0:
            found.setdefault(vacancy, {})[stage] = on
    return found


def not_allocated(routings: QuerySet[Routing]) -> QuerySet[Routing]:
    """Those whose unit no committee gave yet to a household of their holder, as the account says it. No query."""
    standing = (
        FlowEntry.objects.filter(vacancy=OuterRef("vacancy"), holder=OuterRef("holder"), stage=Stage.ALLOCATED)
        .order_by()
        .values("vacancy")
        .annotate(standing=Sum("quantity"))
        .values("standing")
    )
    return routings.annotate(allocated=Coalesce(Subquery(standing), 0)).exclude(allocated__gt=0)
