"""What pages say of findings.

* What departs from the law unless the parties agree otherwise, in sentences; and what could not be checked.
* The checks of conventions in sentences: of a draft before its signature, of all that binds landlords on a day.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from reservations.models import Convention, Landlord, LegalParameter, Territory
from reservations.models.together import Steps, stepwise
from reservations.pages.checks import draft, in_force
from reservations.pages.checks.check import Check, Words, WordsOf, check_of, french_percent, refusals, where
from reservations.queries.checks.draft import findings
from reservations.queries.checks.findings import Finding, GuaranteeShare, StateNotUniform, StateOutsideQpv, Unrecorded
from reservations.queries.checks.in_force import findings_of
from reservations.words import to, upper_first

#: Where each figure comes from.
ARTICLES = {
    LegalParameter.Code.STATE_SHARE_MAX: "CCH, R441-5-2",
    LegalParameter.Code.STATE_AGENTS_SHARE_MAX: "CCH, R441-5-2",
    LegalParameter.Code.STATE_OUTSIDE_QPV_MIN: "CCH, R441-5-2 II",
    LegalParameter.Code.GUARANTEE_SHARE_MAX: "CCH, R441-5-3 et R441-5-4",
    LegalParameter.Code.EXPIRY_WARNING_DAYS: "usage",
}


def _state_not_uniform(found: StateNotUniform) -> Words:
    return Words(
        f"{where(found.high)} ; {where(found.low)}",
        f"La part de l’État change selon la commune : {french_percent(found.highest)} du flux "
        f"{to(found.high[0].commune)}, {french_percent(found.lowest)} {to(found.low[0].commune)}",
        "Vérifiez que la convention avec l’État le prévoit : sans accord, la part est la même dans chaque commune.",
        "CCH, R441-5-2 II",
    )


def _state_outside_qpv(found: StateOutsideQpv) -> Words:
    share = french_percent(found.share)
    text = (
        f"Hors QPV, la table de la convention ne donne à l’État que {share} de certains logements : sa part y"
        if found.tabled
        else f"La part de l’État est de {share} du flux, en QPV comme hors QPV : hors QPV, elle"
    )
    return Words(
        where(found.under),
        f"{text} est d’au moins {french_percent(found.floor)}, sauf accord",
        "Vérifiez que l’accord est écrit dans la convention avec l’État, ou relevez sa part.",
        "CCH, R441-5-2 II",
    )


def _guarantee_share(found: GuaranteeShare) -> Words:
    names = " ; ".join(f"{holder} {french_percent(share)}" for holder, share in found.shares if share)
    unsaid = any(right.guaranteed is None for right in found.held)
    return Words(
        where(found.over),
        f"{upper_first(to(found.most.commune))}, les collectivités ont ensemble {french_percent(found.total)} du "
        f"flux{'' if unsaid else ' pour des garanties d’emprunt'} ({names}) : ce qui leur revient pour des garanties "
        "d’emprunt ne dépasse pas "
        f"{french_percent(found.ceiling)}",
        "Écrivez dans les conventions les fondements de ces parts : un apport de terrain ou de financement n’est pas "
        "compté dans ce plafond."
        if unsaid
        else "Réduisez par avenant ce que donnent les garanties, ou corrigez leurs fondements.",
        "CCH, R441-5-3 et R441-5-4",
    )


def _unrecorded(found: Unrecorded) -> Words:
    """A check that could not be done."""
    return Words(
        "Paramètres de droit",
        f"Aucune valeur n’est enregistrée pour « {found.parameter.label} » : ce contrôle n’a pas pu être fait",
        "Demandez à l’administrateur de l’enregistrer avec sa source.",
        ARTICLES[found.parameter],
    )


#: How each kind is stated.
WORDS: WordsOf = {
    StateNotUniform: _state_not_uniform,
    StateOutsideQpv: _state_outside_qpv,
    GuaranteeShare: _guarantee_share,
    Unrecorded: _unrecorded,
}


PHRASES = {**draft.WORDS, **in_force.WORDS, **WORDS}


def as_check(finding: Finding) -> Check:
    """A finding with its words."""
    return check_of(PHRASES, finding)


def checks(convention: Convention, *, on: date) -> list[Check]:
    """Every check of a draft or a proposal on a day, refusals first. A fixed number of queries."""
    return [as_check(finding) for finding in findings(convention, on=on)]


def signature_obstacles(convention: Convention, *, on: date) -> list[str]:
    """Why this draft cannot be signed, one French sentence an obstacle; empty when it can. `on`: day of signature."""
    return [check.sentence for check in refusals(checks(convention, on=on))]


@stepwise
def checks_of(
    landlords: Sequence[Landlord], *, on: date, territory: Territory | None = None
) -> Steps[dict[int, list[Check]]]:
    """Every check of several landlords (by id) over all that binds them on a day, refusals first.

    `territory` keeps what bears on its communes only. Three queries, whatever the number of landlords.
    """
    found = yield from findings_of.steps(landlords, on=on, territory=territory)
    return {landlord: [as_check(finding) for finding in findings] for landlord, findings in found.items()}
