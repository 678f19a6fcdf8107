"""Rights in force: which holder has what share, where and when; and where they exceed the whole."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from reservations.models import Convention, Landlord, Quota, ReservationHolder, Territory
from reservations.models.convention import UNIT


@dataclass(frozen=True, slots=True)
class Right:
    """One quota of a binding convention. `share` in millionths of a unit; both dates included."""

    convention: Convention
    holder: ReservationHolder
    share: int
    rank: int
    perimeter_id: int
    starts_on: date
    ends_on: date

    def holds(self, territories: Iterable[int], on: date) -> bool:
        """Does the right bear on a commune covered by these territories, on that date?"""
        return self.perimeter_id in territories and self.starts_on <= on <= self.ends_on


def rights(landlord: Landlord, *, since: date, until: date) -> list[Right]:
    """The landlord's rights in force at some moment of a period, by rank. One query."""
    quotas = (
        Quota.objects.filter(
            convention__landlord=landlord,
            convention__status__in=Convention.BINDING,
            convention__starts_on__lte=until,
            convention__ends_on__gte=since,
        )
        .select_related("convention__organisation", "convention__perimeter", "holder__organisation")
        .order_by("rank", "pk")
    )
    return [_right(quota, quota.convention) for quota in quotas]


def _right(quota: Quota, convention: Convention) -> Right:
    return Right(
        convention=convention,
        holder=quota.holder,
        share=quota.share,
        rank=quota.rank,
        perimeter_id=convention.perimeter_id,
        starts_on=convention.starts_on,
        ends_on=convention.ends_on,
    )


@dataclass(frozen=True, slots=True)
class OverCommitment:
    """More than the whole flow is promised in a commune on a date. `total` in millionths, above one unit."""

    commune: Territory
    on: date
    total: int
    conventions: tuple[Convention, ...]


def over_commitment(convention: Convention) -> OverCommitment | None:
    """Where this convention, once signed, would promise over 100 % of the flow; None when it never does.

    The worst commune of its perimeter, at the worst date of its period. Three queries.
    """
    mine = [
        _right(quota, convention)
        for quota in convention.quotas.select_related("holder__organisation").order_by("rank", "pk")
    ]
    others = [
        right
        for right in rights(convention.landlord, since=convention.starts_on, until=convention.ends_on)
        if right.convention != convention
    ]
    dates = sorted({convention.starts_on} | {r.starts_on for r in others if r.starts_on > convention.starts_on})
    worst: OverCommitment | None = None
    for perimeters, commune in _kinds_of_commune(convention.perimeter, [r.perimeter_id for r in others]):
        for on in dates:
            held = [right for right in (*mine, *others) if right.holds(perimeters, on)]
            total = sum(right.share for right in held)
            if total > UNIT and (worst is None or total > worst.total):
                worst = OverCommitment(commune, on, total, _conventions(held))
    return worst


def _conventions(held: Sequence[Right]) -> tuple[Convention, ...]:
    return tuple({right.convention.pk: right.convention for right in held}.values())


def over_commitment_at(held: Sequence[Right], commune: Territory, on: date) -> OverCommitment | None:
    """The same, for the rights already known to bear on one commune on one date."""
    total = sum(right.share for right in held)
    return OverCommitment(commune, on, total, _conventions(held)) if total > UNIT else None


def _kinds_of_commune(perimeter: Territory, others: Sequence[int]) -> list[tuple[frozenset[int], Territory]]:
    """One commune of the perimeter for each set of perimeters that communes lie in, with that set."""
    wanted = {perimeter.pk, *others}
    kinds: dict[frozenset[int], Territory] = {}
    for commune in Territory.objects.communes_within(perimeter).order_by("-population", "pk"):
        kinds.setdefault(frozenset(commune.covering_ids() & wanted), commune)
    return list(kinds.items())
