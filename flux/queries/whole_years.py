"""Which past years of a landlord are known whole: the one guard of forecast, projection and conversion."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Min

from flux.models import FlowCount
from reservations.models import Landlord


@dataclass(frozen=True, slots=True)
class Known:
    """From which month on what falls vacant at a landlord is recorded; None as long as nothing is."""

    since: date | None

    def is_begun(self, year: int) -> bool:
        """Is a year recorded from its first month? The first year of a landlord that began in the course of it is not:
        four departures of December are not those of a year."""
        return self.since is not None and self.since <= date(year, 1, 1)


def known_of(landlord: Landlord) -> Known:
    """Of all its départements together: where few units fall vacant, a January without any says nothing. One query."""
    counted = FlowCount.objects.filter(landlord=landlord, units__gt=0)
    return Known(counted.aggregate(since=Min("month"))["since"])
