"""Everything that is checked of a landlord on a day, in sentences: its conventions, its rights in stock, what the State
received; and whether what a draft promises can be given."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from flux.engine.wording import counted
from flux.queries.feasibility import LikelyNotFeasible, NotFeasible, feasibility_findings
from flux.queries.state_cap import CapAccount, CapBroken, CapPassed, Verdict, cap_findings, state_caps
from flux.queries.stock_checks import ProgrammeGuaranteed, RightsEnding, stock_findings
from reservations.models import Convention, Landlord, StockRight, Territory
from reservations.models.categories import listed
from reservations.models.convention import UNIT
from reservations.pages.checks.caps import to_whom
from reservations.pages.checks.check import Check, Said, Words, french_percent, refusals, said_by, warnings
from reservations.pages.checks.said import checks_of
from reservations.words import to


def _rights_ending(found: RightsEnding) -> Words:
    first, count = found.rights[0], len(found.rights)
    name = f" ({first.reference})" if count == 1 and first.reference else ""
    return Words(
        found.territory.name if found.territory else "Tout le parc",
        f"{found.holder} : {count} droit{'s' * (count > 1)} en stock{name} fini{'ssen' * (count > 1)}t d’ici "
        f"{found.notice} jour{'s' * (found.notice > 1)}, {'le premier ' * (count > 1)}le {first.ends_on:%d/%m/%Y}",
        "Prévenez le réservataire : ensuite, ces logements entrent dans le flux commun.",
        "CCH, R441-6" if first.ground == StockRight.Ground.LOAN_GUARANTEE else "CCH, R441-5",
    )


def _programme_guaranteed(found: ProgrammeGuaranteed) -> Words:
    many = found.reserved > 1
    return Words(
        f"{found.programme}, {found.programme.commune.name}",
        f"{found.reserved} logement{'s' * many} sur {found.size} {'sont' if many else 'est'} réservé{'s' * many} "
        f"contre une garantie d’emprunt : le plafond est de {french_percent(found.ceiling)} du programme",
        "Vérifiez les titres : au-delà du plafond, un droit répond à un apport de terrain ou de financement.",
        "CCH, R441-5-3 et R441-5-4",
    )


def _not_feasible(found: NotFeasible) -> Words:
    return _promised(found, "ce qui s’est libéré en douze mois")


def _likely_not_feasible(found: LikelyNotFeasible) -> Words:
    return _promised(found, "ce qui devrait se libérer, d’après votre parc")


def _promised(found: NotFeasible, source: str) -> Words:
    named = {
        right.holder.pk: to(right.holder) + (f" (ne prend pas {listed(right.declined)})" if right.declined else "")
        for right in found.rights
    }
    several, whom = len(named) > 1, " ; ".join(named.values())
    promised, possible = (counted(figure or 0, UNIT) for figure in (found.measured, found.limit))
    return Words(
        found.departement.name,
        f"Avec {source}, {promised} par an sont promis {'ensemble ' * several}{whom}, et il n’en vient que "
        f"{possible.split()[0]} qui puissent {'leur' if several else 'lui'} aller",
        "Réduisez la part, ou les catégories que le contingent ne prend pas.",
        "CCH, R441-5",
    )


def _cap_passed(found: CapPassed) -> Words:
    account = found.account
    last, verdict = account.last, account.verdict
    alone = verdict in (Verdict.MADE_UP, Verdict.IN_YEAR)
    first = last.exercise if alone else account.years[0].exercise
    when = f"En {first}" if first == last.exercise else f"De {first} à {last.exercise}"
    received, net = (last.received, last.net) if alone else (account.received, account.net)
    over = counted(last.gap if alone else last.cumulated, UNIT)
    many = received > 1
    went = (
        f"{when}, {received} logement{'s' * many} sur {net} entré{'s' * (net > 1)} dans le flux "
        f"{'sont allés' if many else 'est allé'} {to_whom(account.capped)} : le plafond est de "
        f"{french_percent(account.cap.share)}"
    )
    chosen = account.reading.source if account.reading else ""
    what, todo = {
        Verdict.BREACH: (
            f"{went}, et il est dépassé de {over}, au-delà de l’arrondi",
            "Orientez les prochains logements vers d’autres réservataires jusqu’à revenir sous le plafond, ou convenez "
            "par avenant d’un report entier d’une année sur l’autre : il rend chaque année l’avance de la précédente.",
        ),
        Verdict.IN_YEAR: (
            f"{went}, et il est dépassé de {over} dans l’année, comme il se lit ici ({chosen})",
            "Orientez les prochains logements vers d’autres réservataires jusqu’à revenir sous le plafond, ou convenez "
            "d’une autre lecture, à dater et à citer.",
        ),
        Verdict.ROUNDING: (
            f"{went}, et il est passé de {over}, par arrondi : moins d’un logement par contingent",
            "Un logement ne se partage pas : veillez à ce que l’avance n’atteigne pas un logement entier par "
            "contingent. Un report convenu d’une année sur l’autre la reprend l’année suivante.",
        ),
        Verdict.MADE_UP: (
            f"{went}, et il est passé de {over} cette année ; toutes les années de la convention ensemble, il est tenu",
            "Rien à changer dans la convention : les années précédentes laissaient à l’État de quoi recevoir. Veillez "
            "à ce que l’avance ne passe pas le plafond de toutes les années.",
        ),
    }[verdict]
    return Words(account.departement.name, what, todo, "CCH, R441-5-2")


WORDS: Said = {
    RightsEnding: _rights_ending,
    ProgrammeGuaranteed: _programme_guaranteed,
    NotFeasible: _not_feasible,
    LikelyNotFeasible: _likely_not_feasible,
    CapPassed: _cap_passed,
    CapBroken: _cap_passed,
}


def feasibility_checks(convention: Convention, *, on: date | None = None) -> list[Check]:
    """What a convention, once signed, would promise that cannot be given: see `feasibility_findings`."""
    return [said_by(WORDS, finding) for finding in feasibility_findings(convention, on=on)]


def stock_checks(
    landlords: Sequence[Landlord], *, on: date, territory: Territory | None = None
) -> dict[int, list[Check]]:
    """The checks of the rights in stock of several landlords, by id: see `stock_findings`."""
    found = stock_findings(landlords, on=on, territory=territory)
    return {landlord: [said_by(WORDS, finding) for finding in findings] for landlord, findings in found.items()}


def cap_checks(accounts: Iterable[CapAccount]) -> list[Check]:
    """What is to be said of each cap that is passed."""
    return [said_by(WORDS, finding) for finding in cap_findings(accounts)]


@dataclass(frozen=True, slots=True)
class Reading:
    """The findings of one landlord, and the account of each cap of the State."""

    landlord: Landlord
    refusals: tuple[Check, ...]
    warnings: tuple[Check, ...]
    caps: tuple[CapAccount, ...]

    @property
    def caps_kept(self) -> bool:
        """Is no cap of the State passed, even by what a whole unit explains?"""
        return all(account.verdict.is_kept for account in self.caps)

    @property
    def checks(self) -> tuple[Check, ...]:
        """Refusals first."""
        return self.refusals + self.warnings


def read_checks(
    landlords: Sequence[Landlord],
    *,
    on: date,
    territory: Territory | None = None,
    departements: Collection[int] | None = None,
) -> list[Reading]:
    """The checks of several landlords, in their order. A fixed number of queries.

    `territory` keeps what bears on its communes, `departements` (ids) the State's caps to its départements.
    """
    signed = checks_of(landlords, on=on, territory=territory)
    stock = stock_checks(landlords, on=on, territory=territory)
    caps = state_caps(landlords, on=on, departements=departements)
    readings = []
    for landlord in landlords:
        found = [*signed[landlord.pk], *cap_checks(caps[landlord.pk]), *stock[landlord.pk]]
        readings.append(Reading(landlord, tuple(refusals(found)), tuple(warnings(found)), tuple(caps[landlord.pk])))
    return readings
