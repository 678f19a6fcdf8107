"""Do the conventions that bind landlords on a day keep to the law?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from django.db.models import Exists, F, OuterRef

from reservations.models import Convention, Landlord, LegalParameter, Organisation, Territory
from reservations.models.convention import UNIT
from reservations.models.territory import lies_in, within
from reservations.queries.checks.caps import CAPPED, ONE_DAY, Caps, Limits, caps, limits
from reservations.queries.checks.check import Check, Code, Level, french_percent
from reservations.queries.checks.shares import (
    Promised,
    by_departement,
    guarantee_share,
    missing,
    outside_qpv,
    uniform,
    where,
)
from reservations.queries.rights import Right, rights_of
from reservations.words import to, towards, upper_first


def landlord_checks(landlord: Landlord, *, on: date, territory: Territory | None = None) -> list[Check]:
    """The checks of one landlord on a day; see `checks_of`."""
    return checks_of([landlord], on=on, territory=territory)[landlord.pk]


def checks_of(landlords: Sequence[Landlord], *, on: date, territory: Territory | None = None) -> dict[int, list[Check]]:
    """Every check of several landlords (by id) over all that binds them on a day, refusals first.

    `territory` keeps what bears on its communes only. Six queries, whatever the number of landlords.
    """
    surroundings = _read(landlords, on, territory)
    return {
        landlord.pk: sorted(_checks(landlord, surroundings, on), key=lambda check: not check.is_refusal)
        for landlord in landlords
    }


@dataclass(frozen=True, slots=True)
class _Surroundings:
    """What the checks of all the landlords read."""

    rights: Mapping[int, Sequence[Right]]
    communes: Sequence[Territory]
    conventions: Mapping[int, Sequence[Convention]]
    caps: Caps
    limits: Limits


def _read(landlords: Sequence[Landlord], on: date, territory: Territory | None) -> _Surroundings:
    binding = Convention.objects.binding().filter(landlord__in=landlords)
    if territory is not None:
        communes = Territory.objects.communes_within(territory)
        binding = binding.filter(Exists(communes.filter(lies_in(OuterRef("perimeter")))))
    conventions: dict[int, list[Convention]] = defaultdict(list)
    for convention in binding.select_related("organisation__territory", "perimeter").order_by("starts_on", "pk"):
        conventions[convention.landlord_id].append(convention)
    held: dict[int, list[Right]] = defaultdict(list)
    for right in rights_of(landlords, since=on, until=on):
        held[right.convention.landlord_id].append(right)
    perimeters = {right.perimeter_id for each in held.values() for right in each}
    every = Territory.objects.filter(kind__in=Territory.COMMUNAL).filter(within(perimeters))
    if territory is not None:
        every = every.filter(within(territory.pk))
    return _Surroundings(
        held,
        list(every.order_by(F("population").desc(nulls_last=True), "pk")),
        conventions,
        caps(landlords, since=on, until=on),
        limits(on),
    )


def _checks(landlord: Landlord, read: _Surroundings, on: date) -> Iterator[Check]:
    groups = _groups(read.rights.get(landlord.pk, ()), read.communes)
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


def _groups(held: Sequence[Right], communes: Iterable[Territory]) -> list[Promised]:
    """Communes that the same perimeters cover, with what is promised there; the most populated first."""
    perimeters = {right.perimeter_id for right in held}
    counts: dict[tuple[int | None, frozenset[int]], int] = defaultdict(int)
    largest: dict[tuple[int | None, frozenset[int]], Territory] = {}
    for commune in communes:
        covered = frozenset(commune.covering_ids() & perimeters)
        if covered:
            key = (commune.departement_id, covered)
            counts[key] += 1
            largest.setdefault(key, commune)
    return [
        Promised(commune, counts[key], tuple(right for right in held if right.perimeter_id in key[1]))
        for key, commune in largest.items()
    ]


def _over_caps(landlord: Landlord, groups: Sequence[Promised], in_force: Caps, on: date) -> Iterator[Check]:
    """The State's share over its cap, in the commune of each département where it is the highest."""
    for capped in CAPPED:
        for departement in by_departement(groups):
            most = max(departement, key=lambda group: group.total(capped.contingents))
            total = most.total(capped.contingents)
            if not total:
                continue
            cap = in_force.on(capped.parameter, on, landlord=landlord.pk, departement=most.commune.departement_id)
            if cap is None:
                yield missing(capped.parameter, "CCH, R441-5-2")
            elif total > cap.share:
                over = [group for group in departement if group.total(capped.contingents) > cap.share]
                yield Check(
                    capped.code,
                    Level.REFUSAL,
                    where(over),
                    f"{upper_first(to(most.commune.name))}, la {capped.whose} est de {french_percent(total)} du flux : "
                    f"le plafond est de {french_percent(cap.share)}{cap.by_order}",
                    "Ramenez-la sous le plafond par un avenant, ou enregistrez l’arrêté de dérogation s’il existe.",
                    "CCH, R441-5-2",
                    measured=total,
                    limit=cap.share,
                )
            if cap is not None and cap.derogation is not None:
                order = cap.derogation
                yield Check(
                    Code.DEROGATION_ENDING,
                    Level.WARNING,
                    order.departement.name,
                    f"Le plafond de la {capped.whose} est porté à {french_percent(cap.share)} jusqu’au "
                    f"{order.ends_on:%d/%m/%Y} ({order.order})",
                    "Préparez l’avenant qui ramène la part sous le plafond de la loi dès le lendemain.",
                    "CCH, R441-5-2",
                    measured=total,
                    limit=cap.share,
                )


def _over_committed(groups: Sequence[Promised]) -> Iterator[Check]:
    for departement in by_departement(groups):
        most = max(departement, key=lambda group: sum(right.share for right in group.held))
        total = sum(right.share for right in most.held)
        if total > UNIT:
            names = " ; ".join(dict.fromkeys(right.convention.organisation.name for right in most.held))
            yield Check(
                Code.OVER_COMMITTED,
                Level.REFUSAL,
                most.where,
                f"{upper_first(to(most.commune.name))}, les parts promises atteignent {french_percent(total)}, plus "
                f"que la totalité du flux. Conventions : {names}",
                "Aucun logement n’y est plus recommandé : réduisez une part par un avenant, ou terminez une de ces "
                "conventions.",
                measured=total,
                limit=UNIT,
            )


def _in_force(conventions: Iterable[Convention], on: date) -> list[Convention]:
    return [convention for convention in conventions if convention.starts_on <= on <= convention.ends_on]


def _out_of_place(conventions: Iterable[Convention], on: date) -> Iterator[Check]:
    """A commune or an EPCI has rights on its own territory only."""
    for convention in _in_force(conventions, on):
        organisation = convention.organisation
        own = organisation.territory
        if organisation.kind in Organisation.OWN_TERRITORY and own != convention.perimeter:
            yield Check(
                Code.OWN_TERRITORY,
                Level.REFUSAL,
                convention.perimeter.name,
                f"La convention avec {towards(organisation.name)} porte sur {towards(convention.perimeter.name)}, "
                "et non sur son propre "
                f"territoire{f' ({own.name})' if own else ', qui n’est pas enregistré'}",
                "Terminez-la et signez-en une sur le territoire du réservataire."
                if own
                else "Demandez à l’administrateur d’enregistrer le territoire du réservataire.",
                "CCH, R441-5-3",
                convention=convention.pk,
            )


def _two_conventions(groups: Iterable[Promised]) -> Iterator[Check]:
    """Two conventions of one signatory in force on one commune: the law knows one per département."""
    told = set()
    for group in groups:
        of_one: dict[int, dict[int, Convention]] = defaultdict(dict)
        for right in group.held:
            of_one[right.convention.organisation_id][right.convention.pk] = right.convention
        for found in of_one.values():
            if len(found) > 1 and (pair := frozenset(found)) not in told:
                told.add(pair)
                first, *_ = found.values()
                yield Check(
                    Code.ONE_CONVENTION,
                    Level.REFUSAL,
                    group.where,
                    f"{len(found)} conventions lient {first.organisation.name} {to(group.commune.name)} : "
                    + " ; ".join(each.perimeter.name for each in found.values()),
                    "Gardez-en une par département et terminez les autres.",
                    "CCH, R441-5",
                    convention=first.pk,
                )


def _lines(conventions: Iterable[Convention]) -> list[list[Convention]]:
    """Conventions that follow one another with one signatory on one perimeter, in the order of their dates."""
    found: dict[tuple[int, int], list[Convention]] = defaultdict(list)
    for convention in conventions:
        found[convention.organisation_id, convention.perimeter_id].append(convention)
    return list(found.values())


def _interrupted(conventions: Iterable[Convention], on: date) -> Iterator[Check]:
    """A convention before, another after, and none today or in the time to come."""
    for line in _lines(conventions):
        for before, after in pairwise(line):
            since, until = before.ends_on + ONE_DAY, after.starts_on - ONE_DAY
            if since <= until and until >= on:
                days = (until - since).days + 1
                yield Check(
                    Code.PERIOD_GAP,
                    Level.WARNING,
                    after.perimeter.name,
                    f"Du {since:%d/%m/%Y} au {until:%d/%m/%Y}, soit {days} jour{'s' * (days > 1)}, aucune convention "
                    f"ne lie {after.organisation.name} : ses logements restent au bailleur",
                    "Convenez avec le réservataire de ce que deviennent les logements de ces jours-là.",
                    "CCH, R441-5",
                    convention=after.pk,
                )


def _ending(conventions: Iterable[Convention], bounds: Limits, on: date) -> Iterator[Check]:
    """Conventions that end within the notice, with nothing signed for the day after."""
    notice = notice_days(bounds)
    if notice is None:
        yield missing(LegalParameter.Code.EXPIRY_WARNING_DAYS, "usage")
        return
    for line in _lines(conventions):
        last = line[-1]
        days = (last.ends_on - on).days
        if last.starts_on <= on and 0 <= days <= notice:
            yield Check(
                Code.CONVENTION_ENDING,
                Level.WARNING,
                last.perimeter.name,
                f"La convention avec {towards(last.organisation.name)} finit le {last.ends_on:%d/%m/%Y}, "
                + (f"dans {days} jour{'s' * (days > 1)}" if days else "aujourd’hui")
                + ", et rien n’est signé pour la suite",
                "Préparez la convention suivante : sans elle, sa part du flux ne lui est plus due le lendemain.",
                "CCH, R441-5",
                convention=last.pk,
            )


def notice_days(bounds: Limits) -> int | None:
    """How long before an end it is worth a warning, in days; None when nobody recorded it."""
    value = bounds.get(LegalParameter.Code.EXPIRY_WARNING_DAYS)
    return None if value is None else int(value)
