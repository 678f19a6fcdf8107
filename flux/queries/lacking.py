"""Units of a balance whose description lacks an axis of the law: counted as « non renseigné », and to complete."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import F, Q, QuerySet, Sum

from flux.models import FlowEntry, Ledger, Unit, UnitDescription, Vacancy
from flux.queries.among import among
from flux.queries.cells import Axis, Cells

#: The axes that a description may lack: typology and commune are always there.
LACKING = {
    Axis.FINANCING: "financing_code",
    Axis.QPV: "in_qpv",
    Axis.PERIOD: "construction_year",
}


def lacks(axis: Axis) -> Q:
    """Condition on units, or on their descriptions: they lack this axis."""
    name = LACKING[axis]
    return Q(**{name: ""}) if axis == Axis.FINANCING else Q(**{f"{name}__isnull": True})


def lacks_any() -> Q:
    """Condition: they lack one axis at least."""
    return lacks(Axis.FINANCING) | lacks(Axis.QPV) | lacks(Axis.PERIOD)


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


def completeness(cells: Cells) -> Completeness:
    """How complete what some cells count as offered is described."""
    counted = cells.total()
    return Completeness(
        counted.offered + counted.first_lettings,
        cells.lacking.get(None, 0),
        {axis: cells.lacking.get(axis, 0) for axis in LACKING},
    )


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
    among_them = Q(vacancies__in=vacancies.order_by().values("pk"))
    offered = _offered(ledgers, communes, year, among_them).annotate(offers=OFFERS).filter(offers__gt=0)
    return offered.select_related("commune", "programme").order_by(*ORDER)


def lacking_offers(
    ledgers: Collection[Ledger],
    vacancies: QuerySet[Vacancy],
    communes: Collection[int] | None = None,
    *,
    year: int,
) -> list[tuple[int, int]]:
    """The same units, in the same order: (id, how many times it was offered). Two queries: of those that lack an axis
    alone is it asked whether they are among `vacancies`."""
    offered = _offered(ledgers, communes, year).order_by(*ORDER)
    rows = list(offered.values_list("pk", "vacancies").annotate(offers=OFFERS))
    among_them = vacancies.filter(among(vacancy for _, vacancy, _ in rows))
    seen = set(among_them.order_by().values_list("pk", flat=True))
    found = Counter[int]()
    for unit, vacancy, offers in rows:
        if vacancy in seen:
            found[unit] += offers
    return [(unit, offers) for unit, offers in found.items() if offers > 0]


def _offered(
    ledgers: Collection[Ledger], communes: Collection[int] | None, year: int, also: Q | None = None
) -> QuerySet[Unit]:
    """Units, joined to what was offered of them in a year under a description that lacks an axis; `also`: a condition
    on the same vacancies."""
    described = UnitDescription.objects.filter(lacks_any()).order_by()
    if communes is not None:
        described = described.filter(commune__in=communes)
    return Unit.objects.filter(
        also or Q(),
        vacancies__ledger__in=ledgers,
        vacancies__entries__ledger__in=ledgers,
        vacancies__entries__ledger=F("vacancies__ledger"),
        vacancies__entries__description__in=described.values("pk"),
        vacancies__entries__stage=FlowEntry.Stage.OFFERED,
        vacancies__entries__acted_on__year=year,
    )
