"""Communes that pass from one EPCI to another inside a year: a balance reads them in the second for the whole of it,
and says beside what was done on each side of the day (docs/decisions/0133)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import F, Q, Sum

from attributions.bilan.queries.balance import Balance
from attributions.bilan.queries.scope import sees_whole, territory_of
from attributions.bilan.queries.since import since
from flux.models import FlowEntry
from reservations.models import Membership, Territory, TerritoryLink
from reservations.models.territory import end_of

Kind = TerritoryLink.Kind
DAY = timedelta(days=1)

#: What is said of each side, by the measure of the cells.
MEASURES = {
    FlowEntry.Stage.OFFERED: "offered",
    FlowEntry.Stage.ALLOCATED: "allocated",
    FlowEntry.Stage.LEASED: "leased",
}


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


def passages(place: Territory | None, year: int, acts: Mapping[int, int]) -> tuple[Passage, ...]:
    """Those of an EPCI or of an EPT inside a year, by day. `acts`: the yearly accounts that are read, {account:
    landlord}, ids; what was recorded after their seals is left out. One query, eight where a commune passed; none of
    another place."""
    if place is None or place.kind not in (Territory.Kind.EPCI, Territory.Kind.EPT):
        return ()
    first, last = date(year, 1, 1), end_of(year)
    here = TerritoryLink.objects.filter(container=place, kind=place.kind)
    entered = Q(since__gt=first, since__lte=last)
    left = Q(until__gte=first, until__lt=last)
    links = list(here.filter(entered | left).order_by())
    if not links:
        return ()
    communes = Territory.objects.as_on({link.territory_id for link in links}, last)
    others = TerritoryLink.objects.filter(territory__in=communes, kind=place.kind).select_related("container")
    beside = [(link.territory_id, link.container, link.since, link.until) for link in others]

    def on(commune: int, day: date) -> Territory | None:
        around = (each for of, each, begun, until in beside if of == commune and begun <= day <= (until or date.max))
        return next(around, None)

    days = {(link.territory_id, link.since) for link in links if first < link.since <= last}
    days |= {(link.territory_id, link.until + DAY) for link in links if link.until and first <= link.until < last}
    done = _done(communes, year, acts)
    return tuple(
        Passage(
            communes[commune],
            on(commune, day - DAY),
            on(commune, day),
            day,
            on(commune, last) == place,
            _summed(each for each in done[commune] if each[0] < day),
            _summed(each for each in done[commune] if each[0] >= day),
        )
        for commune, day in sorted(days, key=lambda pair: (pair[1], communes[pair[0]].search_name))
    )


def passages_in(read: Balance, member: Membership | None) -> tuple[Passage, ...]:
    """Those of the place to which a balance is limited, as its reader asked or because it oversees no other."""
    place = read.territory or (None if sees_whole(member) or member is None else territory_of(member))
    ordinary = {ledger.pk: ledger.landlord_id for ledger in read.acts if ledger.kind == ledger.Kind.ORDINARY}
    return passages(place, read.year, ordinary)


def _done(communes: Collection[int], year: int, acts: Mapping[int, int]) -> dict[int, list[tuple[date, str, int]]]:
    """By commune (id), what was done on each day of a year: day, measure, units; as it was sealed, where it is."""
    entries = FlowEntry.objects.filter(
        ledger__in=acts.keys(),
        vacancy__ledger=F("ledger"),
        stage__in=MEASURES,
        description__commune__in=communes,
        acted_on__year=year,
    )
    found: dict[int, list[tuple[date, str, int]]] = defaultdict(list)
    rows = entries.order_by().values_list("description__commune", "acted_on", "stage")
    for commune, day, stage, units in rows.annotate(units=Sum("quantity")):
        found[commune].append((day, MEASURES[stage], units))
    for each in since(set(acts.values()), [year]).among(acts).where(communes).moved:
        if each.commune is not None and each.is_done and each.measure in MEASURES.values():
            found[each.commune].append((each.acted_on, each.measure, -each.quantity))
    return found


def _summed(done: Iterable[tuple[date, str, int]]) -> dict[str, int]:
    totals = dict.fromkeys(MEASURES.values(), 0)
    for _, measure, units in done:
        totals[measure] += units
    return totals
