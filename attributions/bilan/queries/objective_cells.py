"""What is read of objective cells.

* Counts of a year's leases by landlord and commune: those that a person reads, and those that everybody reads.
* Which years, landlords and places a person may read the objectives of.
* Which rate holds for a lease: that of the law, or the one that a CIA set for its place (CCH, L441-1-6).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from attributions.bilan.blocks import Disclosure, Part, Path
from attributions.bilan.models import Objective
from attributions.bilan.queries.objective_leases import (
    OF_UNITS,
    WITHHELD,
    Counts,
    counts_of,
    of_reader,
    readable_counts,
    sums,
)
from attributions.households.models import LeaseCount
from flux.queries.units import seen_places
from reservations.models import Landlord, LegalParameter, Membership, Territory
from reservations.models.legal_parameter import figures_on
from reservations.models.territory import end_of, within
from reservations.models.together import Steps, stepwise, whole

Code = Objective.Code
OfEach = Mapping[Objective.Code, Counts]


@dataclass(frozen=True, slots=True)
class ObjectiveCell:
    """Leases of one landlord in one commune. `known`: of them, those of each reader that knows more than it is
    shown: an organisation (id) its leases one by one, an EPCI (less its id) all of its territory."""

    path: Path
    landlord: int
    commune: Territory
    counts: OfEach
    known: Mapping[int, OfEach] = field(default_factory=dict)


@stepwise
def readable_rows(year: int, member: Membership | None) -> Steps[list[dict[str, Any]]]:
    """The counts of today that a person reads, its own apart. One query."""
    named = ("landlord", "commune", "own", "commune__departement")
    read = readable_counts(member).filter(year=year).annotate(own=of_reader(member))
    return (yield from _summed(read, named))


def _summed(read: QuerySet[LeaseCount], named: Sequence[str]) -> Steps[list[dict[str, Any]]]:
    """The sums of each objective, by what is `named`. One step."""
    (rows,) = yield [read.values_list(*named).annotate(**sums())]
    return [dict(zip((*named, *sums()), row, strict=True)) for row in rows]


@stepwise
def readable_cells(
    year: int, member: Membership | None, rows: Collection[Mapping[str, Any]]
) -> Steps[tuple[list[ObjectiveCell], dict[Path, OfEach]]]:
    """What a person reads, from `readable_rows` and what is left out of them; and, of each, the reader's own leases.
    One query."""
    mine = member.organisation_id if member is not None and member.is_holder else None
    communes = yield from Territory.objects.as_on_steps({row["commune"] for row in rows}, end_of(year))
    counts: dict[Path, OfEach] = {}
    own: dict[Path, OfEach] = {}
    for row in rows:
        path = _path(row["landlord"], communes[row["commune"]])
        counts[path] = _added(counts.get(path), counts_of(row))
        if row["own"] if "own" in row else mine is not None and mine in (row["holder__organisation"], row["acting"]):
            own[path] = _added(own.get(path), counts_of(row))
    return [ObjectiveCell(path, path[2], communes[path[3]], each) for path, each in _some(counts)], own


def _some(counts: Mapping[Path, OfEach]) -> list[tuple[Path, OfEach]]:
    """Those of some lease: one that was signed or corrected since a seal may leave a place that has none."""
    return [(path, each) for path, each in counts.items() if any(of != Counts() for of in each.values())]


@stepwise
def common_cells(
    year: int, departements: Collection[int], left_out: Collection[Mapping[str, Any]] = ()
) -> Steps[list[ObjectiveCell]]:
    """All the leases of some départements (ids), whoever reads: of them alone, the same for everybody, is what the
    figures that are shown are made of. Those of whom it is not given whether they are counted are among those that are
    not: they are never shown apart. `left_out`: added to the counts of today, to read those of a sealed year. Two
    queries."""
    named = ("landlord", "landlord__organisation", "commune", "holder__organisation", "acting")
    there = within(departements, commune="commune", on=end_of(year))
    rows = yield from _summed(readable_counts(None).filter(there, year=year), named)
    rows += map(dict, left_out)
    communes = yield from Territory.objects.as_on_steps({row["commune"] for row in rows}, end_of(year))
    counts: dict[Path, OfEach] = {}
    known: dict[Path, dict[int, OfEach]] = defaultdict(dict)
    for row in rows:
        path = _path(row["landlord"], communes[row["commune"]])
        of_row = {code: replace(counts, unknown=0) for code, counts in counts_of(row).items()}
        counts[path] = _added(counts.get(path), of_row)
        for reader in (*_who_opens(row), *_who_oversees(communes[path[3]])):
            known[path][reader] = _added(known[path].get(reader), of_row)
    return [ObjectiveCell(path, path[2], communes[path[3]], each, known[path]) for path, each in _some(counts)]


@stepwise
def least_shown(on: date) -> Steps[int]:
    """The count under which households are grouped, on a day; 0 when no threshold is in force. One query."""
    figures = yield from figures_on.steps(on)
    return int(figures.get(LegalParameter.Code.SMALL_CELL, 0))


def disclosures(cells: Iterable[ObjectiveCell], least: int) -> dict[Objective.Code, Disclosure]:
    """What may be shown of each objective, from the common cells; those of units are shown whole (`OF_UNITS`),
    and some never (`WITHHELD`)."""
    every = list(cells)
    found = {code: Disclosure.of([_part(code, cell) for cell in every], least) for code in Code if code not in OF_UNITS}
    for code in WITHHELD:
        found[code] = Disclosure.of_nothing({cell.path: cell.counts[code].denominator for cell in every})
    return found


def _part(code: Objective.Code, cell: ObjectiveCell) -> Part:
    counts = cell.counts[code]
    known = {reader: (of[code].numerator, of[code].rest) for reader, of in cell.known.items()}
    return Part(cell.path, counts.numerator, counts.rest, known)


def _who_opens(row: Mapping[str, int | None]) -> set[int]:
    """Organisations (ids) that may open these leases one by one (`own_leases`)."""
    who = {row[name] for name in ("landlord__organisation", "holder__organisation", "acting")}
    return {each for each in who if each is not None}


def _who_oversees(commune: Territory) -> set[int]:
    """The EPCI and the EPT of a commune (less their ids, that none be an organisation's): their officers read all of
    it. The State reads the whole département, out of which nothing is shown."""
    return {-territory for territory in (commune.epci_id, commune.ept_id) if territory is not None}


def _path(landlord: int, commune: Territory) -> Path:
    return (commune.departement_id or 0, commune.epci_id or 0, landlord, commune.pk)


def _added(one: OfEach | None, other: OfEach) -> OfEach:
    return other if one is None else {code: one[code] + other[code] for code in other}


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


@stepwise
def in_force(on: date) -> Steps[list[Objective]]:
    """Every rate in force on a day. One query."""
    dated = Objective.objects.filter(Q(ends_on=None) | Q(ends_on__gte=on), starts_on__lte=on)
    return (yield from whole(dated.order_by("code", "pk"), "territory"))


def withdrawable(member: Membership) -> QuerySet[Objective]:
    """The latest rate of each place, or of each landlord there, where a person records them (`can_set_objective`); the
    last recorded first."""
    same = Objective.objects.annotate(whose=Coalesce("landlord", 0)).filter(
        code=OuterRef("code"), territory=OuterRef("territory"), whose=OuterRef("whose")
    )
    own = member.organisation.territory_id
    places = Q() if member.is_administrator else Q(territory=own)
    if own is not None and member.is_state:
        inside = Territory.objects.filter(kind__in=Territory.COMMUNAL).filter(within(own)).order_by()
        places |= Q(territory__in=inside.values("epci")) | Q(territory__in=inside.values("ept"))
    rates = Objective.objects.exclude(territory=None).annotate(whose=Coalesce("landlord", 0))
    last = rates.filter(places).exclude(Exists(same.filter(starts_on__gt=OuterRef("starts_on"))))
    return last.select_related("territory", "landlord__organisation").order_by("-pk")


@dataclass(frozen=True, slots=True)
class Target:
    """A rate that holds for some of the leases: `leases` of them. The law, or what a CIA set for a place."""

    objective: Objective
    leases: int

    @property
    def percent(self) -> int:
        """Its rate as a share, in millionths."""
        return self.objective.share


def narrowing(place: Territory) -> list[int]:
    """Ids of a place and of those that contain it, the closest first."""
    around = (place.pk, place.parent_commune_id, place.ept_id, place.epci_id, place.departement_id, place.region_id)
    return [pk for pk in around if pk is not None]


def closest(
    code: Code, in_force: Iterable[Objective], *, landlord: int | None, places: Collection[int]
) -> Objective | None:
    """The rate of an objective that holds for a landlord in a place: its own there, then that of the place, then that
    of the law; of two places, the narrower. `places`: ids, the narrowest first."""
    order = {pk: near for near, pk in enumerate(places)}
    holding = [
        each
        for each in in_force
        if each.code == code
        and (each.territory_id is None or each.territory_id in order)
        and each.landlord_id in (None, landlord)
    ]
    return min(
        holding,
        key=lambda each: (each.landlord_id is None, order.get(each.territory_id or 0, len(order))),
        default=None,
    )
