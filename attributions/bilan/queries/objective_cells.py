"""Counts of a year's leases by landlord and commune: those that a person reads, and those that everybody is told of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.db.models import QuerySet

from attributions.bilan.blocks import Disclosure, Part, Path
from attributions.bilan.models import Objective
from attributions.bilan.queries.objective_leases import of_reader, readable_counts
from attributions.bilan.queries.objective_rules import OF_UNITS, WITHHELD, Counts, counts_of, sums
from attributions.households.models import LeaseCount
from reservations.models import LegalParameter, Membership, Territory
from reservations.models.territory import end_of, within

Code = Objective.Code
OfEach = Mapping[Objective.Code, Counts]


@dataclass(frozen=True, slots=True)
class ObjectiveCell:
    """Leases of one landlord in one commune. `known`: of them, those of each reader that knows more than it is
    told: an organisation (id) its leases one by one, an EPCI (less its id) all of its territory."""

    path: Path
    landlord: int
    commune: Territory
    counts: OfEach
    known: Mapping[int, OfEach] = field(default_factory=dict)


def readable_rows(year: int, member: Membership | None) -> list[dict[str, Any]]:
    """The counts of today that a person reads, its own apart. One query."""
    found: QuerySet[LeaseCount, Any] = (
        readable_counts(member)
        .filter(year=year)
        .annotate(own=of_reader(member))
        .values("landlord", "commune", "own", "commune__departement")
        .annotate(**sums())
    )
    return list(found)


def readable_cells(
    year: int, member: Membership | None, rows: Collection[Mapping[str, Any]]
) -> tuple[list[ObjectiveCell], dict[Path, OfEach]]:
    """What a person reads, from `readable_rows` and what is left out of them; and, of each, the reader's own leases.
    One query."""
    mine = member.organisation_id if member is not None and member.is_holder else None
    communes = Territory.objects.as_on({row["commune"] for row in rows}, end_of(year))
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


def common_cells(
    year: int, departements: Collection[int], left_out: Collection[Mapping[str, Any]] = ()
) -> list[ObjectiveCell]:
    """All the leases of some départements (ids), whoever reads: of them alone, the same for everybody, is what may be
    told made. Those of whom it is not given whether they are counted are among those that are not: they are never told
    apart. `left_out`: added to the counts of today, to read those of a sealed year. Two queries."""
    named = ("landlord", "landlord__organisation", "commune", "holder__organisation", "acting")
    rows = list(
        readable_counts(None)
        .filter(within(departements, commune="commune", on=end_of(year)), year=year)
        .values(*named)
        .annotate(**sums())
    )
    rows += left_out
    communes = Territory.objects.as_on({row["commune"] for row in rows}, end_of(year))
    counts: dict[Path, OfEach] = {}
    known: dict[Path, dict[int, OfEach]] = defaultdict(dict)
    for row in rows:
        path = _path(row["landlord"], communes[row["commune"]])
        of_row = {code: replace(counts, unknown=0) for code, counts in counts_of(row).items()}
        counts[path] = _added(counts.get(path), of_row)
        for reader in (*_who_opens(row), *_who_oversees(communes[path[3]])):
            known[path][reader] = _added(known[path].get(reader), of_row)
    return [ObjectiveCell(path, path[2], communes[path[3]], each, known[path]) for path, each in _some(counts)]


def least_shown(on: date) -> int:
    """The count under which households are grouped, on a day; 0 when no threshold is in force. One query."""
    try:
        return int(LegalParameter.objects.value_on(LegalParameter.Code.SMALL_CELL, on))
    except LegalParameter.DoesNotExist:
        return 0


def disclosures(cells: Iterable[ObjectiveCell], least: int) -> dict[Objective.Code, Disclosure]:
    """What may be told of each objective, from the common cells; those of units are told whole (`OF_UNITS`),
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
    it. The State reads the whole département, out of which nothing is told."""
    return {-territory for territory in (commune.epci_id, commune.ept_id) if territory is not None}


def _path(landlord: int, commune: Territory) -> Path:
    return (commune.departement_id or 0, commune.epci_id or 0, landlord, commune.pk)


def _added(one: OfEach | None, other: OfEach) -> OfEach:
    return other if one is None else {code: one[code] + other[code] for code in other}
