"""The six objectives of a year's leases: numerator, denominator, rate, the target that holds (CCH, L441-1).

Read from the standing leases, with the facts kept at the signature, whatever became of the named files. What is not
given is counted apart, never dropped nor guessed. Definitions: docs/decisions/0023.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import ceil, floor

from django.db.models import BooleanField, Case, Count, F, Q, QuerySet, Sum, Value, When

from attributions.bilan.models import Objective
from attributions.bilan.queries.objective_rules import OF_UNITS, RULES, Counts, counts_of, sums
from attributions.bilan.queries.objective_targets import Target, closest, in_force, narrowing
from attributions.bilan.queries.small_cells import Group, Part, Path, groups, least_shown, may_show, small_groups
from attributions.households.models import Lease
from flux.models import FlowEntry, Ledger, Vacancy
from reservations.models import Landlord, Membership, Territory
from reservations.models.convention import UNIT
from reservations.models.territory import end_of, within
from reservations.rounding import ENOUGH, rate_of, steps

Code = Objective.Code


@dataclass(frozen=True, slots=True)
class Score:
    """One objective. `counts` is None when the reader may not have them: too few households; `small` then says that
    they are fewer than `least`, and `part` counts the leases that may be told, without the others. `own`: those of the
    reader's own leases, a part; None when it has no part of its own.

    `targets`: each rate in force at the end of the year, for how many of the leases; the first is the widest.
    """

    code: Objective.Code
    denominator: int
    unplaced: int
    counts: Counts | None
    small: bool
    least: int
    own: Counts | None
    targets: tuple[Target, ...]
    part: Counts | None = None

    @property
    def words(self) -> str:
        return str(self.code.label)

    @property
    def is_ceiling(self) -> bool:
        return self.code in Objective.CEILINGS

    @property
    def asked(self) -> Fraction:
        """What the targets make of these leases, in leases: each rate on its own part."""
        return sum((Fraction(each.objective.percent) * each.leases / 100 for each in self.targets), Fraction())

    @property
    def share_asked(self) -> int | None:
        """The same as a share of the leases, in millionths, to the nearest; None when no target is in force."""
        if not self.targets:
            return None
        if not self.denominator:
            return self.targets[0].percent
        return steps(self.asked * UNIT / self.denominator)

    @property
    def rate(self) -> int | None:
        """The numerator as a share of the denominator, in millionths, to the nearest tenth of a per cent; `reached` and
        `missing` are of the counts. None when it is not shown."""
        return rate_of(self.counts.numerator, self.denominator) if self.counts is not None else None

    @property
    def is_few(self) -> bool:
        """Too few leases for a verdict: the counts are given, and nothing is said good or bad."""
        return self.denominator < ENOUGH

    @property
    def reached(self) -> bool | None:
        """Is the target reached? None when there are too few leases to say, no target, or when it is not shown."""
        if self.counts is None or self.is_few or not self.targets:
            return None
        return self.missing == 0

    @property
    def missing(self) -> int | None:
        """On the leases as they are: how many more it took; of a ceiling, how many too many. None: not shown."""
        if self.counts is None or not self.targets:
            return None
        if self.is_ceiling:
            return max(0, self.counts.numerator - floor(self.asked))
        return max(0, ceil(self.asked) - self.counts.numerator)

    @property
    def to_come(self) -> int | None:
        """While the year runs, leases that it takes one after the other to reach the target: each counts too. Of a
        ceiling, leases to others. None when it is not shown, or no number would do."""
        if not self.missing or self.counts is None:
            return self.missing
        rate = self.asked / self.denominator
        if self.is_ceiling:
            return ceil(self.counts.numerator / rate) - self.denominator if rate else None
        return ceil((self.asked - self.counts.numerator) / (1 - rate)) if rate < 1 else None


@dataclass(frozen=True, slots=True)
class _Cell:
    """Leases of one landlord in one commune; `own`: of the reader."""

    path: Path
    landlord: int
    commune: Territory
    own: bool
    counts: dict[Objective.Code, Counts]


def readable_leases(member: Membership | None) -> QuerySet[Lease]:
    """Standing leases of the units that a person sees listed: counts are common. Commands have no member."""
    standing = Lease.objects.filter(cancelled_at=None, vacancy__cancelled_at=None)
    if member is None or member.is_administrator:
        return standing
    return standing.filter(vacancy__in=Vacancy.objects.visible_to(member).order_by().values("pk"))


def own_leases(member: Membership) -> QuerySet[Lease]:
    """Those that a person may open one by one: a landlord its own; a holder those of its units, or of the State that it
    acts for. Nobody else's."""
    standing = readable_leases(member)
    if member.is_landlord:
        return standing
    return standing.filter(_of(member)) if member.is_holder else standing.none()


def of_reader(member: Membership | None) -> Case:
    """Whether a lease is one of those that a holder opens one by one, as an annotation: such leases hide no one."""
    mine = _of(member) if member is not None and member.is_holder else Q(pk=None)
    return Case(When(mine, then=Value(True)), default=Value(False), output_field=BooleanField())


def _of(member: Membership) -> Q:
    return Q(holder__organisation=member.organisation_id) | Q(routing__acting=member.organisation_id)


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything that one person reads of a year's leases, from which any scope is scored without another query.

    `made` groups the small counts of each objective once for all: every score of a reading is a sum of the same groups.
    """

    cells: tuple[_Cell, ...]
    rates: tuple[Objective, ...]
    least: int
    exact: bool
    holds: bool
    made: dict[Objective.Code, tuple[list[Group], list[Group]]]

    def scores(self, *, landlord: Landlord | None = None, territory: Territory | None = None) -> list[Score]:
        """The six objectives of one landlord, on one territory, or of all that one reads. No query."""
        kept = [
            cell
            for cell in self.cells
            if (landlord is None or cell.landlord == landlord.pk)
            and (territory is None or territory.pk in cell.commune.covering_ids())
        ]
        scores = []
        for code in Code:
            every = sum((cell.counts[code] for cell in kept), Counts())
            shown = self.exact or code in OF_UNITS or self._may_show(code, kept)
            mine = [cell.counts[code] for cell in kept if cell.own]
            scores.append(
                Score(
                    code=code,
                    denominator=every.denominator,
                    unplaced=every.unplaced,
                    counts=every if shown else None,
                    small=every.numerator < self.least,
                    least=self.least,
                    own=sum(mine, Counts()) if self.holds else None,
                    targets=_targets(code, kept, self.rates, landlord=landlord, territory=territory),
                    part=None if shown else self._part(code, kept),
                )
            )
        return scores

    def _may_show(self, code: Code, kept: Iterable[_Cell]) -> bool:
        """May a reader have this count? Its own leases, which it knows, are left out."""
        wanted = {cell.path for cell in kept if not cell.own and cell.counts[code].denominator}
        return may_show(wanted, *self.made[code])

    def _part(self, code: Code, kept: Iterable[_Cell]) -> Counts | None:
        """What may be told of a count that may not: its whole groups, none small; None when there is none."""
        of = {cell.path: cell.counts[code] for cell in kept if not cell.own and cell.counts[code].denominator}
        made, small = self.made[code]
        inside = [group for group in made if group <= of.keys() and group not in small]
        return sum((of[path] for group in inside for path in group), Counts()) if inside else None


def reading(year: int, *, member: Membership | None = None) -> Reading:
    """What a person reads of a year's leases: exact for commands, and for a landlord that reads its own; others read
    large counts only (`small_cells`), and their own leases. Four queries, whatever there is to count."""
    found = _cells(year, member)
    end = date(year, 12, 31)
    least = least_shown(end)
    exact = member is None or member.is_landlord
    return Reading(
        cells=tuple(found),
        rates=tuple(in_force(end)),
        least=least,
        exact=exact,
        holds=not exact and member is not None and member.is_holder,
        made={} if exact else {code: grouped(_of_others(code, found), least) for code in Code if code not in OF_UNITS},
    )


def objectives(
    year: int,
    *,
    landlord: Landlord | None = None,
    territory: Territory | None = None,
    member: Membership | None = None,
) -> list[Score]:
    """The six objectives of the leases signed in a year, of one landlord, on one territory, or of all that one reads.
    Four queries."""
    return reading(year, member=member).scores(landlord=landlord, territory=territory)


def _cells(year: int, member: Membership | None) -> list[_Cell]:
    """Counts of all that a person reads, by landlord, commune, and its own leases apart. Two queries."""
    rows = list(
        readable_leases(member)
        .filter(signed_on__year=year)
        .annotate(own=of_reader(member))
        .order_by()
        .values("vacancy__unit__landlord", "vacancy__description__commune", "own")
        .annotate(**sums())
    )
    communes = Territory.objects.as_on({row["vacancy__description__commune"] for row in rows}, end_of(year))
    cells = []
    for row in rows:
        commune, landlord = communes[row["vacancy__description__commune"]], row["vacancy__unit__landlord"]
        path = (commune.departement_id or 0, commune.epci_id or 0, landlord, commune.pk)
        cells.append(_Cell(path, landlord, commune, row["own"], counts_of(row)))
    return cells


def _of_others(code: Code, cells: Iterable[_Cell]) -> list[tuple[Path, Counts]]:
    return [(cell.path, cell.counts[code]) for cell in cells if not cell.own]


def grouped(counts: Iterable[tuple[Path, Counts]], least: int) -> tuple[list[Group], list[Group]]:
    """The groups of an objective, and those that stay small, from the counts of each landlord in each commune, the
    reader's own leases left out. They are made of everything that is read, so that no two pages differ by a few."""
    parts = [Part(path, each.numerator, each.rest) for path, each in counts if each.denominator]
    made = groups(parts, least)
    return made, small_groups(made, parts, least)


def _targets(
    code: Code,
    kept: Sequence[_Cell],
    rates: Sequence[Objective],
    *,
    landlord: Landlord | None,
    territory: Territory | None,
) -> tuple[Target, ...]:
    """The closest rate for each lease: of the landlord there, then of the place, then of the law."""
    leases: dict[Objective, int] = {}
    for cell in kept:
        count = cell.counts[code].denominator
        chosen = closest(code, rates, landlord=cell.landlord, places=narrowing(cell.commune))
        if count and chosen is not None:
            leases[chosen] = leases.get(chosen, 0) + count
    if not leases:
        places = narrowing(territory) if territory else []
        chosen = closest(code, rates, landlord=landlord.pk if landlord else None, places=places)
        return (Target(chosen, 0),) if chosen is not None else ()
    ranked = sorted(leases.items(), key=lambda pair: (-pair[1], pair[0].pk))
    return tuple(Target(objective, count) for objective, count in ranked)


def leases_behind(
    code: Code,
    year: int,
    *,
    member: Membership,
    landlord: Landlord | None = None,
    territory: Territory | None = None,
    stands: str = "",
) -> QuerySet[Lease]:
    """The leases of an objective that a person may open, each with how it `stands`: counted, unknown, or no."""
    rule = RULES[code]
    counted, unknown = When(rule.counted, then=Value("counted")), When(rule.unknown, then=Value("unknown"))
    found = own_leases(member).filter(rule.among, signed_on__year=year)
    found = found.annotate(stands=Case(counted, unknown, default=Value("no")))
    if stands:
        found = found.filter(stands=stands)
    if landlord is not None:
        found = found.filter(vacancy__unit__landlord=landlord)
    if territory is not None:
        found = found.filter(within(territory.pk, commune="vacancy__description__commune", on=end_of(year)))
    return found.order_by("-signed_on", "-pk")


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A unit of an account whose leases and entries do not say the same: by holder (id), leases then LEASED entries."""

    vacancy: int
    holder: int | None
    leases: int
    entries: int


def unmatched(ledgers: Collection[Ledger]) -> list[Unmatched]:
    """Where the standing leases of these accounts' units differ from their LEASED entries: nowhere, when both were
    written by the same act. Two queries."""
    leases = {
        (vacancy, holder): count
        for vacancy, holder, count in Lease.objects.filter(vacancy__ledger__in=ledgers, cancelled_at=None)
        .order_by()
        .values_list("vacancy", "holder")
        .annotate(count=Count("pk"))
    }
    entries = {
        (vacancy, holder): count
        for vacancy, holder, count in FlowEntry.objects.filter(
            ledger__in=ledgers, ledger=F("vacancy__ledger"), stage=FlowEntry.Stage.LEASED
        )
        .order_by()
        .values_list("vacancy", "holder")
        .annotate(count=Sum("quantity"))
    }
    keys = sorted({*leases, *entries}, key=lambda key: (key[0], key[1] or 0))
    found = [Unmatched(*key, leases.get(key, 0), entries.get(key, 0)) for key in keys]
    return [each for each in found if each.leases != each.entries]


def leases_of_nobody(year: int, *, member: Membership, landlord: Landlord | None = None) -> list[Vacancy]:
    """Units whose account of the year says « leased » while no household is known here: they lack in the objectives.
    For those who can say who was housed, or see that it is said: the landlord and administrators; [] for others."""
    if not (member.is_landlord or member.is_administrator):
        return []
    ledgers = Ledger.objects.visible_to(member).filter(exercise=year)
    if landlord is not None:
        ledgers = ledgers.filter(landlord=landlord)
    lacking = {each.vacancy for each in unmatched(list(ledgers)) if each.entries > each.leases}
    return list(Vacancy.objects.filter(pk__in=lacking).select_related("unit").order_by("unit__reference", "pk"))
