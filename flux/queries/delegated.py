"""Of what each holder was routed in a year, how many its delegates propose for: one count for both."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.db.models import F, Sum

from flux.models import Ledger, RoutingCount
from reservations.models import Organisation, ReservationHolder
from reservations.words import inside

Kind, Contingent = Organisation.Kind, ReservationHolder.Contingent


@dataclass(frozen=True, slots=True)
class Delegate:
    """Who proposes for some units of a holder, and for how many."""

    siren: str
    name: str
    article: str
    units: int

    def __str__(self) -> str:
        return self.name

    @property
    def inside(self) -> str:
        """In a sentence."""
        return inside(self.name, self.article)


@dataclass(frozen=True, slots=True)
class Delegated:
    """The units routed to a holder in these accounts, whoever proposes, then those that each of its delegates does."""

    siren: str
    contingent: int
    name: str
    routed: int
    delegates: tuple[Delegate, ...]

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"delegates": [asdict(each) for each in self.delegates]}

    @classmethod
    def of_json(cls, content: Mapping[str, Any]) -> Delegated:
        """As a sealed content has it."""
        return cls(**{**content, "delegates": tuple(Delegate(**each) for each in content["delegates"])})


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
            holder.organisation.siren,
            holder.contingent,
            str(holder),
            routed[holder.pk],
            tuple(sorted((_delegate(named[acting], units) for acting, units in found[holder.pk]), key=str)),
        )
        for holder in holders.order_by("organisation__name", "-contingent")
    ]


def _delegate(organisation: Organisation, units: int) -> Delegate:
    return Delegate(organisation.siren, organisation.name, organisation.article, units)
