"""Is a household over the income ceiling of a unit? A warning for whoever instructs: the committee rejects, not we."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from attributions.households.fitting import category_of
from attributions.households.models import HouseholdFacts
from flux.models import Unit
from flux.queries.income_ceilings import ceilings_for


@dataclass(frozen=True, slots=True)
class Comparison:
    """An income beside the ceiling of a unit, in euros a year."""

    income: int
    ceiling: int

    @property
    def is_over(self) -> bool:
        return self.income > self.ceiling


def compared(household: HouseholdFacts, unit: Unit, *, on: date) -> Comparison | None:
    """The income of a household beside the ceiling of a unit; None when either is not known. One query."""
    category = category_of(household)
    if household.income is None or not category:
        return None
    most = ceilings_for(unit, on=on).most(category)
    return None if most is None else Comparison(household.income, most)
