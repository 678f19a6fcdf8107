"""Leases by public (approche par publics): who was housed, by landlord and by kind of holder, few never alone.

Each public is a yes or no of the lease, with the facts kept on its day; what is not given is told apart. Parts
(quarter, kind of holder, landlord, commune) are grouped as those of objectives (`small_cells`): a figure is a sum of
whole groups of one quarter and one kind each, none small; the leases of the others are left out, and counted apart.
A group that would isolate a few beside an objective that counts the same households is left out too (`ALSO`): no
difference of two figures, of this page or of the objectives, tells of a few (docs/decisions/0030).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, Q

from attributions.bilan.models import Objective
from attributions.bilan.queries.objective_rules import Counts as ObjectiveCounts
from attributions.bilan.queries.objective_rules import counts_of, sums
from attributions.bilan.queries.objectives import grouped, of_reader, readable_leases
from attributions.bilan.queries.scales import TYPES
from attributions.bilan.queries.small_cells import Beside, Group, Part, Path, groups, least_shown, small_groups, untold
from attributions.households.models import PriorityCategory
from reservations.models import Landlord, Membership, ReservationHolder, Territory
from reservations.models.territory import end_of
from reservations.rounding import rate_of

_DALO = Q(priority__group=PriorityCategory.Group.DALO)
Code = Objective.Code
Contingent = ReservationHolder.Contingent

#: In a path, the quarter of a lease.
QUARTERS = {None: 0, False: 1, True: 2}


@dataclass(frozen=True, slots=True)
class Public:
    """`counted`, and those who may not be few `beside` them: a smaller public, when another row counts the others too.
    `unknown`: of whom it is not given."""

    code: str
    words: str
    counted: Q
    beside: Q
    unknown: Q


PUBLICS = (
    Public(
        "priority", "ménages prioritaires (L441-1)", Q(has_priority=True), Q(has_priority=False), Q(has_priority=None)
    ),
    Public(
        "dalo",
        "dont reconnus au titre du DALO",
        _DALO,
        Q(has_priority=True, priority__isnull=False) & ~_DALO,
        Q(has_priority=None) | Q(has_priority=True, priority=None),
    ),
    Public(
        "first_quartile",
        "premier quartile de ressources",
        Q(income_quartile=1),
        Q(income_quartile__gt=1),
        Q(income_quartile=None),
    ),
    Public(
        "last_quartile",
        "quatrième quartile de ressources",
        Q(income_quartile=4),
        Q(income_quartile__in=(2, 3)),
        Q(income_quartile=None),
    ),
    Public(
        "renewal",
        "relogés pour la rénovation urbaine",
        Q(urban_renewal=True),
        Q(urban_renewal=False),
        Q(urban_renewal=None),
    ),
    Public("agents", "agents de l’État", Q(state_agent=True), Q(state_agent=False), Q(state_agent=None)),
    Public("alone", "personnes seules", Q(persons=1), Q(persons__gt=1), Q(persons=None)),
    Public("large", "ménages de cinq personnes ou plus", Q(persons__gte=5), Q(persons__in=(2, 3, 4)), Q(persons=None)),
)


@dataclass(frozen=True, slots=True)
class Also:
    """An objective that counts the households of a public, or those beside it (`inverted`): of one quarter, or of one
    kind of holder. `wider`: it counts others with them."""

    public: str
    code: Objective.Code
    quarter: int | None = None
    kind: int | None = None
    inverted: bool = False
    wider: bool = False

    def bears_on(self, path: Path) -> bool:
        return path[0] == self.quarter if self.quarter is not None else path[1] == self.kind


def _kind(contingent: int | None) -> int:
    """The kind of a lease's holder; a lease without one is of the landlord's own units."""
    wanted = Contingent.NOT_RESERVED if contingent is None else contingent
    return next(place for place, (_, codes) in enumerate(TYPES) if wanted in codes)


#: Of an objective that counts two publics together, the first is told before the second, and never both wholly.
ALSO = (
    Also("priority", Code.PRIORITY_AUTHORITY, kind=_kind(Contingent.AUTHORITY)),
    Also("priority", Code.PRIORITY_ACTION_LOGEMENT, kind=_kind(Contingent.ACTION_LOGEMENT)),
    Also("priority", Code.PRIORITY_LANDLORD, kind=_kind(None)),
    Also("first_quartile", Code.FIRST_QUARTILE_OUTSIDE_QPV, quarter=QUARTERS[False], wider=True),
    Also("first_quartile", Code.OTHERS_IN_QPV, quarter=QUARTERS[True], inverted=True),
    Also("renewal", Code.FIRST_QUARTILE_OUTSIDE_QPV, quarter=QUARTERS[False], wider=True),
)


@dataclass(frozen=True, slots=True)
class Tally:
    """Leases: `count` of `known`, `left` out of both because they are few, `unknown`. `count` is None when all are."""

    count: int | None
    known: int
    left: int
    unknown: int

    @property
    def rate(self) -> int | None:
        """A share in millionths, to the nearest tenth of a per cent, of all those of whom it is known. None when some
        are left out: what is left is no sample of the others, and its share would be read as that of all."""
        return rate_of(self.count, self.known) if self.count is not None and not self.left else None


@dataclass(frozen=True, slots=True)
class PublicRow:
    """One public: in all, by landlord and by kind of holder, in the order of the columns."""

    public: Public
    whole: Tally
    by_landlord: tuple[tuple[str, Tally], ...]
    by_type: tuple[tuple[str, Tally], ...]


@dataclass(frozen=True, slots=True)
class Publics:
    """The table. `leases`: all those of the place; `least`: under it nothing is shown."""

    leases: int
    least: int
    landlords: tuple[Landlord, ...]
    types: tuple[str, ...]
    rows: tuple[PublicRow, ...]


@dataclass(frozen=True, slots=True)
class Counts:
    """Leases of one part, for one public."""

    count: int = 0
    beside: int = 0
    known: int = 0
    unknown: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.count + other.count,
            self.beside + other.beside,
            self.known + other.known,
            self.unknown + other.unknown,
        )


@dataclass(frozen=True, slots=True)
class PublicCell:
    """The least part that a filter can isolate: leases of one landlord in one commune, in one quarter, of one kind of
    holder; `own`, those that the reader opens one by one, are apart. `objectives`: what these count of them."""

    path: Path
    landlord: int
    kind: int
    commune: Territory
    leases: int
    counts: Mapping[str, Counts]
    objectives: Mapping[Objective.Code, ObjectiveCounts] = field(default_factory=dict)
    own: bool = False


def publics(year: int, territory: Territory, *, member: Membership) -> Publics:
    """The leases signed in a year that a person reads in a place. Four queries, whatever there is to count."""
    cells = _cells(year, member)
    least = least_shown(date(year, 12, 31))
    kept = [cell for cell in cells if territory.pk in cell.commune.covering_ids()]
    found = Landlord.objects.select_related("organisation").in_bulk({cell.landlord for cell in kept})
    landlords = sorted(found.values(), key=lambda each: (each.organisation.search_name, each.pk))
    tellers = tell(cells, least, exact=member.is_landlord)
    rows = []
    for public in PUBLICS:
        teller = tellers[public.code]
        rows.append(
            PublicRow(
                public,
                teller.tally(kept),
                tuple(
                    (str(each), teller.tally([cell for cell in kept if cell.landlord == each.pk])) for each in landlords
                ),
                tuple(
                    (name, teller.tally([cell for cell in kept if cell.kind == kind]))
                    for kind, (name, _) in enumerate(TYPES)
                ),
            )
        )
    return Publics(
        sum(cell.leases for cell in kept), least, tuple(landlords), tuple(name for name, _ in TYPES), tuple(rows)
    )


@dataclass(frozen=True, slots=True)
class Teller:
    """What may be told of one public: sums of these groups, made of everything that is read."""

    code: str
    told: tuple[Group, ...]

    @classmethod
    def of(
        cls, code: str, cells: Iterable[PublicCell], least: int, beside: Sequence[Beside] = (), *, exact: bool = False
    ) -> Teller:
        """`exact`: a landlord reads its own leases one by one, as a holder does its own among others. `beside`: what
        objectives tell of the same households."""
        read = list(cells)
        known = [frozenset([cell.path]) for cell in read if exact or cell.own]
        parts = [_part(code, cell) for cell in read if not (exact or cell.own)]
        made = groups(parts, least)
        small = small_groups(made, parts, least)
        told = [group for group in made if group not in small and len({path[:2] for path in group}) == 1]
        gone = untold(told, beside, parts, least)
        return cls(code, (*known, *(group for group in told if group not in gone)))

    def has_all(self, cells: Iterable[PublicCell]) -> bool:
        """Is everything that is known of these parts told?"""
        told = {path for group in self.told for path in group}
        return all(cell.path in told for cell in cells if cell.counts[self.code].known)

    def tally(self, kept: Sequence[PublicCell]) -> Tally:
        """What is told of some cells."""
        wanted = {cell.path: cell.counts[self.code] for cell in kept}
        inside = [group for group in self.told if group <= wanted.keys()]
        shown = sum((wanted[path] for group in inside for path in group), Counts())
        every = sum(wanted.values(), Counts())
        return Tally(shown.count if inside else None, shown.known, every.known - shown.known, every.unknown)


def tell(cells: Sequence[PublicCell], least: int, *, exact: bool = False) -> dict[str, Teller]:
    """What may be told of each public, beside what the objectives tell the same reader."""
    found: dict[str, Teller] = {}
    shown = {} if exact else _shown(cells, least)
    for public in PUBLICS:
        beside: list[Beside] = []
        for also in ALSO:
            if also.public == public.code:
                earlier = [found[each.public] for each in ALSO if each.code == also.code and each.public in found]
                beside += [_beside(also, inside, earlier) for inside in shown.get(also.code, ())]
        found[public.code] = Teller.of(public.code, cells, least, beside, exact=exact)
    return found


def _shown(cells: Iterable[PublicCell], least: int) -> dict[Objective.Code, list[list[PublicCell]]]:
    """The figures that objectives tell, each as the parts of this page: whole groups of landlords and communes, none
    small."""
    at: dict[Path, list[PublicCell]] = defaultdict(list)
    for cell in cells:
        if not cell.own:
            at[cell.path[2:]].append(cell)
    found = {}
    for code in {also.code for also in ALSO}:
        none = ObjectiveCounts()
        made, small = grouped(
            [(path, sum((cell.objectives.get(code, none) for cell in near), none)) for path, near in at.items()], least
        )
        found[code] = [[cell for path in group for cell in at[path]] for group in made if group not in small]
    return found


def _beside(also: Also, cells: Iterable[PublicCell], earlier: Iterable[Teller]) -> Beside:
    """One figure of an objective, beside one public."""
    inside = [cell for cell in cells if also.bears_on(cell.path)]
    paths = frozenset(cell.path for cell in inside)
    counted = sum(cell.objectives[also.code].numerator for cell in inside)
    here = sum(cell.counts[also.public].beside if also.inverted else cell.counts[also.public].count for cell in inside)
    return Beside(paths, counted - here, not (also.wider and any(teller.has_all(inside) for teller in earlier)))


def _part(code: str, cell: PublicCell) -> Part:
    return Part(cell.path, cell.counts[code].count, cell.counts[code].beside)


def _cells(year: int, member: Membership) -> list[PublicCell]:
    """Everything that a person reads. Two queries."""
    counted: dict[str, Any] = {"leases": Count("pk")} | sums()
    for public in PUBLICS:
        counted[f"{public.code}_count"] = Count("pk", filter=public.counted)
        counted[f"{public.code}_beside"] = Count("pk", filter=public.beside)
        counted[f"{public.code}_unknown"] = Count("pk", filter=public.unknown)
    named = ("vacancy__unit__landlord", "vacancy__description__commune", "holder__contingent", "in_qpv", "own")
    leases = readable_leases(member).filter(signed_on__year=year).annotate(own=of_reader(member)).order_by()
    rows: list[dict[str, Any]] = [dict(row) for row in leases.values(*named).annotate(**counted)]
    communes = Territory.objects.as_on({row["vacancy__description__commune"] for row in rows}, end_of(year))
    found: dict[Path, PublicCell] = {}
    for row in rows:
        cell = _cell(row, communes[row["vacancy__description__commune"]])
        before = found.get(cell.path)
        found[cell.path] = _joined(before, cell) if before else cell
    return list(found.values())


def _cell(row: Mapping[str, Any], commune: Territory) -> PublicCell:
    landlord, kind = row["vacancy__unit__landlord"], _kind(row["holder__contingent"])
    # The reader's own leases are parts of their own: they are grouped with nobody else's.
    apart = kind + len(TYPES) if row["own"] else kind
    path = (QUARTERS[row["in_qpv"]], apart, commune.departement_id or 0, commune.epci_id or 0, landlord, commune.pk)
    counts = {
        public.code: Counts(
            row[f"{public.code}_count"],
            row[f"{public.code}_beside"],
            row["leases"] - row[f"{public.code}_unknown"],
            row[f"{public.code}_unknown"],
        )
        for public in PUBLICS
    }
    return PublicCell(path, landlord, kind, commune, row["leases"], counts, counts_of(row), row["own"])


def _joined(one: PublicCell, other: PublicCell) -> PublicCell:
    """One part a path: contingents of one kind are one."""
    counts = {code: one.counts[code] + other.counts[code] for code in one.counts}
    objectives = {code: one.objectives[code] + other.objectives[code] for code in one.objectives}
    leases = one.leases + other.leases
    return PublicCell(one.path, one.landlord, one.kind, one.commune, leases, counts, objectives, one.own)
