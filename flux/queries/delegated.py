"""Of what each holder was routed in a year, how many its delegates propose for: one count for both."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import F, Sum

from flux.models import Ledger, RoutingCount
from reservations.models import Organisation, ReservationHolder

Kind, Contingent = Organisation.Kind, ReservationHolder.Contingent


@dataclass(frozen=True, slots=True)
class Delegated:
    """The units routed to a holder in these accounts, whoever proposes, then those that each of its delegates does."""

    holder: ReservationHolder
    routed: int
    delegates: tuple[tuple[Organisation, int], ...]


def delegated_in(ledgers: Iterable[Ledger]) -> list[Delegated]:
    """The holders that delegated some of what they were routed, in the order of their names. One query, three more
    where there are some. What the préfet's order or a fallback gives another to propose is no delegation."""
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
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for holder, acting, units in given:
        if units:
            found[holder].append((acting, units))
    if not found:
        return []
    routed = dict(counted.filter(holder__in=found).values_list("holder").annotate(found=Sum("units")))
    holders = ReservationHolder.objects.select_related("organisation").filter(pk__in=found)
    named = Organisation.objects.in_bulk([acting for each in found.values() for acting, _ in each])
    return [
        Delegated(
            holder,
            routed[holder.pk],
            tuple(sorted(((named[acting], units) for acting, units in found[holder.pk]), key=lambda row: row[0].name)),
        )
        for holder in holders.order_by("organisation__name", "-contingent")
    ]
