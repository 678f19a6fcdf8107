"""Is a household over the income ceiling of a unit? A warning for whoever instructs: the committee rejects, not we."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from attributions.models import HouseholdFacts
from flux.models import IncomeCeiling, Unit

Zone = IncomeCeiling.Zone

#: INSEE codes of Paris and of its region.
PARIS, ILE_DE_FRANCE = "75", "11"

#: The last category of the order; each further person adds `extra`.
LAST = 6


@dataclass(frozen=True, slots=True)
class Comparison:
    """An income beside the ceiling of a unit, in euros a year."""

    income: int
    ceiling: int

    @property
    def is_over(self) -> bool:
        return self.income > self.ceiling


def category_of(household: HouseholdFacts) -> int | None:
    """The category of a household in the order (arrêté of 29 July 1987, annex I): a lone parent counts one more.

    Not capped. None when nobody said how many they are.
    """
    if household.adults is None:
        return None
    children = household.children or 0
    return children + 2 if household.adults == 1 and children else household.adults + children


def compared(household: HouseholdFacts, unit: Unit, *, on: date) -> Comparison | None:
    """The income of a household beside the ceiling of a unit; None when either is not known. One query."""
    category = category_of(household)
    if household.income is None or not category or not unit.financing_group:
        return None
    found = IncomeCeiling.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=on),
        starts_on__lte=on,
        financing=unit.financing_group,
        zone=_zone(unit),
        household=min(category, LAST),
    )
    ceiling = found.order_by("pk").first()
    if ceiling is None:
        return None
    return Comparison(household.income, ceiling.amount + (ceiling.extra or 0) * max(0, category - LAST))


def _zone(unit: Unit) -> str:
    """By region. The communes that border Paris, in its zone, are read in that of their region."""
    commune = unit.commune
    if commune.departement is not None and commune.departement.code == PARIS:
        return Zone.PARIS
    in_region = commune.region is not None and commune.region.code == ILE_DE_FRANCE
    return Zone.ILE_DE_FRANCE if in_region else Zone.ELSEWHERE
