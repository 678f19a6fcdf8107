"""The caps of the State's share on a day: the law's, or the préfet's order that lifts it for a time (CCH, R441-5-2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Q

from reservations.models import Derogation, Landlord, LegalParameter, ReservationHolder
from reservations.models.convention import UNIT
from reservations.models.together import Steps, read_whole, stepwise, together
from reservations.queries.checks.quotas import Code

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Capped:
    """What one cap bounds: the share of some contingents."""

    parameter: LegalParameter.Code
    code: Code
    contingents: Collection[int]


CAPPED = (
    Capped(LegalParameter.Code.STATE_SHARE_MAX, Code.STATE_SHARE, ReservationHolder.STATE),
    Capped(
        LegalParameter.Code.STATE_AGENTS_SHARE_MAX,
        Code.STATE_AGENTS_SHARE,
        (ReservationHolder.Contingent.STATE_AGENTS,),
    ),
)


@dataclass(frozen=True, slots=True)
class Cap:
    """A cap in force on a day. `share` in millionths of a unit; `derogation` when an order of the préfet fixes it."""

    share: int
    starts_on: date
    derogation: Derogation | None = None


type Limits = Mapping[str, Decimal]


def share_of_percent(value: Decimal) -> int:
    """A legal percentage, of four decimals at most, in millionths of a unit: exact."""
    return int(value * UNIT / 100)


@dataclass(frozen=True, slots=True)
class Caps:
    """The caps of some landlords at any moment of a period. Read by `caps`."""

    parameters: Mapping[str, Sequence[LegalParameter]]
    derogations: Mapping[int, Sequence[Derogation]]

    def on(self, code: str, day: date, *, landlord: int, departement: int | None) -> Cap | None:
        """The cap on a day in a département; None when no value of the law is recorded for that day."""
        for order in self.derogations.get(landlord, ()):
            if order.code == code and order.departement_id == departement and order.starts_on <= day <= order.ends_on:
                return Cap(share_of_percent(order.value), order.starts_on, order)
        for each in self.parameters.get(code, ()):
            if each.starts_on <= day and (each.ends_on is None or day <= each.ends_on):
                return Cap(share_of_percent(each.value), each.starts_on)
        return None

    def moments(self, code: str, *, landlord: int) -> set[date]:
        """The days on which a cap may become another."""
        orders = [order for order in self.derogations.get(landlord, ()) if order.code == code]
        changes = {each.starts_on for each in self.parameters.get(code, ())} | {order.starts_on for order in orders}
        return changes | {order.ends_on + ONE_DAY for order in orders if order.ends_on < date.max}

    def first_day_without(self, code: str, since: date, until: date) -> date | None:
        """The first day of a period on which the law's value is not recorded; None when it always is."""
        day = since
        for each in sorted(self.parameters.get(code, ()), key=lambda each: each.starts_on):
            if each.starts_on > day:
                return day
            if each.ends_on is None or each.ends_on >= until:
                return None
            day = each.ends_on + ONE_DAY
        return day


@stepwise
def caps(landlords: Iterable[Landlord], *, since: date, until: date) -> Steps[Caps]:
    """The caps of the State's share that are in force at some moment of a period. One query."""
    values = LegalParameter.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=since), code__in=Derogation.CAPS, starts_on__lte=until
    )
    orders = Derogation.objects.filter(landlord__in=list(landlords), starts_on__lte=until, ends_on__gte=since)
    of_law, raised = yield from together(
        read_whole(values.order_by("starts_on")),
        read_whole(orders.select_related("departement").order_by("starts_on", "pk")),
    )
    parameters: dict[str, list[LegalParameter]] = defaultdict(list)
    for each in of_law:
        parameters[each.code].append(each)
    derogations: dict[int, list[Derogation]] = defaultdict(list)
    for order in raised:
        derogations[order.landlord_id].append(order)
    return Caps(parameters, derogations)
