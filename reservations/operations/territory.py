"""Loading the territories: the same act whether the table is empty, complete, or a year old. A new official code adds
what it changes, from its day on; it writes over no link and no name of the past (docs/decisions/0038)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from django.db.models import Exists, OuterRef

from reservations.models import Territory, TerritoryLink, TerritoryName
from reservations.models.territory import search_key
from reservations.models.wall import atomic
from reservations.refusals import Refusal
from reservations.words import day

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
#: Those that a commune has no more by itself, once it is a part of another.
FOLLOWED = ("region", "departement", "epci", "ept")
FIELDS = ("name", "search_name", "population", "postal_codes", *(f"{link}_id" for link in LINKS))
BATCH = 2000
COUNTED = {
    "regions": Kind.REGION,
    "departements": Kind.DEPARTEMENT,
    "epci": Kind.EPCI,
    "ept": Kind.EPT,
    "communes": Kind.COMMUNE,
    "districts": Kind.DISTRICT,
}


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
class Merger:
    """A commune (INSEE code) that became, on a day, a part of another: a commune nouvelle, or one that took it in."""

    former: str
    current: str
    since: date
    source: str = ""


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
    merged: int = 0


class EditionRefused(Refusal):
    """A later official code was loaded: this one would take back what it stated."""


@dataclass(frozen=True, slots=True)
class Edition:
    """An official code: its name (« COG 2026 ») and the day from which it says what is."""

    name: str
    since: date


@atomic
def load_territories(
    *, places: Sequence[TerritoryPlace], edition: Edition | None = None, mergers: Sequence[Merger] = ()
) -> TerritoriesLoaded:
    """Record every place, and those that changed from the day of the `edition` on, from the beginning without one; what
    is already right is read, not written.

    A territory that the official code no longer has stays: conventions and units may bear on it. `mergers` say what
    became of the communes that are none any more; those that nobody knows are left out.
    Raises KeyError when a place names a container that is neither given nor known; EditionRefused when a later code was
    loaded: this one would write over what it stated.
    """
    if edition is not None:
        _check_latest(edition)
    rows = Territory.objects.order_by().values_list("pk", "kind", "code", *FIELDS) if places else ()
    known = {(kind, code): (pk, tuple(rest)) for pk, kind, code, *rest in rows}
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
            if key in known and edition is not None:
                _date(known[key], values, edition)
            changed.append(Territory(kind=place.kind, code=place.code, **dict(zip(FIELDS, values, strict=True))))
        Territory.objects.bulk_create(
            changed,
            batch_size=BATCH,
            update_conflicts=True,
            unique_fields=["kind", "code"],
            update_fields=[field.removesuffix("_id") for field in FIELDS],
        )
        ids.update({(territory.kind, territory.code): territory.pk for territory in changed})
    merged = _merge(mergers)
    if merged or edition is not None:
        _follow_mergers(edition)
    return counted(counts, created=written["created"], updated=written["updated"], merged=merged)


def counted(given: Mapping[str, int], *, created: int = 0, updated: int = 0, merged: int = 0) -> TerritoriesLoaded:
    """{kind: how many were given}, and what was written, as one says it."""
    of = {field: given.get(kind, 0) for field, kind in COUNTED.items()}
    return TerritoriesLoaded(**of, created=created, updated=updated, merged=merged)


def _check_latest(edition: Edition) -> None:
    """Raise EditionRefused when an official code that says what is from a later day on was loaded."""
    later = TerritoryLink.objects.exclude(kind=TerritoryLink.Kind.MERGED).filter(since__gt=edition.since)
    # What follows a merger bears its source, and may be known before its day.
    follows = TerritoryLink.objects.filter(kind=TerritoryLink.Kind.MERGED, territory=OuterRef("territory"))
    row = later.exclude(Exists(follows.filter(source=OuterRef("source")))).order_by("-since").first()
    named = TerritoryName.objects.filter(since__gt=edition.since).order_by("-since").first()
    if found := row or named:
        raise EditionRefused(
            f"{edition.name} dit ce qui est à compter du {day(edition.since)}, et {found.source}, chargé déjà, à "
            f"compter du {day(found.since)} : donnez le code officiel le plus récent."
        )


def _values(place: TerritoryPlace, ids: dict[tuple[str, str], int]) -> tuple[object, ...]:
    """The row of a place, in the order of FIELDS."""
    links = (ids[kind, code] if (code := getattr(place, link)) else None for link, kind in LINKS.items())
    return (place.name, search_key(place.name), place.population, list(place.postal_codes), *links)


def _date(known: tuple[int, tuple[object, ...]], values: tuple[object, ...], edition: Edition) -> None:
    """Write what changes from the day of an edition on, before the row mirrors it. What this edition had stated itself
    is put right in its place."""
    pk, before = known
    changes = dict(zip(FIELDS, zip(before, values, strict=True), strict=True))
    for link in LINKS:
        old, new = changes[f"{link}_id"]
        if old != new:
            _link(pk, link, new, edition)
    old, new = changes["name"]
    if old != new:
        TerritoryName.objects.update_or_create(
            territory_id=pk, since=edition.since, defaults={"name": str(new), "source": edition.name}
        )


def _link(territory: int, link: str, container: Any, edition: Edition) -> None:
    """From that day on, a territory lies in this one (id), or in none. What began that very day is taken back."""
    links = TerritoryLink.objects.filter(territory=territory, kind=link.upper(), until=None)
    links.filter(since__gte=edition.since).delete()
    links.update(until=edition.since - timedelta(1))
    if container is not None:
        TerritoryLink.objects.create(
            territory_id=territory,
            kind=link.upper(),
            container_id=container,
            since=edition.since,
            source=edition.name,
        )


def _merge(mergers: Sequence[Merger]) -> int:
    """Communes are a part of others from a day on, and lie from then on where these lie. How many are new? One read."""
    codes = {code for merger in mergers for code in (merger.former, merger.current)}
    communes = Territory.objects.filter(kind=Kind.COMMUNE, code__in=codes).order_by() if codes else ()
    ids = {commune.code: commune.pk for commune in communes}
    new = 0
    for merger in mergers:
        former, current = ids.get(merger.former), ids.get(merger.current)
        if former is None or current is None or former == current:
            continue
        _, is_new = TerritoryLink.objects.get_or_create(
            territory_id=former,
            kind=TerritoryLink.Kind.MERGED,
            until=None,
            defaults={"container_id": current, "since": merger.since, "source": merger.source},
        )
        new += is_new
    return new


def _follow_mergers(edition: Edition | None) -> None:
    """What a commune became a part of takes it along: what was counted in it lies where the other does, that follows
    what it became a part of itself. One read, and one write for each that does not yet."""
    for link in _outermost_first(TerritoryLink.objects.filter(kind=TerritoryLink.Kind.MERGED, until=None)):
        former, current = (Territory.objects.get(pk=pk) for pk in (link.territory_id, link.container_id))
        apart = [name for name in FOLLOWED if getattr(former, f"{name}_id") != getattr(current, f"{name}_id")]
        for name in apart:
            # Not before the other lay there itself: merged in turn, it moved later.
            held = TerritoryLink.objects.filter(territory=current, kind=name.upper(), until=None).first()
            since = max(link.since, held.since if held else link.since, edition.since if edition else link.since)
            _link(former.pk, name, getattr(current, f"{name}_id"), Edition(link.source, since))
            setattr(former, f"{name}_id", getattr(current, f"{name}_id"))
        if apart:
            former.save(update_fields=apart)


def _outermost_first(mergers: Iterable[TerritoryLink]) -> Iterable[TerritoryLink]:
    """A commune after what it became a part of, however many mergers there are between it and what is left."""
    by_former = {link.territory_id: link for link in mergers}

    def depth(link: TerritoryLink) -> int:
        seen, at = {link.territory_id}, by_former.get(link.container_id)
        while at is not None and at.territory_id not in seen:
            seen.add(at.territory_id)
            at = by_former.get(at.container_id)
        return len(seen)

    return sorted(by_former.values(), key=lambda link: (depth(link), link.since, link.pk))
