"""Communes that pass from one EPCI to another inside a year: a balance reads them in the second for the whole of it,
and says beside what was done on each side of the day (docs/decisions/0128)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date

from django.db.models import F, Q, Sum

from attributions.bilan.passages import DAY, MEASURES, Passage, container_on, days_of, summed
from attributions.bilan.queries.balance import Balance
from attributions.bilan.queries.scope import sees_whole, territory_of
from attributions.bilan.queries.since import since
from flux.models import FlowEntry
from reservations.models import Membership, Territory, TerritoryLink
from reservations.models.territory import end_of


def passages(place: Territory | None, year: int, acts: Mapping[int, int]) -> tuple[Passage, ...]:
    """Those of an EPCI or of an EPT, by day. `acts`: the yearly accounts that are read, {account: landlord}, ids; what
    was recorded after their seals is left out. One query, eight where a commune passed; none of another place."""
    if place is None or place.kind not in (Territory.Kind.EPCI, Territory.Kind.EPT):
        return ()
    first, last = date(year, 1, 1), end_of(year)
    passed = Q(since__gt=first, since__lte=last) | Q(until__gte=first, until__lt=last)
    here = TerritoryLink.objects.filter(passed, container=place, kind=place.kind).order_by()
    if not (ids := set(here.values_list("territory", flat=True))):
        return ()
    links = list(TerritoryLink.objects.filter(territory__in=ids, kind=place.kind).select_related("container"))
    communes, done = Territory.objects.as_on(ids, last), _done(ids, year, acts)
    return tuple(
        Passage(
            communes[commune],
            container_on(commune, day - DAY, links),
            container_on(commune, day, links),
            day,
            container_on(commune, last, links) == place,
            summed(each for each in done[commune] if each[0] < day),
            summed(each for each in done[commune] if each[0] >= day),
        )
        for commune, day in sorted(days_of(place, year, links), key=lambda pair: (pair[1], pair[0]))
    )


def passages_in(read: Balance, member: Membership | None) -> tuple[Passage, ...]:
    """Those of the place to which a balance is limited, as its reader asked or because it oversees no other."""
    place = read.territory or (None if sees_whole(member) or member is None else territory_of(member))
    ordinary = {ledger.pk: ledger.landlord_id for ledger in read.acts if ledger.kind == ledger.Kind.ORDINARY}
    return passages(place, read.year, ordinary)


def _done(communes: set[int], year: int, acts: Mapping[int, int]) -> dict[int, list[tuple[date, str, int]]]:
    """By commune (id), what was done on each day of a year: day, measure, units; as it was sealed, where it is."""
    stages, at = [name.upper() for name in MEASURES], "description__commune"
    entries = FlowEntry.objects.filter(ledger__in=acts.keys(), vacancy__ledger=F("ledger"), stage__in=stages)
    entries = entries.filter(**{f"{at}__in": communes}, acted_on__year=year).order_by()
    found: dict[int, list[tuple[date, str, int]]] = defaultdict(list)
    for commune, day, stage, units in entries.values_list(at, "acted_on", "stage").annotate(units=Sum("quantity")):
        found[commune].append((day, stage.lower(), units))
    for each in since(set(acts.values()), [year]).among(acts).where(communes).moved:
        if each.commune is not None and each.is_done and each.measure in MEASURES:
            found[each.commune].append((each.acted_on, each.measure, -each.quantity))
    return found
