"""The objectives of a year's leases: numerator, denominator, rate, the target that holds (CCH, L441-1).

Read from the leases in force, with the facts kept at the signature, whatever became of the named files. What is not
given is counted apart, never dropped nor guessed. Definitions: docs/decisions/0023; who reads which:
docs/disclosure.md.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import ceil, floor
from typing import Any

from attributions.bilan.blocks import Disclosure, Path
from attributions.bilan.models import Objective, StatedPurpose
from attributions.bilan.moved import Seal
from attributions.bilan.moved_leases import NOTHING_SINCE, LeaseChange, LeasesSince, Then
from attributions.bilan.queries.objective_cells import (
    ObjectiveCell,
    OfEach,
    Target,
    closest,
    common_cells,
    disclosures,
    in_force,
    least_shown,
    narrowing,
    readable_cells,
    readable_rows,
)
from attributions.bilan.queries.objective_leases import OF_UNITS, Counts
from attributions.bilan.queries.objective_since import leases_since, leases_then
from attributions.bilan.queries.publics import stated_purpose
from flux.models import Vacancy
from flux.queries.state_cap import is_rounding
from reservations.models import Landlord, Membership, Territory
from reservations.models.convention import UNIT
from reservations.models.territory import end_of
from reservations.models.together import Steps, queried, stepwise, together
from reservations.models.wall import of_one_moment
from reservations.rounding import ENOUGH, rate_of, steps

Code = Objective.Code


@dataclass(frozen=True, slots=True)
class Score:
    """One objective. `counts` is None when the reader may not have them (docs/disclosure.md): a part of them is never
    given in their stead, but the bounds of the numerator that anybody finds, in `within`; None where there are none.
    `own`: those of the reader's own leases, a part; None when it has no part of its own.

    `targets`: each rate in force at the end of the year, for how many of the leases; the first is the widest.
    """

    code: Objective.Code
    denominator: int
    unplaced: int
    counts: Counts | None
    own: Counts | None
    targets: tuple[Target, ...]
    within: tuple[int, int] | None = None

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
        """Too few leases for a verdict: the counts are given, and nothing is stated good or bad."""
        return self.denominator < ENOUGH

    @property
    def ends(self) -> tuple[int, int] | None:
        """The least and the most that the numerator may be, for this reader; None when nothing is shown of it."""
        return self.within if self.counts is None else (self.counts.numerator, self.counts.numerator)

    @property
    def reached(self) -> bool | None:
        """Is the target reached? Between two bounds: only where both say the same. None when there are too few leases
        to say, no target, when it is not shown, or when it is not certain."""
        if self.ends is None or self.is_few or not self.targets:
            return None
        answers = {self._missing(each) == 0 for each in self.ends}
        return answers.pop() if len(answers) == 1 else None

    @property
    def missing(self) -> int | None:
        """On the leases as they are: how many more it took; of a ceiling, how many too many. None: not shown."""
        return self._missing(self.counts.numerator) if self.counts is not None and self.targets else None

    @property
    def missing_within(self) -> tuple[int, int] | None:
        """The least and the most of it, which are the same where the counts are shown."""
        if self.ends is None or not self.targets:
            return None
        least, most = sorted(self._missing(each) for each in self.ends)
        return least, most

    def _missing(self, numerator: int) -> int:
        return max(0, numerator - floor(self.asked) if self.is_ceiling else ceil(self.asked) - numerator)

    @property
    def is_rounding(self) -> bool:
        """Is a ceiling passed by less than one lease? Read as the cap of the flow is, beside which it is shown."""
        return self.is_ceiling and self.counts is not None and is_rounding(self.counts.numerator - self.asked)

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
class Reading:
    """Everything that one person reads of a year's leases, from which any scope is scored without another query.

    `disclosed`: which counts are shown; None: all of them. `purpose`: why the reader has them all, as it stated it;
    None for who needs none. `own`: the reader's own leases, None for who has none. `since`: what was recorded after
    the balances of the year were sealed, that it leaves out.
    """

    cells: tuple[ObjectiveCell, ...]
    rates: tuple[Objective, ...]
    least: int
    disclosed: Mapping[Objective.Code, Disclosure] | None = None
    own: Mapping[Path, OfEach] | None = None
    purpose: StatedPurpose | None = field(default=None, compare=False)
    since: LeasesSince = NOTHING_SINCE

    @property
    def is_whole(self) -> bool:
        """Are all the counts shown?"""
        return self.disclosed is None

    def changes(self, landlords: Collection[int] | None, territory: Territory | None) -> list[LeaseChange]:
        """What was recorded after the seals, of some landlords (ids) and on one territory. No query."""
        return [
            each
            for each in self.since.changes
            if (landlords is None or each.landlord in landlords)
            and (territory is None or territory.pk in each.commune.covering_ids())
        ]

    def scores(
        self, *, landlords: Collection[Landlord] | None = None, territory: Territory | None = None
    ) -> list[Score]:
        """The objectives of some landlords together, on one territory, or of all that one reads. No query."""
        return [self.score(code, landlords=landlords, territory=territory) for code in Code]

    def score(
        self,
        code: Objective.Code,
        *,
        landlords: Collection[Landlord] | None = None,
        territory: Territory | None = None,
    ) -> Score:
        """One of them. No query."""
        kept = self._kept(None if landlords is None else {landlord.pk for landlord in landlords}, territory)
        every = sum((cell.counts[code] for cell in kept), Counts())
        low, high = self._bounds(code, kept, every)
        counts = every if low == high else None
        own = None
        if self.own is not None:
            own = sum((self.own[cell.path][code] for cell in kept if cell.path in self.own), Counts())
            counts = own if own.denominator == every.denominator else counts
        alone = next(iter(landlords)) if landlords is not None and len(landlords) == 1 else None
        return Score(
            code=code,
            denominator=every.denominator,
            unplaced=every.unplaced,
            counts=counts,
            own=own,
            targets=_targets(code, kept, self.rates, landlord=alone, territory=territory),
            within=(low, high) if counts is None and (low, high) != (0, every.denominator) else None,
        )

    def together(self, code: Objective.Code, territory: Territory | None = None) -> list[frozenset[int]]:
        """The landlords (ids) of a place, those that no shown figure of this objective distinguishes with each
        other."""
        kept = {cell.path: cell.landlord for cell in self._kept(None, territory)}
        found = [{landlord} for landlord in dict.fromkeys(kept.values())]
        for group in self._disclosure(code).exact if not self._is_disclosed(code) else ():
            if not group <= kept.keys():
                continue
            met = {kept[path] for path in group}
            near = [each for each in found if each & met]
            found = [each for each in found if not each & met] + [set().union(*near)]
        return [frozenset(each) for each in found]

    def _kept(self, landlords: set[int] | None, territory: Territory | None) -> list[ObjectiveCell]:
        return [
            cell
            for cell in self.cells
            if (landlords is None or cell.landlord in landlords)
            and (territory is None or territory.pk in cell.commune.covering_ids())
        ]

    def _is_disclosed(self, code: Objective.Code) -> bool:
        return self.disclosed is None or code in OF_UNITS

    def _disclosure(self, code: Objective.Code) -> Disclosure:
        return (self.disclosed or {})[code]

    def _bounds(self, code: Objective.Code, kept: Iterable[ObjectiveCell], every: Counts) -> tuple[int, int]:
        if self._is_disclosed(code):
            return every.numerator, every.numerator
        return self._disclosure(code).bounds(cell.path for cell in kept if cell.counts[code].denominator)


@of_one_moment
@stepwise
def reading(year: int, *, member: Membership | None = None) -> Steps[Reading]:
    """What a person reads of a year's leases, as its balances were sealed. Whole for commands, for a landlord its own,
    for an officer who stated why (`stated_purpose`); the others read of the same places what everybody reads, and their
    own leases. Five queries at most, whatever there is to count, and three where leases count otherwise since."""
    end = end_of(year)
    rows, rates, least, purpose = yield from together(
        readable_rows.steps(year, member),
        in_force.steps(end),
        least_shown.steps(end),
        stated_purpose.steps(member, year),
    )
    then = yield from _then(year, member, rows)
    seen = None if member is None or member.is_administrator else Vacancy.objects.visible_to(member)
    since = leases_since(year, then, seen=seen, opens=member is not None and member.is_landlord)
    cells, own = yield from readable_cells.steps(year, member, [*rows, *since.rows])
    if member is None or member.is_landlord or purpose is not None:
        return Reading(tuple(cells), tuple(rates), least, purpose=purpose, since=since)
    read = {cell.path for cell in cells}
    common = yield from _common(year, {path[0] for path in read}, tuple(rates), then)
    return replace(
        common,
        cells=tuple(cell for cell in common.cells if cell.path in read),
        own=own if member.is_holder else None,
        since=since,
    )


def _then(
    year: int, member: Membership | None, rows: Iterable[Mapping[str, Any]]
) -> Steps[tuple[list[Seal], list[Then]]]:
    """The seals of what a person reads: of its own balances, or of the départements where it reads a lease."""
    if member is None:
        return (yield from leases_then.steps(year))
    if member.landlord is not None:
        return (yield from leases_then.steps(year, landlord=member.landlord.pk))
    place = member.organisation.territory
    around = {place.pk, place.departement_id} if place else set()
    met = around | {row["commune__departement"] for row in rows}
    return (yield from leases_then.steps(year, departements={each for each in met if each is not None}))


@of_one_moment
@stepwise
def published(year: int, territory: Territory) -> Steps[Reading]:
    """What everybody reads of a territory's leases: the figures of its papers, whoever draws them. Six queries, and
    two where leases count otherwise since their seal."""
    communes = Territory.objects.communes_within(territory, on=end_of(year)).order_by().values("pk")
    met = Territory.objects.covering(communes, on=end_of(year)).filter(kind=Territory.Kind.DEPARTEMENT)
    (rows,), rates = yield from together(queried(met.order_by().values_list("pk")), in_force.steps(end_of(year)))
    departements = {departement for (departement,) in rows}
    then = yield from leases_then.steps(year, departements=departements)
    return (yield from _common(year, departements, tuple(rates), then))


def _common(
    year: int, departements: Collection[int], rates: tuple[Objective, ...], then: tuple[list[Seal], list[Then]]
) -> Steps[Reading]:
    since = leases_since(year, then)
    cells, least = yield from together(
        common_cells.steps(year, departements, since.rows), least_shown.steps(end_of(year))
    )
    return Reading(tuple(cells), rates, least, disclosed=disclosures(cells, least), since=since)


def objectives(
    year: int,
    *,
    landlord: Landlord | None = None,
    territory: Territory | None = None,
    member: Membership | None = None,
) -> list[Score]:
    """The objectives of the leases signed in a year, of one landlord, on one territory, or of all that one
    reads."""
    landlords = None if landlord is None else [landlord]
    return reading(year, member=member).scores(landlords=landlords, territory=territory)


def _targets(
    code: Code,
    kept: Sequence[ObjectiveCell],
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
