"""Loading the territories: the same act whether the table is empty, complete, or a year old."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from django.db import transaction

from reservations.models import Territory
from reservations.models.territory import search_key

Kind = Territory.Kind

#: A container is written before what it contains.
LEVELS = {Kind.REGION: 0, Kind.DEPARTEMENT: 1, Kind.EPCI: 2, Kind.EPT: 2, Kind.COMMUNE: 3, Kind.DISTRICT: 4}
#: The links of a place, and the kind that each points to.
LINKS = {
    "region": Kind.REGION,
    "departement": Kind.DEPARTEMENT,
    "epci": Kind.EPCI,
    "ept": Kind.EPT,
    "parent_commune": Kind.COMMUNE,
}
FIELDS = ("name", "search_name", "population", "postal_codes", *(f"{link}_id" for link in LINKS))
BATCH = 2000


@dataclass(frozen=True, slots=True)
class TerritoryPlace:
    """A territory as the official code gives it: its containers are named by their code, "" for none."""

    kind: str
    code: str
    name: str
    region: str = ""
    departement: str = ""
    epci: str = ""
    ept: str = ""
    parent_commune: str = ""
    population: int | None = None
    postal_codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TerritoriesLoaded:
    """How many territories of each kind were given, and how many rows were written for them."""

    regions: int
    departements: int
    epci: int
    ept: int
    communes: int
    districts: int
    created: int
    updated: int


@transaction.atomic
def load_territories(*, places: Iterable[TerritoryPlace]) -> TerritoriesLoaded:
    """Record every place, and correct those that changed; what is already right is read, not written.

    A territory that the official code no longer has stays: conventions and units may bear on it.
    Raises KeyError when a place names a container that is neither given nor known.
    """
    known = {
        (kind, code): (pk, tuple(rest))
        for pk, kind, code, *rest in Territory.objects.order_by().values_list("pk", "kind", "code", *FIELDS)
    }
    ids = {key: pk for key, (pk, _) in known.items()}
    counts: Counter[str] = Counter()
    written: Counter[str] = Counter()
    by_level = sorted(places, key=lambda place: LEVELS[Kind(place.kind)])
    for _, level in groupby(by_level, key=lambda place: LEVELS[Kind(place.kind)]):
        changed = []
        for place in level:
            counts[place.kind] += 1
            key, values = (place.kind, place.code), _values(place, ids)
            if key in known and known[key][1] == values:
                continue
            written["updated" if key in known else "created"] += 1
            changed.append(Territory(kind=place.kind, code=place.code, **dict(zip(FIELDS, values, strict=True))))
        Territory.objects.bulk_create(
            changed,
            batch_size=BATCH,
            update_conflicts=True,
            unique_fields=["kind", "code"],
            update_fields=[field.removesuffix("_id") for field in FIELDS],
        )
        ids.update({(territory.kind, territory.code): territory.pk for territory in changed})
    return TerritoriesLoaded(
        regions=counts[Kind.REGION],
        departements=counts[Kind.DEPARTEMENT],
        epci=counts[Kind.EPCI],
        ept=counts[Kind.EPT],
        communes=counts[Kind.COMMUNE],
        districts=counts[Kind.DISTRICT],
        created=written["created"],
        updated=written["updated"],
    )


def _values(place: TerritoryPlace, ids: dict[tuple[str, str], int]) -> tuple[object, ...]:
    """The row of a place, in the order of FIELDS."""
    links = (ids[kind, code] if (code := getattr(place, link)) else None for link, kind in LINKS.items())
    return (place.name, search_key(place.name), place.population, list(place.postal_codes), *links)
