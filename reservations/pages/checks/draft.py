"""What a convention that is still negotiated would break, or leave to watch, in sentences."""

from __future__ import annotations

from reservations.pages.checks.check import Words, WordsOf, by_order, french_percent, whose
from reservations.queries.checks.findings import (
    CapUnrecorded,
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
from reservations.words import of, to, towards, upper_first


def _no_quota(found: NoQuota) -> Words:
    return Words(
        found.convention.perimeter.name,
        "La convention ne donne aucune part",
        "Ajoutez au moins un contingent.",
        "CCH, R441-5",
    )


def _period_past(found: PeriodPast) -> Words:
    return Words(
        found.convention.perimeter.name,
        f"La période de la convention a pris fin le {found.convention.ends_on:%d/%m/%Y}, avant la signature",
        "Changez ses dates.",
    )


def _not_own_territory(found: NotOwnTerritory) -> Words:
    organisation, perimeter = found.convention.organisation, found.convention.perimeter
    return Words(
        perimeter.name,
        f"Les droits {of(organisation)} portent sur son propre territoire, pas sur {towards(perimeter)}",
        "Choisissez-le comme périmètre.",
        "CCH, R441-5-3",
    )


def _not_departement(found: NotDepartement) -> Words:
    organisation, perimeter = found.convention.organisation, found.convention.perimeter
    return Words(
        perimeter.name,
        f"Avec {towards(organisation)}, une convention porte sur un département, pas sur {towards(perimeter)}",
        "Choisissez le département comme périmètre.",
        "CCH, R441-5",
    )


def _cap_unrecorded(found: CapUnrecorded) -> Words:
    return Words(
        found.convention.perimeter.name,
        f"Aucun plafond n’est enregistré au {found.day:%d/%m/%Y} pour la {whose(found.capped)}",
        "Demandez à l’administrateur de l’enregistrer, ou changez les dates de la convention.",
        "CCH, R441-5-2",
    )


def _over_cap(found: OverCap) -> Words:
    convention, capped, promise = found.convention, found.capped, found.promise
    where = convention.perimeter.name
    subject = f"La {whose(capped)} est de {french_percent(found.total)}"
    since = f" à partir du {promise.on:%d/%m/%Y}" if promise.on > convention.starts_on else ""
    if found.others:
        names = " ; ".join(f"{other.organisation.name}, {other.perimeter.name}" for other in found.others)
        where, since = promise.commune.name, ""
        subject = (
            f"À {where}, la {whose(capped)} atteint {french_percent(found.total)} le {promise.on:%d/%m/%Y}, avec "
            f"ce que d’autres conventions lui promettent déjà ({names})"
        )
    return Words(
        where,
        f"{subject} : le plafond est de {french_percent(found.cap.share)} du flux{since}{by_order(found.cap)}",
        "Réduisez-la.",
        "CCH, R441-5-2",
    )


def _rank_taken(found: RankTaken) -> Words:
    return Words(
        found.convention.perimeter.name,
        f"Le rang {found.rank} est déjà celui {of(found.holder)}",
        "Choisissez-en un autre.",
    )


def _period_overlap(found: PeriodOverlap) -> Words:
    other = found.other
    return Words(
        found.convention.perimeter.name,
        f"Une convention signée avec {towards(other.organisation)} couvre déjà ce périmètre du "
        f"{other.starts_on:%d/%m/%Y} au {other.last_day:%d/%m/%Y}",
        "Terminez-la d’abord, ou changez les dates de celle-ci.",
        "CCH, R441-5",
    )


def _second_convention(found: SecondConvention) -> Words:
    convention, other = found.convention, found.other
    return Words(
        convention.perimeter.name,
        f"{convention.organisation.name} a déjà une convention signée sur une partie de ce périmètre "
        f"({other.perimeter.name}, du {other.starts_on:%d/%m/%Y} au {other.last_day:%d/%m/%Y})",
        "Terminez-la, ou modifiez-la par un avenant : une seule convention par bailleur, réservataire et département.",
        "CCH, R441-5",
    )


def _units_mixed(found: UnitsMixed) -> Words:
    other = found.other
    return Words(
        found.convention.perimeter.name,
        f"{found.holder} aurait dans une même année une part en logements par an et une autre part "
        f"({other.perimeter.name}, du {other.starts_on:%d/%m/%Y} au {other.last_day:%d/%m/%Y}) : son dû de "
        "l’année ne pourrait pas s’arrêter à un nombre",
        "Écrivez une part en %, ou faites-la commencer un 1er janvier, après la fin de l’autre.",
    )


def _too_much_promised(found: TooMuchPromised) -> Words:
    excess = found.excess
    listed = " ; ".join(
        "ce brouillon"
        if other == found.convention
        else f"{other.organisation.name} (du {other.starts_on:%d/%m/%Y} au {other.last_day:%d/%m/%Y})"
        for other in excess.conventions
    )
    return Words(
        excess.commune.name,
        f"{upper_first(to(excess.commune))}, les parts promises atteignent {french_percent(excess.total)} le "
        f"{excess.on:%d/%m/%Y}, plus que la totalité du flux. Conventions : {listed}",
        "Réduisez une part, ou terminez une de ces conventions.",
    )


def _period_gap(found: PeriodGap) -> Words:
    days = (found.until - found.since).days + 1
    return Words(
        found.convention.perimeter.name,
        f"Du {found.since:%d/%m/%Y} au {found.until:%d/%m/%Y}, soit {days} jour{'s' * (days > 1)}, aucune convention "
        f"ne lie {found.convention.organisation.name} sur ce périmètre : ses logements y restent au bailleur",
        "Rapprochez les dates, ou vérifiez que les parties l’ont voulu.",
        "CCH, R441-5",
    )


#: How each kind is stated.
WORDS: WordsOf = {
    NoQuota: _no_quota,
    PeriodPast: _period_past,
    NotOwnTerritory: _not_own_territory,
    NotDepartement: _not_departement,
    CapUnrecorded: _cap_unrecorded,
    OverCap: _over_cap,
    RankTaken: _rank_taken,
    PeriodOverlap: _period_overlap,
    SecondConvention: _second_convention,
    UnitsMixed: _units_mixed,
    TooMuchPromised: _too_much_promised,
    PeriodGap: _period_gap,
}
