"""Do the conventions that bind landlords on a day keep to the law?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from django.db.models import Exists, F, OuterRef

from reservations.models import Convention, Landlord, LegalParameter, Organisation, PauseAccord, Territory
from reservations.models.convention import UNIT
from reservations.models.legal_parameter import figures_on
from reservations.models.territory import holds_one_of, within
from reservations.models.together import Steps, read_whole, stepwise, together
from reservations.queries.checks.caps import CAPPED, ONE_DAY, Caps, Limits, caps
from reservations.queries.checks.findings import (
    ConventionEnding,
    DerogationEnding,
    Finding,
    GuaranteeEnding,
    Interrupted,
    OutOfPlace,
    OverCapNow,
    OverCommitted,
    TwoConventions,
    Unrecorded,
)
from reservations.queries.checks.quotas import Promised, by_departement
from reservations.queries.checks.shares import guarantee_share, outside_qpv, uniform
from reservations.queries.rights import Right, rights_of


@stepwise
def findings_of(
    landlords: Sequence[Landlord], *, on: date, territory: Territory | None = None
) -> Steps[dict[int, list[Finding]]]:
    """What is found of several landlords (by id) over all that binds them on a day, refusals first.

    `territory` keeps what bears on its communes only. Three queries, whatever the number of landlords.
    """
    surroundings = yield from _read(landlords, on, territory)
    return {
        landlord.pk: sorted(_checks(landlord, surroundings, on), key=lambda finding: not finding.is_refusal)
        for landlord in landlords
    }


@dataclass(frozen=True, slots=True)
class _Surroundings:
    """What the checks of all the landlords read."""

    rights: Mapping[int, Sequence[Right]]
    communes: Sequence[Territory]
    conventions: Mapping[int, Sequence[Any]]
    caps: Caps
    limits: Limits


def _read(landlords: Sequence[Landlord], on: date, territory: Territory | None) -> Steps[_Surroundings]:
    binding = Convention.objects.binding().filter(landlord__in=landlords)
    if territory is not None:
        communes = Territory.objects.communes_within(territory)
        binding = binding.filter(holds_one_of(communes, "perimeter"))
    succeeded = PauseAccord.objects.filter(pause__convention=OuterRef("pk"), means=PauseAccord.Means.SUCCESSION)
    binding = binding.annotate(goes_on=Exists(succeeded.filter(pause__is_final=True)))
    held: dict[int, list[Right]] = defaultdict(list)
    for right in rights_of(landlords, since=on, until=on):
        held[right.convention.landlord_id].append(right)
    perimeters = {right.perimeter_id for each in held.values() for right in each}
    every = Territory.objects.filter(kind__in=Territory.COMMUNAL).filter(within(perimeters))
    if territory is not None:
        every = every.filter(within(territory.pk))
    bound, communes, in_force, limits = yield from together(
        read_whole(binding.select_related("organisation__territory", "perimeter").order_by("starts_on", "pk")),
        read_whole(every.order_by(F("population").desc(nulls_last=True), "pk")),
        caps.steps(landlords, since=on, until=on),
        figures_on.steps(on),
    )
    conventions: dict[int, list[Any]] = defaultdict(list)
    for convention in bound:
        conventions[convention.landlord_id].append(convention)
    return _Surroundings(held, communes, conventions, in_force, limits)


def _checks(landlord: Landlord, read: _Surroundings, on: date) -> Iterator[Finding]:
    groups = _groups(read.rights.get(landlord.pk, ()), read.communes, on)
    yield from _over_caps(landlord, groups, read.caps, on)
    yield from uniform(groups)
    yield from outside_qpv(groups, read.limits)
    yield from guarantee_share(groups, read.limits)
    yield from _over_committed(groups)
    conventions = read.conventions.get(landlord.pk, ())
    yield from _out_of_place(conventions, on)
    yield from _two_conventions(groups)
    yield from _interrupted(conventions, on)
    yield from _ending(conventions, read.limits, on)
    yield from _guarantees_ending(read.rights.get(landlord.pk, ()), read.limits, on)


def _groups(held: Sequence[Right], communes: Iterable[Territory], on: date) -> list[Promised]:
    """Communes that the same perimeters cover, with what is promised there; the most populated first."""
    perimeters = {right.perimeter_id for right in held}
    perimeters |= {cell.territory for right in held for cell in right.rates if cell.territory is not None}
    counts: dict[tuple[int | None, frozenset[int]], int] = defaultdict(int)
    largest: dict[tuple[int | None, frozenset[int]], Territory] = {}
    for commune in communes:
        covered = frozenset(commune.covering_ids() & perimeters)
        if covered:
            key = (commune.departement_id, covered)
            counts[key] += 1
            largest.setdefault(key, commune)
    return [
        Promised(commune, counts[key], tuple(right for right in held if right.perimeter_id in key[1]), key[1], on.year)
        for key, commune in largest.items()
    ]


def _over_caps(landlord: Landlord, groups: Sequence[Promised], in_force: Caps, on: date) -> Iterator[Finding]:
    """The State's share over its cap, in the commune of each département where it is the highest; where a table says
    what it is, it is weighed by the flow expected, above the rights."""
    for capped in CAPPED:
        for departement in by_departement(groups):
            most = max(departement, key=lambda group: group.total(capped.contingents))
            total = most.total(capped.contingents)
            if not total or any(group.has_table(capped.contingents) for group in departement):
                continue
            cap = in_force.on(capped.parameter, on, landlord=landlord.pk, departement=most.commune.departement_id)
            if cap is None:
                yield Unrecorded(parameter=capped.parameter)
            elif total > cap.share:
                over = [group for group in departement if group.total(capped.contingents) > cap.share]
                yield OverCapNow(
                    capped=capped, cap=cap, most=most, total=total, over=tuple(over), measured=total, limit=cap.share
                )
            if cap is not None and cap.derogation is not None:
                yield DerogationEnding(
                    capped=capped, share=cap.share, order=cap.derogation, measured=total, limit=cap.share
                )


def _over_committed(groups: Sequence[Promised]) -> Iterator[Finding]:
    for departement in by_departement(groups):
        most = max(departement, key=Promised.total)
        total = most.total()
        if total > UNIT:
            yield OverCommitted(most=most, total=total, measured=total, limit=UNIT)


def _in_force(conventions: Iterable[Convention], on: date) -> list[Convention]:
    return [convention for convention in conventions if convention.starts_on <= on <= convention.ends_on]


def _out_of_place(conventions: Iterable[Convention], on: date) -> Iterator[Finding]:
    """A commune or an EPCI has rights on its own territory only."""
    for convention in _in_force(conventions, on):
        organisation = convention.organisation
        if organisation.kind in Organisation.OWN_TERRITORY and organisation.territory != convention.perimeter:
            yield OutOfPlace(convention=convention)


def _two_conventions(groups: Iterable[Promised]) -> Iterator[Finding]:
    """Two conventions of one signatory in force on one commune: the law knows one per département."""
    reported = set()
    for group in groups:
        of_one: dict[int, dict[int, Convention]] = defaultdict(dict)
        for right in group.held:
            of_one[right.convention.organisation_id][right.convention.pk] = right.convention
        for found in of_one.values():
            if len(found) > 1 and (pair := frozenset(found)) not in reported:
                reported.add(pair)
                first, *_ = found.values()
                yield TwoConventions(convention=first, group=group, several=tuple(found.values()))


def _lines(conventions: Iterable[Any]) -> list[list[Any]]:
    """Conventions that follow one another with one signatory on one perimeter, in the order of their dates."""
    found: dict[tuple[int, int], list[Any]] = defaultdict(list)
    for convention in conventions:
        found[convention.organisation_id, convention.perimeter_id].append(convention)
    return list(found.values())


def _interrupted(conventions: Iterable[Convention], on: date) -> Iterator[Finding]:
    """A convention before, another after, and none today or in the time to come."""
    for line in _lines(conventions):
        for before, after in pairwise(line):
            since, until = before.ends_on + ONE_DAY, after.starts_on - ONE_DAY
            if since <= until and until >= on:
                yield Interrupted(convention=after, since=since, until=until)


def _ending(conventions: Iterable[Any], bounds: Limits, on: date) -> Iterator[Finding]:
    """Conventions that end within the notice, with nothing signed for the day after, and that do not go on with who
    succeeds to a party (Code de commerce, L236-3)."""
    notice = notice_days(bounds)
    if notice is None:
        yield Unrecorded(parameter=LegalParameter.Code.EXPIRY_WARNING_DAYS)
        return
    for line in _lines(conventions):
        last = line[-1]
        days = (last.ends_on - on).days
        if last.starts_on <= on and 0 <= days <= notice and not last.goes_on:
            yield ConventionEnding(convention=last, days=days)


def _guarantees_ending(held: Iterable[Right], bounds: Limits, on: date) -> Iterator[Finding]:
    """Guarantees whose rights end within the notice: the landlord states the guarantor (CCH, R441-6)."""
    notice = notice_days(bounds)
    for right in held:
        if any(right.lost) and notice is not None and (days := (right.ends_on - on).days) <= notice:
            yield GuaranteeEnding(right=right, days=days, convention=right.convention)


def notice_days(bounds: Limits) -> int | None:
    """How long before an end it is worth a warning, in days; None when nobody recorded it."""
    value = bounds.get(LegalParameter.Code.EXPIRY_WARNING_DAYS)
    return None if value is None else int(value)
