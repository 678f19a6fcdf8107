"""Units of a balance whose description lacks an axis of the law: counted as « non renseigné », and to complete."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import F, Q, QuerySet, Sum

from flux.models import FlowCell, FlowEntry, Ledger, Unit, Vacancy
from flux.queries.cells import Axis

#: The axes that a description may lack: typology and commune are always there.
LACKING = {
    Axis.FINANCING: "financing_code",
    Axis.QPV: "in_qpv",
    Axis.PERIOD: "construction_year",
}


def lacks(axis: Axis, *, unit: str = "") -> Q:
    """Condition on units, or on cells: they lack this axis."""
    name = f"{unit}{LACKING[axis]}"
    return Q(**{name: ""}) if axis == Axis.FINANCING else Q(**{f"{name}__isnull": True})


def lacks_any(*, unit: str = "") -> Q:
    """Condition: they lack one axis at least."""
    return lacks(Axis.FINANCING, unit=unit) | lacks(Axis.QPV, unit=unit) | lacks(Axis.PERIOD, unit=unit)


@dataclass(frozen=True, slots=True)
class Completeness:
    """Units offered, first lettings too, a unit as many times as it was: how many have every axis, and how many lack
    each one."""

    offered: int
    incomplete: int
    by_axis: dict[Axis, int]

    @property
    def complete(self) -> int:
        return self.offered - self.incomplete


def completeness(ledgers: Collection[Ledger], communes: Collection[int] | None = None, *, year: int) -> Completeness:
    """How complete what was offered in a year is described, on some communes (ids) or on all. One query, over cells."""
    cells = FlowCell.objects.filter(ledger__in=ledgers, year=year)
    if communes is not None:
        cells = cells.filter(commune__in=communes)
    found = cells.aggregate(
        all=Sum("offered", default=0),
        incomplete=Sum("offered", filter=lacks_any(), default=0),
        **{axis.value: Sum("offered", filter=lacks(axis), default=0) for axis in LACKING},
    )
    return Completeness(found["all"], found["incomplete"], {axis: found[axis.value] for axis in LACKING})


#: How many times a unit was offered, among the offers that `_offered` joins.
OFFERS = Sum("vacancies__entries__quantity")
ORDER = ("commune__search_name", "reference", "pk")


def lacking_units(
    ledgers: Collection[Ledger],
    vacancies: QuerySet[Vacancy],
    communes: Collection[int] | None = None,
    *,
    year: int,
) -> QuerySet[Unit]:
    """Units that fell vacant, among `vacancies`, were offered in a year in these accounts and lack an axis; with
    `offers`: how many times each was offered."""
    offered = _offered(ledgers, vacancies, communes, year).annotate(offers=OFFERS).filter(offers__gt=0)
    return offered.select_related("commune", "programme").order_by(*ORDER)


def lacking_offers(
    ledgers: Collection[Ledger],
    vacancies: QuerySet[Vacancy],
    communes: Collection[int] | None = None,
    *,
    year: int,
) -> list[tuple[int, int]]:
    """The same units, in the same order: (id, how many times it was offered). One query."""
    offered = _offered(ledgers, vacancies, communes, year).annotate(offers=OFFERS).filter(offers__gt=0)
    return list(offered.order_by(*ORDER).values_list("pk", "offers"))


def _offered(
    ledgers: Collection[Ledger], vacancies: QuerySet[Vacancy], communes: Collection[int] | None, year: int
) -> QuerySet[Unit]:
    """Units, joined to what was offered of them in a year under a description that lacks an axis."""
    counted = "vacancies__entries__description__"
    here = Q() if communes is None else Q(**{f"{counted}commune__in": communes})
    return Unit.objects.filter(
        lacks_any(unit=counted) & here,
        vacancies__in=vacancies.order_by().values("pk"),
        vacancies__ledger__in=ledgers,
        vacancies__entries__ledger=F("vacancies__ledger"),
        vacancies__entries__stage=FlowEntry.Stage.OFFERED,
        vacancies__entries__acted_on__year=year,
    )
