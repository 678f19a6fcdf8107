"""A commune that passes from one EPCI to another inside a year, and what was done there on each side of the day
(docs/decisions/0128). Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from reservations.models import Territory, TerritoryLink
from reservations.models.territory import end_of

DAY = timedelta(days=1)

#: What is stated of each side, by the measure of the cells.
MEASURES = ("offered", "allocated", "leased")


@dataclass(frozen=True, slots=True)
class Passage:
    """One commune that came from `former` to `latter` on a day of the year; None for none. `counted_here`: is its year
    in the figures that are read? `before` and `since`: what was done there on each side of the day, by measure."""

    commune: Territory
    former: Territory | None
    latter: Territory | None
    on: date
    counted_here: bool
    before: dict[str, int]
    since: dict[str, int]


def days_of(place: Territory, year: int, links: Collection[TerritoryLink]) -> set[tuple[int, date]]:
    """The commune (id) and the day of each passage to a place, or out of it, inside a year: after its first day."""
    here = [link for link in links if link.container_id == place.pk]
    came = {(link.territory_id, link.since) for link in here}
    left = {(link.territory_id, link.until + DAY) for link in here if link.until}
    return {(commune, day) for commune, day in came | left if date(year, 1, 1) < day <= end_of(year)}


def container_on(commune: int, day: date, links: Iterable[TerritoryLink]) -> Territory | None:
    """Where a commune (id) lay on a day."""
    around = (
        link.container
        for link in links
        if link.territory_id == commune and link.since <= day and (link.until is None or day <= link.until)
    )
    return next(around, None)


def summed(done: Iterable[tuple[date, str, int]]) -> dict[str, int]:
    """Of days, measures and units: units by measure."""
    totals = dict.fromkeys(MEASURES, 0)
    for _, measure, units in done:
        totals[measure] += units
    return totals
