"""What is read of publics.

* Leases by public (approche par publics): who was housed, by landlord and by kind of holder.
* Each public is a yes or no of the lease, with the facts kept on its day; what is not given is counted apart. So many
  of so few households are never published: they are for a landlord, of its own leases, and for the officers of the
  State and of the EPCI who stated why (docs/disclosure.md).
* For which purpose an officer reads the whole figures of an exercise, and who stated which.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, Q, QuerySet

from attributions.bilan.models import StatedPurpose
from attributions.bilan.moved_leases import Then
from attributions.bilan.permissions import can_read_whole_figures
from attributions.bilan.queries.objective_leases import readable_leases
from attributions.bilan.queries.scales import HolderKind, kind_of
from attributions.households.models import PriorityCategory
from reservations.models import Landlord, Membership, ReservationHolder, Territory
from reservations.models.once_a_request import by_id_steps, once_in_steps
from reservations.models.territory import end_of, within
from reservations.models.together import Steps, stepwise, whole
from reservations.rounding import rate_of


@once_in_steps
def stated_purpose(member: Membership | None, year: int, *, why: str = "") -> Steps[StatedPurpose | None]:
    """Why this person reads the whole figures of an exercise, as it stated last for the organisation it acts for, of
    that purpose if one is asked; None as long as it has not, or may not read them. One query for an officer, none for
    the others."""
    if member is None or not can_read_whole_figures(member):
        return None
    stated = StatedPurpose.objects.filter(
        user=member.user_id,
        organisation=member.organisation_id,
        territory=member.organisation.territory_id,
        exercise=year,
        **({"why": why} if why else {}),
    )
    latest = yield from whole(stated.order_by("-pk")[:1])
    return latest[0] if latest else None


def stated_purposes(member: Membership) -> QuerySet[StatedPurpose]:
    """The journal that a person reads, the latest first. One query."""
    seen: QuerySet[StatedPurpose] = StatedPurpose.objects.visible_to(member)
    return seen.select_related("user", "organisation", "territory").order_by("-pk")


Contingent = ReservationHolder.Contingent

_NO_QUARTILE = Q(income_quartile=None)


@dataclass(frozen=True, slots=True)
class Public:
    """Households `counted`; `unknown`: those of whom it is not given."""

    code: str
    counted: Q
    unknown: Q


PUBLICS = (
    Public("priority", Q(has_priority=True), Q(has_priority=None)),
    Public(
        "dalo",
        Q(priority__group=PriorityCategory.Group.DALO),
        Q(has_priority=None) | Q(has_priority=True, priority=None),
    ),
    Public("first_quartile", Q(income_quartile=1), _NO_QUARTILE),
    Public("last_quartile", Q(income_quartile=4), _NO_QUARTILE),
    Public("renewal", Q(urban_renewal=True), Q(urban_renewal=None)),
    Public("agents", Q(state_agent=True), Q(state_agent=None)),
    Public(
        "essential",
        Q(essential_worker=True),
        Q(essential_worker=None),
    ),
    Public("alone", Q(persons=1), Q(persons=None)),
    Public("large", Q(persons__gte=5), Q(persons=None)),
)


@dataclass(frozen=True, slots=True)
class Tally:
    """Leases: `count` of `known`; `unknown` are out of both."""

    count: int = 0
    known: int = 0
    unknown: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.count + other.count, self.known + other.known, self.unknown + other.unknown)

    @property
    def rate(self) -> int | None:
        """A share in millionths, to the nearest tenth of a per cent; None when it is known of nobody."""
        return rate_of(self.count, self.known)


@dataclass(frozen=True, slots=True)
class PublicRow:
    """One public: in all, by landlord and by kind of holder, in the order of the columns."""

    public: Public
    whole: Tally
    by_landlord: tuple[tuple[str, Tally], ...]
    by_type: tuple[tuple[HolderKind, Tally], ...]


@dataclass(frozen=True, slots=True)
class Publics:
    """The table. `leases`: all those of the place; `purpose`: why the reader has it, None for a landlord."""

    leases: int
    purpose: StatedPurpose | None
    landlords: tuple[Landlord, ...]
    types: tuple[HolderKind, ...]
    rows: tuple[PublicRow, ...]


@dataclass(frozen=True, slots=True)
class _Cell:
    """Leases of one landlord, of one kind of holder."""

    landlord: int
    kind: HolderKind
    leases: int
    tallies: Mapping[str, Tally]


@stepwise
def publics(
    year: int, territory: Territory, *, member: Membership, then: Collection[Then] = ()
) -> Steps[Publics | None]:
    """The leases signed in a year that a person reads in a place; None for who may not, or has not stated why. `then`:
    those that counted otherwise when their balance was sealed. Three queries, whatever there is to count."""
    purpose = yield from stated_purpose.steps(member, year)
    if purpose is None and not member.is_landlord:
        return None
    cells = yield from _cells(year, territory, member, then)
    found = yield from by_id_steps(Landlord, {cell.landlord for cell in cells}, "organisation")
    landlords = sorted(found.values(), key=lambda each: (each.organisation.search_name, each.pk))
    kinds = tuple(HolderKind)
    rows = tuple(
        PublicRow(
            public,
            _total(public, cells),
            tuple((str(each), _total(public, cells, landlord=each.pk)) for each in landlords),
            tuple((kind, _total(public, cells, kind=kind)) for kind in kinds),
        )
        for public in PUBLICS
    )
    return Publics(sum(cell.leases for cell in cells), purpose, tuple(landlords), kinds, rows)


def _total(
    public: Public, cells: Iterable[_Cell], *, landlord: int | None = None, kind: HolderKind | None = None
) -> Tally:
    kept = (cell for cell in cells if landlord in (None, cell.landlord) and kind in (None, cell.kind))
    return sum((cell.tallies[public.code] for cell in kept), Tally())


def _cells(year: int, territory: Territory, member: Membership, then: Collection[Then]) -> Steps[list[_Cell]]:
    """One query."""
    counted: dict[str, Any] = {"leases": Count("pk")}
    for public in PUBLICS:
        counted[f"{public.code}_count"] = Count("pk", filter=public.counted)
        counted[f"{public.code}_unknown"] = Count("pk", filter=public.unknown)
    here = within(territory.pk, commune="vacancy__description__commune", on=end_of(year))
    for each in then:
        if each.commune != each.commune_today:  # of a unit described elsewhere since: few, each where it was sealed
            there = Territory.objects.filter(within(territory.pk, on=end_of(year)), pk=each.commune).order_by()
            here = here & ~Q(pk=each.lease) | Q(Exists(there), pk=each.lease)
    leases = readable_leases(member, then).filter(here, signed_on__year=year).order_by()
    grouped = leases.values("vacancy__landlord", "holder__contingent").annotate(**counted)
    names = ("vacancy__landlord", "holder__contingent", *counted)
    (found,) = yield [grouped.values_list(*names)]
    rows = [dict(zip(names, each, strict=True)) for each in found]
    return [
        _Cell(
            row["vacancy__landlord"],
            kind_of(Contingent.NOT_RESERVED if row["holder__contingent"] is None else row["holder__contingent"]),
            row["leases"],
            {
                public.code: Tally(
                    row[f"{public.code}_count"],
                    row["leases"] - row[f"{public.code}_unknown"],
                    row[f"{public.code}_unknown"],
                )
                for public in PUBLICS
            },
        )
        for row in rows
    ]
