"""The same tables at any scale: a commune, an EPCI, a département, a région; all the landlords that one reads there."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from attributions.bilan.queries.scope import acting, sees_whole
from flux.models import FlowCell, FlowCount, Ledger
from flux.queries.cells import Axis, Cells, Measures, acts_of, total
from reservations.models import Membership, ReservationHolder, Territory
from reservations.models.territory import end_of, within

Contingent = ReservationHolder.Contingent

#: Kinds of holders, as tables put them side by side: (name, contingents).
TYPES: tuple[tuple[str, frozenset[int]], ...] = (
    ("État", frozenset({Contingent.STATE_AGENTS, Contingent.STATE_PRIORITY, Contingent.STATE_CONVENTIONAL})),
    ("Action Logement", frozenset({Contingent.ACTION_LOGEMENT})),
    ("Collectivités", frozenset({Contingent.AUTHORITY})),
    ("Autres", frozenset({Contingent.OTHER})),
    ("Non réservé", frozenset({Contingent.NOT_RESERVED})),
)

#: From the widest to the narrowest, as lists put them.
ORDER = (
    Territory.Kind.REGION,
    Territory.Kind.DEPARTEMENT,
    Territory.Kind.EPCI,
    Territory.Kind.EPT,
    *Territory.COMMUNAL,
)


def reads_scales(member: Membership) -> bool:
    """Those who read every account of a place: who oversees it, the landlord its own, the administrator."""
    return sees_whole(member) or (member.is_overseer and member.organisation.territory_id is not None)


@dataclass(frozen=True, slots=True)
class ScalePlace:
    """A place that may be read, and its communes (ids) where something fell vacant or was done, as far as one sees."""

    territory: Territory
    communes: frozenset[int]


def places(member: Membership, year: int) -> list[ScalePlace]:
    """Every scale of what fell vacant or was done in a year that a person reads, the widest first. Two queries."""
    fallen = FlowCount.objects.filter(month__year=year, units__gt=0)
    done = FlowCell.objects.filter(year=year)
    if member.is_landlord:
        fallen = fallen.filter(landlord__organisation=member.organisation_id)
        done = done.filter(ledger__landlord__organisation=member.organisation_id)
    elif not member.is_administrator:
        here = within(member.organisation.territory_id or 0, commune="commune", on=end_of(year))
        fallen, done = fallen.filter(here), done.filter(here)
    there, others = (rows.order_by().values_list("commune", flat=True) for rows in (fallen, done))
    communes = there.union(others).order_by()
    around: dict[int, set[int]] = {}
    for commune, covering in Territory.objects.covering_on(communes, end_of(year)).items():
        for pk in covering:
            around.setdefault(pk, set()).add(commune)
    found = Territory.objects.in_bulk(around)
    read = [ScalePlace(territory, frozenset(around[pk])) for pk, territory in found.items()]
    return sorted(
        read,
        key=lambda place: (
            ORDER.index(Territory.Kind(place.territory.kind)),
            place.territory.search_name,
            place.territory.code,
        ),
    )


@dataclass(frozen=True, slots=True)
class AxisLine:
    """One category: in all, and what each kind of holder was offered of it, in the order of `TYPES`."""

    words: str
    measures: Measures
    offered: tuple[int, ...]

    @property
    def named(self) -> list[tuple[str, int]]:
        return [(name, count) for (name, _), count in zip(TYPES, self.offered, strict=True)]


@dataclass(frozen=True, slots=True)
class Scale:
    """All the landlords of a place: what each kind of holder had, and the tables of the decree."""

    landlords: int
    holders: tuple[tuple[str, Measures], ...]
    axes: tuple[tuple[Axis, tuple[AxisLine, ...]], ...]

    @property
    def total(self) -> Measures:
        return total(measures for _, measures in self.holders)


def ledgers_of(member: Membership, year: int) -> list[Ledger]:
    """The accounts of a year that a person reads, of both kinds. One query."""
    return list(Ledger.objects.filter(exercise=year).visible_to(member).order_by("pk"))


def acts_read(member: Membership, ledgers: Collection[Ledger]) -> list[Ledger]:
    """The accounts where what was done in a year is read by a person who reads these ones, of that year. One query."""
    return list(Ledger.objects.filter(acting(ledgers, member)).order_by("pk"))


def scale(acts: Collection[Ledger], communes: Collection[int], year: int) -> Scale:
    """What was done in a year in some accounts, on some communes (ids). Three queries, whatever there is to count."""
    read = acts_of(acts, year, communes)
    contingents = dict(
        ReservationHolder.objects.filter(pk__in=read.holders()).order_by().values_list("pk", "contingent")
    )
    kinds = {
        holder: place
        for holder, contingent in contingents.items()
        for place, (_, codes) in enumerate(TYPES)
        if contingent in codes
    }
    return Scale(
        landlords=len({ledger.landlord_id for ledger in acts}),
        holders=tuple(
            (name, total(read.holder(holder) for holder, place in kinds.items() if place == number))
            for number, (name, _) in enumerate(TYPES)
        ),
        axes=tuple((axis, _lines(read, axis, kinds)) for axis in Axis),
    )


def _lines(read: Cells, axis: Axis, kinds: Mapping[int, int]) -> tuple[AxisLine, ...]:
    table = read.of(axis)
    return tuple(
        AxisLine(
            read.words(axis, category),
            read.category(axis, category),
            tuple(
                sum(
                    table.get(holder, {}).get(category, Measures()).offered
                    for holder, at in kinds.items()
                    if at == place
                )
                for place in range(len(TYPES))
            ),
        )
        for category in read.categories(axis)
    )
