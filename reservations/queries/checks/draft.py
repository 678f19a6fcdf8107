"""What a convention that is still negotiated would break, or leave to watch, once signed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from django.db.models import Q, QuerySet

from reservations.models import Convention, Organisation, Quota, ReservationHolder, Territory
from reservations.models.convention import UNIT
from reservations.queries.checks.caps import CAPPED, ONE_DAY, Cap, Capped, Caps, caps, limits
from reservations.queries.checks.check import Check, Code, Level, french_percent
from reservations.queries.checks.shares import Promised, guarantee_share, outside_qpv, uniform
from reservations.queries.rights import OverCommitment, Promise, over_commitment, promises
from reservations.words import of, to, towards, upper_first


def checks(convention: Convention, *, on: date) -> list[Check]:
    """Every check of a draft or a proposal on a day, refusals first. A fixed number of queries.

    Shown live while it is negotiated; its refusals are enforced at signature. `on` is the day of signature; the caps
    that count are those in force in the convention's own period. What an amendment replaces is not counted beside it.
    """
    quotas = list(convention.quotas.select_related("holder__organisation").order_by("rank", "pk"))
    found = [*_terms(convention, quotas, on), *_place(convention)]
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
        found.append(_excess(convention, excess))
    found += _surveyed(convention, quotas, promised)
    found += _gaps(convention)
    return sorted(found, key=lambda check: not check.is_refusal)


def _terms(convention: Convention, quotas: Sequence[Quota], on: date) -> Iterator[Check]:
    if not quotas:
        yield _refusal(
            convention,
            Code.NO_QUOTA,
            "La convention ne donne aucune part",
            "Ajoutez au moins un contingent.",
            "CCH, R441-5",
        )
    if convention.ends_on < on:
        yield _refusal(
            convention,
            Code.PERIOD_PAST,
            f"La période de la convention a pris fin le {convention.ends_on:%d/%m/%Y}, avant la signature",
            "Changez ses dates.",
        )


def _refusal(convention: Convention, code: Code, what: str, todo: str, article: str = "", *, where: str = "") -> Check:
    return Check(code, Level.REFUSAL, where or convention.perimeter.name, what, todo, article, convention=convention.pk)


def _warning(convention: Convention, code: Code, what: str, todo: str, article: str = "", *, where: str = "") -> Check:
    return Check(code, Level.WARNING, where or convention.perimeter.name, what, todo, article, convention=convention.pk)


def _place(convention: Convention) -> Iterator[Check]:
    """Where the convention bears: the draft was written there, but a territory may have been corrected since."""
    organisation, perimeter = convention.organisation, convention.perimeter
    if organisation.kind in Organisation.OWN_TERRITORY:
        if organisation.territory_id != perimeter.pk:
            yield _refusal(
                convention,
                Code.OWN_TERRITORY,
                f"Les droits {of(organisation.name)} portent sur son propre territoire, pas sur "
                f"{towards(perimeter.name)}",
                "Choisissez-le comme périmètre.",
                "CCH, R441-5-3",
            )
    elif perimeter.kind != perimeter.Kind.DEPARTEMENT:
        yield _refusal(
            convention,
            Code.OWN_TERRITORY,
            f"Avec {towards(organisation.name)}, une convention porte sur un département, pas sur "
            f"{towards(perimeter.name)}",
            "Choisissez le département comme périmètre.",
            "CCH, R441-5",
        )


def _caps(
    convention: Convention, quotas: Sequence[Quota], in_period: Caps, promised: Sequence[Promise]
) -> Iterator[Check]:
    """The State's share, summed over all conventions on the same communes, under every cap in force in the period."""
    for capped in CAPPED:
        without = in_period.first_day_without(capped.parameter, convention.starts_on, convention.ends_on)
        if without is not None:
            yield _refusal(
                convention,
                Code.PARAMETER_MISSING,
                f"Aucun plafond n’est enregistré au {without:%d/%m/%Y} pour la {capped.whose}",
                "Demandez à l’administrateur de l’enregistrer, ou changez les dates de la convention.",
                "CCH, R441-5-2",
            )
        elif any(quota.holder.contingent in capped.contingents for quota in quotas):
            yield from _over_cap(convention, capped, in_period, promised)


def _over_cap(convention: Convention, capped: Capped, in_period: Caps, promised: Sequence[Promise]) -> Iterator[Check]:
    """The widest excess of the State's share over the cap of its day; nothing without excess."""
    widest: tuple[int, Cap, Promise, int] | None = None
    for promise in promised:
        cap = in_period.on(
            capped.parameter,
            promise.on,
            landlord=convention.landlord_id,
            departement=promise.commune.departement_id or convention.perimeter_id,
        )
        total = promise.total(capped.contingents)
        if cap is not None and total > cap.share and (widest is None or total - cap.share > widest[0]):
            widest = (total - cap.share, cap, promise, total)
    if widest is None:
        return
    _, cap, promise, total = widest
    subject = f"La {capped.whose} est de {french_percent(total)}"
    where = convention.perimeter.name
    others = {
        right.convention.pk: right.convention
        for right in promise.held
        if right.holder.contingent in capped.contingents and right.convention != convention
    }
    if others:
        names = " ; ".join(f"{o.organisation.name}, {o.perimeter.name}" for o in others.values())
        where = promise.commune.name
        subject = (
            f"À {where}, la {capped.whose} atteint {french_percent(total)} le {promise.on:%d/%m/%Y}, avec "
            f"ce que d’autres conventions lui promettent déjà ({names})"
        )
    since = f" à partir du {promise.on:%d/%m/%Y}" if promise.on > convention.starts_on and not others else ""
    yield Check(
        capped.code,
        Level.REFUSAL,
        where,
        f"{subject} : le plafond est de {french_percent(cap.share)} du flux{since}{cap.by_order}",
        "Réduisez-la.",
        "CCH, R441-5-2",
        measured=total,
        limit=cap.share,
        convention=convention.pk,
    )


def _ranks(convention: Convention, quotas: Sequence[Quota]) -> Iterator[Check]:
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
    told = set()
    for quota in taken.select_related("holder__organisation").order_by("rank", "pk"):
        if (quota.rank, quota.holder_id) in told:
            continue  # an amended convention has as many rows as versions
        told.add((quota.rank, quota.holder_id))
        yield _refusal(
            convention,
            Code.RANK_TAKEN,
            f"Le rang {quota.rank} est déjà celui {of(quota.holder)}",
            "Choisissez-en un autre.",
        )


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


def _overlaps(convention: Convention) -> Iterator[Check]:
    """One convention at a time with an organisation on a perimeter; the database holds it too."""
    for other in _beside(convention).filter(starts_on__lte=convention.ends_on, ends_on__gte=convention.starts_on):
        yield _refusal(
            convention,
            Code.PERIOD_OVERLAP,
            f"Une convention signée avec {towards(other.organisation.name)} couvre déjà ce périmètre du "
            f"{other.starts_on:%d/%m/%Y} au {other.ends_on:%d/%m/%Y}",
            "Terminez-la d’abord, ou changez les dates de celle-ci.",
            "CCH, R441-5",
        )


def _two_conventions(convention: Convention, promised: Sequence[Promise]) -> Iterator[Check]:
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
        yield _refusal(
            convention,
            Code.ONE_CONVENTION,
            f"{convention.organisation.name} a déjà une convention signée sur une partie de ce périmètre "
            f"({other.perimeter.name}, du {other.starts_on:%d/%m/%Y} au {other.ends_on:%d/%m/%Y})",
            "Terminez-la, ou modifiez-la par un avenant : une seule convention par bailleur, réservataire et "
            "département.",
            "CCH, R441-5",
        )


def _units_apart(convention: Convention, quotas: Sequence[Quota]) -> Iterator[Check]:
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
    told = set()
    here: set[int | None] | None = None
    for other in others:
        quota, beside = holders[other.holder_id], other.convention
        amended = beside.pk == convention.amends_id
        if amended and convention.starts_on == first:
            continue  # it will end with the year before
        apart = beside.ends_on < convention.starts_on or beside.starts_on > convention.ends_on
        same_kind = (quota.yearly_units is None) == (other.yearly_units is None)
        if (same_kind and (amended or apart)) or quota.holder_id in told:
            continue
        here = _departements(convention) if here is None else here
        if not here & _departements(beside):
            continue
        told.add(quota.holder_id)
        yield _refusal(
            convention,
            Code.UNITS_MIXED,
            f"{quota.holder} aurait dans une même année une part en logements par an et une autre part "
            f"({beside.perimeter.name}, du {beside.starts_on:%d/%m/%Y} au {beside.ends_on:%d/%m/%Y}) : son dû de "
            "l’année ne pourrait pas s’arrêter à un nombre",
            "Écrivez une part en %, ou faites-la commencer un 1er janvier, après la fin de l’autre.",
        )


def _departements(convention: Convention) -> set[int | None]:
    """Those where its perimeter has communes. One query."""
    communes = Territory.objects.communes_within(convention.perimeter).order_by()
    return set(communes.values_list("departement", flat=True).distinct())


def _excess(convention: Convention, excess: OverCommitment) -> Check:
    listed = " ; ".join(
        "ce brouillon"
        if other == convention
        else f"{other.organisation.name} (du {other.starts_on:%d/%m/%Y} au {other.ends_on:%d/%m/%Y})"
        for other in excess.conventions
    )
    return Check(
        Code.OVER_COMMITTED,
        Level.REFUSAL,
        excess.commune.name,
        f"{upper_first(to(excess.commune.name))}, les parts promises atteignent {french_percent(excess.total)} le "
        f"{excess.on:%d/%m/%Y}, plus que la totalité du flux. Conventions : {listed}",
        "Réduisez une part, ou terminez une de ces conventions.",
        measured=excess.total,
        limit=UNIT,
        convention=convention.pk,
    )


def _surveyed(convention: Convention, quotas: Sequence[Quota], promised: Sequence[Promise]) -> Iterator[Check]:
    """What the law allows when the parties agree, on the first day of the convention."""
    first = [
        Promised(promise.commune, promise.communes, promise.held)
        for promise in promised
        if promise.on == convention.starts_on
    ]
    bounds = limits(convention.starts_on)
    contingents = {quota.holder.contingent for quota in quotas}
    if contingents & set(ReservationHolder.STATE):
        yield from uniform(first, convention=convention)
        yield from outside_qpv(first, bounds, convention=convention)
    if ReservationHolder.Contingent.AUTHORITY in contingents:
        yield from guarantee_share(first, bounds, convention=convention)


def _gaps(convention: Convention) -> Iterator[Check]:
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
        days = (until - since).days + 1
        yield _warning(
            convention,
            Code.PERIOD_GAP,
            f"Du {since:%d/%m/%Y} au {until:%d/%m/%Y}, soit {days} jour{'s' * (days > 1)}, aucune convention ne "
            f"lie {convention.organisation.name} sur ce périmètre : ses logements y restent au bailleur",
            "Rapprochez les dates, ou vérifiez que les parties l’ont voulu.",
            "CCH, R441-5",
        )
