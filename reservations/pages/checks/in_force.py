"""What is found of the conventions that bind landlords on a day, in sentences."""

from __future__ import annotations

from reservations.pages.checks.check import (
    Words,
    WordsOf,
    by_order,
    french_percent,
    left_words,
    lost_words,
    where,
    whose,
)
from reservations.queries.checks.findings import (
    ConventionEnding,
    DerogationEnding,
    GuaranteeEnding,
    Interrupted,
    OutOfPlace,
    OverCapNow,
    OverCommitted,
    TwoConventions,
)
from reservations.words import to, towards, upper_first


def _over_cap_now(found: OverCapNow) -> Words:
    return Words(
        where(found.over),
        f"{upper_first(to(found.most.commune))}, la {whose(found.capped)} est de {french_percent(found.total)} du "
        f"flux : le plafond est de {french_percent(found.cap.share)}{by_order(found.cap)}",
        "Ramenez-la sous le plafond par un avenant, ou enregistrez l’arrêté de dérogation s’il existe.",
        "CCH, R441-5-2",
    )


def _derogation_ending(found: DerogationEnding) -> Words:
    order = found.order
    return Words(
        order.departement.name,
        f"Le plafond de la {whose(found.capped)} est porté à {french_percent(found.share)} jusqu’au "
        f"{order.ends_on:%d/%m/%Y} ({order.order})",
        "Préparez l’avenant qui ramène la part sous le plafond de la loi dès le lendemain.",
        "CCH, R441-5-2",
    )


def _over_committed(found: OverCommitted) -> Words:
    names = " ; ".join(dict.fromkeys(right.convention.organisation.name for right in found.most.held))
    return Words(
        where([found.most]),
        f"{upper_first(to(found.most.commune))}, les parts promises atteignent {french_percent(found.total)}, "
        f"plus que la totalité du flux. Conventions : {names}",
        "Aucun logement n’y est plus recommandé : réduisez une part par un avenant, ou terminez une de ces "
        "conventions.",
    )


def _out_of_place(found: OutOfPlace) -> Words:
    organisation, perimeter = found.convention.organisation, found.convention.perimeter
    own = organisation.territory
    return Words(
        perimeter.name,
        f"La convention avec {towards(organisation)} porte sur {towards(perimeter)}, et non sur son propre "
        f"territoire{f' ({own.name})' if own else ', qui n’est pas enregistré'}",
        "Terminez-la et signez-en une sur le territoire du réservataire."
        if own
        else "Demandez à l’administrateur d’enregistrer le territoire du réservataire.",
        "CCH, R441-5-3",
    )


def _two_conventions(found: TwoConventions) -> Words:
    return Words(
        where([found.group]),
        f"{len(found.several)} conventions lient {found.convention.organisation.name} "
        f"{to(found.group.commune)} : " + " ; ".join(each.perimeter.name for each in found.several),
        "Gardez-en une par département et terminez les autres.",
        "CCH, R441-5",
    )


def _interrupted(found: Interrupted) -> Words:
    days = (found.until - found.since).days + 1
    return Words(
        found.convention.perimeter.name,
        f"Du {found.since:%d/%m/%Y} au {found.until:%d/%m/%Y}, soit {days} jour{'s' * (days > 1)}, aucune convention "
        f"ne lie {found.convention.organisation.name} : ses logements restent au bailleur",
        "Convenez avec le réservataire de ce que deviennent les logements de ces jours-là.",
        "CCH, R441-5",
    )


def _convention_ending(found: ConventionEnding) -> Words:
    convention, days = found.convention, found.days
    return Words(
        convention.perimeter.name,
        f"La convention avec {towards(convention.organisation)} finit le {convention.ends_on:%d/%m/%Y}, "
        + (f"dans {days} jour{'s' * (days > 1)}" if days else "aujourd’hui")
        + ", et rien n’est signé pour la suite",
        "Préparez la convention suivante : sans elle, sa part du flux ne lui est plus due le lendemain.",
        "CCH, R441-5",
    )


def _guarantee_ending(found: GuaranteeEnding) -> Words:
    right, days = found.right, found.days
    rest = f"il lui reste {left}" if (left := left_words(right)) else "il ne lui reste aucune part"
    answers, due = ("répond", "est plus dû") if right.lost_units == 1 else ("répondent", "sont plus dus")
    return Words(
        right.convention.perimeter.name,
        f"{upper_first(to(right.holder))}, {lost_words(right)} {answers} à une garantie d’emprunt et "
        f"ne lui {due} après le {right.ends_on:%d/%m/%Y}, "
        + (f"dans {days} jour{'s' * (days > 1)}" if days else "aujourd’hui")
        + f" : {rest}",
        "Prévenez le garant du remboursement de l’emprunt ; pour une autre part, préparez un avenant.",
        "CCH, R441-6",
    )


#: How each kind is stated.
WORDS: WordsOf = {
    OverCapNow: _over_cap_now,
    DerogationEnding: _derogation_ending,
    OverCommitted: _over_committed,
    OutOfPlace: _out_of_place,
    TwoConventions: _two_conventions,
    Interrupted: _interrupted,
    ConventionEnding: _convention_ending,
    GuaranteeEnding: _guarantee_ending,
}
