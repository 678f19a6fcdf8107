"""Which years, landlords and places a person may read the objectives of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from attributions.bilan.queries.objective_leases import readable_counts
from flux.queries.places import seen_places
from reservations.models import Landlord, Membership, Territory

_ORDER = (
    Territory.Kind.REGION,
    Territory.Kind.DEPARTEMENT,
    Territory.Kind.EPCI,
    Territory.Kind.EPT,
    Territory.Kind.COMMUNE,
    Territory.Kind.DISTRICT,
)


@dataclass(frozen=True, slots=True)
class Scopes:
    """What the filters may choose; `years` the latest first, this one at least. `usual`: the latest that has any."""

    usual: int
    years: list[int]
    landlords: list[Landlord]
    territories: list[Territory]


def lease_scopes(member: Membership, *, this_year: int) -> Scopes:
    """Where leases that a person reads were signed, and when. Four queries at most."""
    rows = readable_counts(member).values_list("landlord", "place", "year").distinct()
    return _scopes(rows, this_year)


def vacancy_scopes(member: Membership, *, this_year: int) -> Scopes:
    """Where units that a person sees listed fell vacant, and when. Nine queries at most."""
    return _scopes(((each.landlord, each.commune, each.year) for each in seen_places(member)), this_year)


def _scopes(rows: Iterable[tuple[int, int, int]], this_year: int) -> Scopes:
    found = set(rows)
    communes = Territory.objects.filter(pk__in={commune for _, commune, _ in found}).order_by("pk")
    around = {pk for commune in communes for pk in commune.covering_ids()}
    places = Territory.objects.filter(pk__in=around).order_by("pk")
    landlords = Landlord.objects.filter(pk__in={landlord for landlord, _, _ in found}).select_related("organisation")
    lived = {year for _, _, year in found}
    return Scopes(
        usual=max(lived, default=this_year),
        years=sorted({this_year, *lived}, reverse=True),
        landlords=list(landlords.order_by("organisation__name", "pk")),
        territories=sorted(places, key=lambda place: (_ORDER.index(Territory.Kind(place.kind)), place.search_name)),
    )
