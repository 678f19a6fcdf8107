"""What a day without a tenant costs: units that have nobody today, and the rent that was not asked since they are free.

Read from the stages of units that go on (`UnitStage`), which are few beside all those that were let, whatever a year
counts; and only those that the reader measures otherwise: its own, or all for who reads the whole table.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from django.db.models import Q

from attributions.households.models import UnitStage
from attributions.households.queries.stage import OVER
from flux.models import Vacancy
from reservations.models import Landlord, Membership

#: Where a table has a row for a unit that goes on.
PLACES = {"HOLDER": "holder", "LANDLORD": "landlord", "COMMUNE": "commune", "EPCI": "commune__epci"}

#: A rent of a month, in days: twelve of them in a year.
DAILY = Fraction(12, 365)


@dataclass(frozen=True, slots=True)
class EmptyUnits:
    """So many `units` without a tenant on a day, `rented` of which have a known rent: in euros, what they cost `a_day`,
    and what they have cost, `lost`, since each was free and its works were over."""

    units: int = 0
    rented: int = 0
    a_day: Fraction = Fraction(0)
    lost: Fraction = Fraction(0)

    def __add__(self, other: EmptyUnits) -> EmptyUnits:
        return EmptyUnits(
            self.units + other.units, self.rented + other.rented, self.a_day + other.a_day, self.lost + other.lost
        )


#: Nothing costs nothing.
NONE = EmptyUnits()


def empty_units(
    year: int, by: str, *, on: date, member: Membership | None, landlord: Landlord | None = None, whole: bool = False
) -> dict[int | None, EmptyUnits]:
    """By place (id), the units registered in a year that have no tenant on a day. One query.

    `whole`: of all that the reader sees listed; otherwise of those routed to its organisation, or to whom it acts for.
    """
    going = UnitStage.objects.filter(~Q(stage__in=[str(stage) for stage in OVER])).order_by()
    going = going.filter(
        Q(landlord=landlord) if landlord else Q(),
        vacancy__registered_on__year=year,
        vacancy__closed_on=None,
        vacancy__available_on__lt=on,
    )
    if member is not None and member.is_landlord:
        going = going.filter(landlord=member.landlord)
    elif member is not None and whole:
        going = going.filter(vacancy__in=Vacancy.objects.visible_to(member).order_by().values("pk"))
    elif member is not None:
        going = going.filter(Q(organisation=member.organisation_id) | Q(acting=member.organisation_id))
    found: defaultdict[int | None, EmptyUnits] = defaultdict(EmptyUnits)
    rows: Iterable[tuple[int | None, date, date | None, Decimal | None]] = going.values_list(
        PLACES[by], "vacancy__available_on", "vacancy__works_end_on", "vacancy__unit__rent"
    )
    for place, available, works_end, rent in rows:
        days = (on - max(available, works_end or available)).days
        if days > 0:
            found[place] += _costing(rent, days)
    return dict(found)


def _costing(rent: Decimal | None, days: int) -> EmptyUnits:
    if rent is None:
        return EmptyUnits(1)
    return EmptyUnits(1, 1, Fraction(rent) * DAILY, Fraction(rent) * DAILY * days)
