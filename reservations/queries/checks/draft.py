"""What a convention that is still negotiated would break, or leave to watch, once signed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from django.db.models import Q, QuerySet

from reservations.models import Convention, Organisation, Quota, ReservationHolder, Territory
from reservations.models.convention import UNIT
from reservations.models.legal_parameter import figures_on
from reservations.queries.checks.caps import CAPPED, ONE_DAY, Cap, Capped, Caps, caps
from reservations.queries.checks.findings import (
    CapUnrecorded,
    Finding,
    NoQuota,
    NotDepartement,
    NotOwnTerritory,
    OverCap,
    PeriodGap,
    PeriodOverlap,
    PeriodPast,
    RankTaken,
    SecondConvention,
    TooMuchPromised,
    UnitsMixed,
)
from reservations.queries.checks.quotas import Promised
from reservations.queries.checks.shares import guarantee_share, outside_qpv, uniform
from reservations.queries.rights import Promise, over_commitment, promises


def findings(convention: Convention, *, on: date) -> list[Finding]:
    """All that is found of a draft or a proposal on a day, refusals first. A fixed number of queries.

    Shown live while it is negotiated; its refusals are enforced at signature. `on` is the day of signature; the caps
    that count are those in force in the convention's own period. What an amendment replaces is not counted beside it.
    """
    quotas = list(convention.quotas.select_related("holder__organisation").order_by("rank", "pk"))
    found: list[Finding] = [*_terms(convention, quotas, on), *_place(convention)]
    in_period = caps([convention.landlord], since=convention.starts_on, until=convention.ends_on)
    moments = {day for capped in CAPPED for day in in_period.moments(capped.parameter, landlord=convention.landlord_id)}
    promised = promises(convention, moments=moments)
    if any(quota.holder.contingent in ReservationHolder.STATE for quota in quotas):
        found += _caps(convention, quotas, in_period, promised)
    found += _ranks(convention, quotas)
    found += _overlaps(convention)
    found += _two_conventions(convention, promised)
    found += _units_apart(convention, quotas)
    if excess := over_commitment(promised):
        found.append(TooMuchPromised(convention=convention, excess=excess, measured=excess.total, limit=UNIT))
    found += _surveyed(convention, quotas, promised)
    found += _gaps(convention)
    return sorted(found, key=lambda finding: not finding.is_refusal)


def _terms(convention: Convention, quotas: Sequence[Quota], on: date) -> Iterator[Finding]:
    if not quotas:
        yield NoQuota(convention=convention)
    if convention.ends_on < on:
        yield PeriodPast(convention=convention)


def _place(convention: Convention) -> Iterator[Finding]:
    """Where the convention bears: the draft was written there, but a territory may have been corrected since."""
    organisation, perimeter = convention.organisation, convention.perimeter
    if organisation.kind in Organisation.OWN_TERRITORY:
        if organisation.territory_id != perimeter.pk:
            yield NotOwnTerritory(convention=convention)
    elif perimeter.kind != perimeter.Kind.DEPARTEMENT:
        yield NotDepartement(convention=convention)


def _caps(
    convention: Convention, quotas: Sequence[Quota], in_period: Caps, promised: Sequence[Promise]
) -> Iterator[Finding]:
    """The State's share, summed over all conventions on the same communes, under every cap in force in the period."""
    for capped in CAPPED:
        without = in_period.first_day_without(capped.parameter, convention.starts_on, convention.ends_on)
        if without is not None:
            yield CapUnrecorded(convention=convention, capped=capped, day=without)
        elif any(quota.holder.contingent in capped.contingents for quota in quotas):
            yield from _over_cap(convention, capped, in_period, promised)


def _over_cap(
    convention: Convention, capped: Capped, in_period: Caps, promised: Sequence[Promise]
) -> Iterator[Finding]:
    """The widest excess of the State's share over the cap of its day; nothing without excess. Where a table says what
    the share is, over here and under there, it is weighed by the flow expected, above the rights."""
    widest: tuple[int, Cap, Promise, int] | None = None
    for promise in promised:
        cap = in_period.on(
            capped.parameter,
            promise.on,
            landlord=convention.landlord_id,
            departement=promise.commune.departement_id or convention.perimeter_id,
        )
        if any(right.rates for right in promise.held if right.holder.contingent in capped.contingents):
            continue
        total = promise.total(capped.contingents)
        if cap is not None and total > cap.share and (widest is None or total - cap.share > widest[0]):
            widest = (total - cap.share, cap, promise, total)
    if widest is None:
        return
    _, cap, promise, total = widest
    others = {
        right.convention.pk: right.convention
        for right in promise.held
        if right.holder.contingent in capped.contingents and right.convention != convention
    }
    yield OverCap(
        convention=convention,
        capped=capped,
        cap=cap,
        promise=promise,
        total=total,
        others=tuple(others.values()),
        measured=total,
        limit=cap.share,
    )


def _ranks(convention: Convention, quotas: Sequence[Quota]) -> Iterator[Finding]:
    """A rank names one holder in every exercise (calendar year) of the landlord: it settles the last tie of a ledger.

    A convention that ended in March is still counted in that year's ledger: its ranks are free from January only.
    """
    same_exercises = (
        Convention.objects.binding()
        .filter(
            landlord=convention.landlord_id,
            starts_on__lte=date(convention.ends_on.year, 12, 31),
            ends_on__gte=date(convention.starts_on.year, 1, 1),
        )
        .exclude(pk=convention.pk)
    )
    if convention.amends_id and convention.starts_on == date(convention.starts_on.year, 1, 1):
        same_exercises = same_exercises.exclude(pk=convention.amends_id)  # it will end with the year before
    another_has_it = Q(pk__in=[])
    for quota in quotas:
        another_has_it |= Q(rank=quota.rank) & ~Q(holder=quota.holder_id)
    taken = Quota.objects.filter(another_has_it, convention__in=same_exercises)
    reported = set()
    for quota in taken.select_related("holder__organisation").order_by("rank", "pk"):
        if (quota.rank, quota.holder_id) in reported:
            continue  # an amended convention has as many rows as versions
        reported.add((quota.rank, quota.holder_id))
        yield RankTaken(convention=convention, rank=quota.rank, holder=quota.holder)


def _beside(convention: Convention) -> QuerySet[Convention]:
    """The other binding conventions with this organisation on this perimeter; what it amends left out."""
    return (
        Convention.objects.binding()
        .filter(
            landlord=convention.landlord_id,
            organisation=convention.organisation_id,
            perimeter=convention.perimeter_id,
        )
        .exclude(pk__in=[pk for pk in (convention.pk, convention.amends_id) if pk])
        .select_related("organisation")
        .order_by("starts_on", "pk")
    )


def _overlaps(convention: Convention) -> Iterator[Finding]:
    """One convention at a time with an organisation on a perimeter; the database holds it too."""
    for other in _beside(convention).filter(starts_on__lte=convention.ends_on, ends_on__gte=convention.starts_on):
        yield PeriodOverlap(convention=convention, other=other)


def _two_conventions(convention: Convention, promised: Sequence[Promise]) -> Iterator[Finding]:
    """One convention per landlord, holder and département: not two of the same signatory on one commune."""
    others = {
        right.convention.pk: right.convention
        for promise in promised
        for right in promise.held
        if right.convention.organisation_id == convention.organisation_id
        and right.convention != convention
        and right.perimeter_id != convention.perimeter_id
    }
    for other in others.values():
        yield SecondConvention(convention=convention, other=other)


def _units_apart(convention: Convention, quotas: Sequence[Quota]) -> Iterator[Finding]:
    """Units a year cap what is due to a holder in one ledger (département × calendar year): no other right may be
    counted there, but units a year under the version or the convention before, which the new figure replaces."""
    holders = {quota.holder_id: quota for quota in quotas}
    first, last = date(convention.starts_on.year, 1, 1), date(convention.ends_on.year, 12, 31)
    others = (
        Quota.objects.filter(
            convention__landlord=convention.landlord_id,
            convention__status__in=Convention.BINDING,
            convention__starts_on__lte=last,
            convention__ends_on__gte=first,
            holder__in=holders,
        )
        .exclude(convention=convention)
        .select_related("convention__perimeter", "convention__organisation", "holder__organisation")
        .order_by("rank", "pk")
    )
    if not any(quota.yearly_units for quota in quotas):
        others = others.exclude(yearly_units=None)
    reported = set()
    here: set[int | None] | None = None
    for other in others:
        quota, beside = holders[other.holder_id], other.convention
        amended = beside.pk == convention.amends_id
        if amended and convention.starts_on == first:
            continue  # it will end with the year before
        apart = beside.ends_on < convention.starts_on or beside.starts_on > convention.ends_on
        same_kind = (quota.yearly_units is None) == (other.yearly_units is None)
        if (same_kind and (amended or apart)) or quota.holder_id in reported:
            continue
        here = _departements(convention) if here is None else here
        if not here & _departements(beside):
            continue
        reported.add(quota.holder_id)
        yield UnitsMixed(convention=convention, holder=quota.holder, other=beside)


def _departements(convention: Convention) -> set[int | None]:
    """Those where its perimeter has communes. One query."""
    communes = Territory.objects.communes_within(convention.perimeter).order_by()
    return set(communes.values_list("departement", flat=True).distinct())


def _surveyed(convention: Convention, quotas: Sequence[Quota], promised: Sequence[Promise]) -> Iterator[Finding]:
    """What the law allows when the parties agree, on the first day of the convention."""
    first = [
        Promised(promise.commune, promise.communes, promise.held, promise.territories, promise.on.year)
        for promise in promised
        if promise.on == convention.starts_on
    ]
    bounds = figures_on(convention.starts_on)
    contingents = {quota.holder.contingent for quota in quotas}
    if contingents & set(ReservationHolder.STATE):
        yield from uniform(first, convention=convention)
        yield from outside_qpv(first, bounds, convention=convention)
    if ReservationHolder.Contingent.AUTHORITY in contingents:
        yield from guarantee_share(first, bounds, convention=convention)


def _gaps(convention: Convention) -> Iterator[Finding]:
    """Days without a convention with this organisation, before this one or after it.

    An amendment follows the version that it replaces without a day between.
    """
    others = list(_beside(convention))
    before = max(
        (other for other in others if other.ends_on < convention.starts_on), key=lambda o: o.ends_on, default=None
    )
    after = min(
        (other for other in others if other.starts_on > convention.ends_on), key=lambda o: o.starts_on, default=None
    )
    holes = []
    if before and not convention.amends_id and convention.starts_on - before.ends_on > ONE_DAY:
        holes.append((before.ends_on + ONE_DAY, convention.starts_on - ONE_DAY))
    if after and after.starts_on - convention.ends_on > ONE_DAY:
        holes.append((convention.ends_on + ONE_DAY, after.starts_on - ONE_DAY))
    for since, until in holes:
        yield PeriodGap(convention=convention, since=since, until=until)
