"""The convention that a routing applies, and who proposes in the State's name: decided once, then kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from flux.models import Routing, Vacancy
from flux.queries.rates import bearing
from reservations.models import Delegation, Landlord, Organisation, ReservationHolder, Territory
from reservations.models.rate import SCALES
from reservations.queries.rights import Right, rights


def applied(held: Iterable[Right], holder: ReservationHolder) -> Right | None:
    """The right by which a holder receives a unit, among those that bear on it; None for the landlord's own row.

    A holder with two rights there (its commune's, and its EPCI's) uses the one of the narrowest perimeter, then of
    the smallest rank: the terms closest to the unit are the ones its signatory has in mind.
    """
    own = [right for right in held if right.holder == holder]
    return min(
        own, key=lambda right: (SCALES[Territory.Kind(right.convention.perimeter.kind)], right.rank), default=None
    )


def held_by_vacancy(vacancies: Sequence[Vacancy]) -> dict[int, list[Right]]:
    """The rights that bear on each of these vacancies (by id) on the day of its rights. One query a landlord."""
    by_landlord: dict[Landlord, list[Vacancy]] = defaultdict(list)
    for vacancy in vacancies:
        by_landlord[vacancy.unit.landlord].append(vacancy)
    found: dict[int, list[Right]] = {}
    for landlord, theirs in by_landlord.items():
        days = [vacancy.rights_on for vacancy in theirs]
        every = rights(landlord, since=min(days), until=max(days))
        for vacancy in theirs:
            found[vacancy.pk] = bearing(every, vacancy)
    return found


def name_delegates(routings: Sequence[Routing]) -> None:
    """Set `acting` on routings to the State where its contingent is delegated on the unit's territory (CCH, L441-1):
    that of priority households, never that of its agents.

    The commune comes before the EPCI. One query, none when no unit goes to the State.
    """
    delegable = ReservationHolder.Contingent.STATE_PRIORITY
    to_state = [routing for routing in routings if routing.holder.contingent == delegable]
    if not to_state:
        return
    delegations: dict[tuple[int, int], list[Organisation]] = defaultdict(list)
    for delegation in (
        Delegation.objects.filter(quota__convention__in={routing.convention_id for routing in to_state})
        .select_related("quota", "delegate")
        .order_by("pk")
    ):
        delegations[delegation.quota.convention_id, delegation.quota.holder_id].append(delegation.delegate)
    for routing in to_state:
        covering = routing.vacancy.unit.commune.covering_ids()
        there = [
            delegate
            for delegate in delegations[routing.convention_id or 0, routing.holder_id]
            if delegate.territory_id in covering
        ]
        routing.acting = min(
            there, key=lambda delegate: (delegate.kind != Organisation.Kind.COMMUNE, delegate.pk), default=None
        )
