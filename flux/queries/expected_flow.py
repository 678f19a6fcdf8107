"""How many units a year a perimeter is expected to see in the flow: what units a year, and small shares, rest on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date

from django.db.models import Count
from django.utils import timezone

from flux.models import Vacancy
from flux.queries.forecast import planned_flows
from reservations.models import Landlord, Territory
from reservations.rounding import nearest

FEBRUARY = 2


def year_until(on: date) -> date:
    """The day before the twelve months that end on a day; 28 February for 29."""
    if on.year == date.min.year:
        return date.min
    return on.replace(year=on.year - 1, day=min(on.day, 28) if on.month == FEBRUARY else on.day)


def entered_by_commune(landlord: Landlord, *, until: date) -> dict[Territory, int]:
    """Units of the flow that fell vacant in the twelve months that end on a day, by commune. Two queries."""
    counts = dict(
        Vacancy.objects.filter(
            landlord=landlord,
            kind=Vacancy.Kind.IN_FLOW,
            registered_on__gt=year_until(until),
            registered_on__lte=until,
        )
        .order_by()
        .values_list("commune")
        .annotate(Count("pk"))
    )
    communes = Territory.objects.in_bulk(list(counts))
    return {communes[pk]: counts[pk] for pk in sorted(counts)}


def expected_flows(landlord: Landlord, perimeters: Collection[int], *, year: int, until: date) -> dict[int, int]:
    """For each perimeter (by id), units expected in the flow in a year; none where nothing tells. Three queries.

    In each département: what the forecast sent for the year plans, in the proportion in which the units of the twelve
    months until a day lay in the perimeter; without a forecast, those units.
    """
    entered = entered_by_commune(landlord, until=until)
    planned = planned_flows(landlord, year)
    found = {perimeter: _expected(perimeter, entered, planned) for perimeter in perimeters}
    return {perimeter: flow for perimeter, flow in found.items() if flow}


def _expected(perimeter: int, entered: Mapping[Territory, int], planned: Mapping[int, int]) -> int:
    """Units expected in one perimeter, to the nearest in each département."""
    here: dict[int, int] = defaultdict(int)
    whole: dict[int, int] = defaultdict(int)
    for commune, count in entered.items():
        departement = commune.departement_id or 0
        whole[departement] += count
        if perimeter in commune.covering_ids():
            here[departement] += count
    total = planned.get(perimeter, 0)  # a whole département, even if nothing fell vacant there yet
    for departement, count in here.items():
        if departement == perimeter and departement in planned:
            continue
        flow = planned.get(departement, whole[departement])
        total += nearest(flow * count, whole[departement])
    return total


def expected_flow(landlord: Landlord, perimeter: Territory, since: date) -> int | None:
    """The same for one perimeter, in the year of a day, read from what happened by today; None when nothing tells."""
    today = timezone.localdate()
    return expected_flows(landlord, [perimeter.pk], year=since.year, until=today).get(perimeter.pk)


def yearly_dues(landlord: Landlord, shares: Iterable[tuple[int, int]], *, year: int, until: date) -> int:
    """What shares (perimeter id, millionths) make together of a year's flow, in millionths of a unit."""
    promised = list(shares)
    flows = expected_flows(landlord, {perimeter for perimeter, _ in promised}, year=year, until=until)
    return sum(share * flows.get(perimeter, 0) for perimeter, share in promised)
