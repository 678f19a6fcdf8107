"""The units behind a line of a balance that the landlord may take out of a figure, or put into it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Max, Q, QuerySet, Sum

from attributions.bilan.models import AnnualBalance
from flux.models import FlowEntry, Ledger, Routing, UnitDescription, Vacancy
from flux.models.unit import period_of
from flux.queries.cells import Axis, bounds_of
from reservations.models import ReservationHolder

#: More in one list would not be read: the filters of the category and of the reference narrow it.
MOST = 300


@dataclass(frozen=True, slots=True)
class Counted:
    """A unit that went to a holder, how often it counts in the figure now, and under which description."""

    vacancy: Vacancy
    times: int
    description: UnitDescription


def there_in(year: int, routings: QuerySet[Routing]) -> QuerySet[Routing]:
    """Those of some routings that were open at some moment of a year."""
    return routings.filter(
        Q(closed_at=None) | Q(closed_at__date__gte=date(year, 1, 1)), routed_at__date__lte=date(year, 12, 31)
    )


def units_of(
    balance: AnnualBalance,
    holder: ReservationHolder,
    stage: str,
    *,
    line: str = "",
    category: str = "",
    reference: str = "",
) -> list[Counted]:
    """The units that a holder had at some moment of the year, or that an act of this stage counts there in it, those of
    one category when `line` is an axis, those whose reference contains `reference`, in the order of their references:
    the first `MOST`. Three queries."""
    ledgers = Ledger.objects.filter(landlord=balance.landlord_id, departement=balance.departement_id)
    books = ledgers.order_by().values("pk")
    entries = FlowEntry.objects.filter(ledger__in=books, holder=holder, stage=stage, acted_on__year=balance.exercise)
    counted = {
        vacancy: (times, description)
        for vacancy, times, description in entries.order_by()
        .values_list("vacancy")
        .annotate(sum=Sum("quantity"), told=Max("description"))
    }
    routed = there_in(balance.exercise, Routing.objects.filter(holder=holder)).order_by().values("vacancy")
    found = (
        Vacancy.objects.filter(Q(pk__in=routed) | Q(pk__in=list(counted)), ledger__in=books)
        .select_related("unit")
        .order_by("unit__reference", "pk")
    )
    if reference:
        found = found.filter(unit__reference__icontains=reference)
    under = {each.pk: counted.get(each.pk, (0, each.description_id)) for each in found}
    told = UnitDescription.objects.select_related("commune").in_bulk({description for _, description in under.values()})
    kept = [Counted(each, under[each.pk][0], told[under[each.pk][1]]) for each in found]
    if line in Axis:
        bounds = bounds_of(ledgers.order_by("pk"), balance.exercise)
        kept = [each for each in kept if _category(each.description, Axis(line), bounds) == category]
    return kept[:MOST]


def _category(told: UnitDescription, axis: Axis, bounds: tuple[int, ...]) -> str:
    return {
        Axis.TYPOLOGY: told.typology,
        Axis.FINANCING: told.financing_group,
        Axis.QPV: told.qpv,
        Axis.COMMUNE: told.commune.code,
        Axis.PERIOD: period_of(told.construction_year, bounds),
    }[axis]
