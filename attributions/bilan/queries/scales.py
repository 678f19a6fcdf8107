"""The same tables at any scale: a commune, an EPCI, a département, a région; all the landlords that one reads there."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from attributions.bilan.queries.scope import acting, sees_whole
from attributions.bilan.queries.since import since
from flux.models import FlowCount, Ledger, PlaceCell
from flux.queries.cells import Axis, Cells, Measures, readings, total
from reservations.models import Membership, ReservationHolder, Territory
from reservations.models.once_a_request import by_id_steps
from reservations.models.territory import covering_on, end_of, within
from reservations.models.together import Steps, stepwise, whole

Contingent = ReservationHolder.Contingent


class HolderKind(StrEnum):
    """Kinds of holders, as tables put them side by side."""

    STATE = "STATE"
    ACTION_LOGEMENT = "ACTION_LOGEMENT"
    AUTHORITY = "AUTHORITY"
    OTHER = "OTHER"
    NOT_RESERVED = "NOT_RESERVED"


#: The contingents of each.
TYPES: Mapping[HolderKind, frozenset[int]] = {
    HolderKind.STATE: frozenset({Contingent.STATE_AGENTS, Contingent.STATE_PRIORITY, Contingent.STATE_CONVENTIONAL}),
    HolderKind.ACTION_LOGEMENT: frozenset({Contingent.ACTION_LOGEMENT}),
    HolderKind.AUTHORITY: frozenset({Contingent.AUTHORITY}),
    HolderKind.OTHER: frozenset({Contingent.OTHER}),
    HolderKind.NOT_RESERVED: frozenset({Contingent.NOT_RESERVED}),
}


def kind_of(contingent: int) -> HolderKind:
    """The kind of the holders of a contingent."""
    return next(kind for kind, contingents in TYPES.items() if contingent in contingents)


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


@stepwise
def places(member: Membership, year: int) -> Steps[list[ScalePlace]]:
    """Every scale of what fell vacant or was done in a year that a person reads, the widest first. Three queries."""
    fallen = FlowCount.objects.filter(month__year=year, units__gt=0)
    done = PlaceCell.objects.filter(year=year)
    if member.is_landlord:
        fallen = fallen.filter(landlord__organisation=member.organisation_id)
        done = done.filter(ledger__landlord__organisation=member.organisation_id)
    elif not member.is_administrator:
        here = within(member.organisation.territory_id or 0, commune="commune", on=end_of(year))
        fallen, done = fallen.filter(here), done.filter(here)
    there, others = (rows.order_by().values_list("commune", flat=True) for rows in (fallen, done))
    (communes,) = yield [there.union(others).order_by()]
    around: dict[int, set[int]] = {}
    covering = yield from covering_on.steps({commune for (commune,) in communes}, end_of(year))
    for commune, containers in covering.items():
        for pk in containers:
            around.setdefault(pk, set()).add(commune)
    found = yield from by_id_steps(Territory, around)
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
    """One category, its name as `Cells.name` gives it: in all, and what each kind of holder was offered of it."""

    name: str
    measures: Measures
    offered: Mapping[HolderKind, int]


@dataclass(frozen=True, slots=True)
class Scale:
    """All the landlords of a place: what each kind of holder had, and the tables of the decree."""

    holders: Mapping[HolderKind, Measures]
    axes: tuple[tuple[Axis, tuple[AxisLine, ...]], ...]

    @property
    def total(self) -> Measures:
        return total(self.holders.values())


@stepwise
def acts_read(member: Membership, year: int) -> Steps[list[Ledger]]:
    """The accounts, of both kinds, where what was done in a year is read by who reads the accounts of that year. Two
    queries."""
    read = yield from whole(Ledger.objects.filter(exercise=year).visible_to(member).order_by("pk"))
    return (yield from whole(Ledger.objects.filter(acting(read, member)).order_by("pk")))


@stepwise
def scale(acts: Collection[Ledger], communes: Collection[int], year: int) -> Steps[Scale]:
    """What was done in a year in some accounts, on some communes (ids); what was recorded after a balance was sealed
    is left out of it. Five queries at most, whatever there is to count."""
    after = yield from since.steps({ledger.landlord_id for ledger in acts}, [year])
    left_out = after.among({ledger.pk for ledger in acts}).where(communes)
    read = (yield from readings.steps((), acts, year, communes, without=left_out.cells())).by_act
    named = ReservationHolder.objects.filter(pk__in=read.holders()).order_by()
    (rows,) = yield [named.values_list("pk", "contingent")]
    kinds = {holder: kind_of(contingent) for holder, contingent in rows}
    return Scale(
        holders={kind: total(read.holder(holder) for holder, of in kinds.items() if of is kind) for kind in HolderKind},
        axes=tuple((axis, _lines(read, axis, kinds)) for axis in Axis),
    )


def _lines(read: Cells, axis: Axis, kinds: Mapping[int, HolderKind]) -> tuple[AxisLine, ...]:
    table = read.of(axis)

    def offered(category: str, kind: HolderKind) -> int:
        each = (table.get(holder, {}).get(category, Measures()) for holder, of in kinds.items() if of is kind)
        return sum(measures.offered for measures in each)

    return tuple(
        AxisLine(
            read.name(axis, category),
            read.category(axis, category),
            {kind: offered(category, kind) for kind in HolderKind},
        )
        for category in read.categories(axis)
    )
