"""What pages say of checks.

* How the State stands beside a cap, in words.
* Everything that is checked of a landlord on a day, in sentences: its conventions, its rights in stock, what the
  State received; and whether what a draft promises can be given.
* The checks of landlords, in tables: how many findings each has, and what the State received beside each cap.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from flux.engine.wording import counted
from flux.queries.conversion_sheets import STOCK, MattersMissing, missing_in_force, missing_matters
from flux.queries.shares import LikelyNotFeasible, NotFeasible, feasibility_findings
from flux.queries.state_cap import CapAccount, CapBroken, CapPassed, Verdict, cap_findings, state_caps
from flux.queries.stock import ProgrammeGuaranteed, RightsEnding, stock_findings
from flux.words import gap, units
from reservations.models import Convention, Landlord, StockRight, Territory
from reservations.models.categories import listed
from reservations.models.convention import UNIT
from reservations.models.together import Steps, at_once, stepwise
from reservations.pages.checks.check import (
    Check,
    Words,
    WordsOf,
    by_order,
    check_of,
    french_percent,
    refusals,
    to_whom,
    warnings,
    whose,
)
from reservations.pages.checks.findings import checks_of
from reservations.pages.pieces import bold, button, pill
from reservations.pages.table import Number, Rows, Shown, Table, acting
from reservations.pages.table import Text as CellWords
from reservations.words import day, integer, of, percent, plural, to, towards

NAMES = {
    Verdict.UNDER: "sous le plafond",
    Verdict.MADE_UP: "au-dessus du plafond cette année",
    Verdict.ROUNDING: "au-dessus du plafond, par arrondi",
    Verdict.BREACH: "plafond dépassé, au-delà de l’arrondi",
    Verdict.IN_YEAR: "plafond dépassé dans l’année",
}

#: The pill of each: done, to watch, late. Each has a sign of its own beside its colour.
PILLS = {
    Verdict.UNDER: "ok",
    Verdict.MADE_UP: "todo",
    Verdict.ROUNDING: "todo",
    Verdict.BREACH: "late",
    Verdict.IN_YEAR: "late",
}


def verdict_name(verdict: Verdict) -> str:
    """« sous le plafond »."""
    return NAMES[verdict]


def verdict_pill(verdict: Verdict) -> str:
    """The class of its pill."""
    return PILLS[verdict]


def cap_read(account: CapAccount) -> str:
    """Why it is passed, and who chose how it is read; nothing where it is kept and nobody chose."""
    last, verdict, chosen = account.last, account.verdict, account.reading
    why = {
        Verdict.ROUNDING: (
            f"L’avance de {units(last.cumulated)} vient de l’arrondi, à moins d’un logement par contingent : un "
            "logement ne se partage pas. Elle est reprise l’an prochain."
        ),
        Verdict.MADE_UP: (
            f"En {last.exercise} seul, le plafond est passé de {units(last.gap)} : les années précédentes le "
            "laissaient à recevoir."
        ),
        Verdict.BREACH: f"L’avance de {units(last.cumulated)} dépasse ce qu’un arrondi explique.",
        Verdict.IN_YEAR: (
            f"En {last.exercise}, le plafond est dépassé de {units(last.gap)} : rien n’en est repris d’une année sur "
            "l’autre."
        ),
    }.get(verdict, "")
    how = f"Lu {chosen.get_reading_display()} depuis le {day(chosen.starts_on)} ({chosen.source})." if chosen else ""
    return " ".join(filter(None, (why, how)))


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


#: What the arrêté of 10 March 2011 asks in each item of its article 1.
MATTERS = {
    STOCK: "le parc et sa rotation par typologie (1° et 2°)",
    "3°": "les publics et la reconnaissance de leur éligibilité (3°)",
    "4°": "le délai et le contenu du signalement d’un logement (4°)",
    "6°": "les dossiers et la carence du demandeur (6°)",
    "7°": "la suite d’un refus et l’accompagnement social (7°)",
    "9°": "l’information sur les baux et les refus (9°)",
}


def _matters_missing(found: MattersMissing) -> Words:
    convention = found.convention
    counted = " Le parc est relevé le jour où le texte est proposé." if STOCK in found.items else ""
    return Words(
        convention.perimeter.name,
        f"Il manque au texte avec {towards(convention.organisation)} : "
        + " ; ".join(MATTERS[item] for item in found.items),
        {
            Convention.Status.DRAFT: "Écrivez-les sous « Publics et procédure » du brouillon, avant de le proposer.",
            Convention.Status.PROPOSED: "Le bailleur retire la proposition, les écrit, et la propose de nouveau.",
        }.get(
            Convention.Status(convention.status),
            "Si une pièce jointe les dit, rien n’est à faire ; sinon le bailleur prépare un avenant qui les dise.",
        )
        + counted,
        "Arrêté du 10 mars 2011, article 1",
    )


WORDS: WordsOf = {
    MattersMissing: _matters_missing,
    RightsEnding: _rights_ending,
    ProgrammeGuaranteed: _programme_guaranteed,
    NotFeasible: _not_feasible,
    LikelyNotFeasible: _likely_not_feasible,
    CapPassed: _cap_passed,
    CapBroken: _cap_passed,
}


def feasibility_checks(convention: Convention, *, on: date | None = None) -> list[Check]:
    """What a convention, once signed, would promise that cannot be given: see `feasibility_findings`."""
    return [check_of(WORDS, finding) for finding in feasibility_findings(convention, on=on)]


def matter_checks(convention: Convention) -> list[Check]:
    """What the arrêté asks of a convention with the State that it does not say: see `missing_matters`."""
    return [check_of(WORDS, finding) for finding in missing_matters([convention])]


@stepwise
def stock_checks(
    landlords: Sequence[Landlord], *, on: date, territory: Territory | None = None
) -> Steps[dict[int, list[Check]]]:
    """The checks of the rights in stock of several landlords, by id: see `stock_findings`."""
    found = yield from stock_findings.steps(landlords, on=on, territory=territory)
    return {landlord: [check_of(WORDS, finding) for finding in findings] for landlord, findings in found.items()}


def cap_checks(accounts: Iterable[CapAccount]) -> list[Check]:
    """What is to be stated of each cap that is passed."""
    return [check_of(WORDS, finding) for finding in cap_findings(accounts)]


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
    signed, stock, caps, missing = at_once(
        checks_of.steps(landlords, on=on, territory=territory),
        stock_checks.steps(landlords, on=on, territory=territory),
        state_caps.steps(landlords, on=on, departements=departements),
        missing_in_force.steps(landlords, on=on, territory=territory),
    )
    readings = []
    for landlord in landlords:
        missed = [check_of(WORDS, finding) for finding in missing if finding.convention.landlord_id == landlord.pk]
        found = [*signed[landlord.pk], *cap_checks(caps[landlord.pk]), *stock[landlord.pk], *missed]
        readings.append(Reading(landlord, tuple(refusals(found)), tuple(warnings(found)), tuple(caps[landlord.pk])))
    return readings


def listed_answer(count: int, place: Territory | None) -> str:
    """How many landlords were checked, and on what. `place`: what the reader oversees."""
    where = f" sur ce qui porte sur {towards(place)}" if place else ""
    checked = f"{integer(count)} {plural(count, 'bailleur contrôlé,bailleurs contrôlés')}{where}"
    return f"{checked}. Ouvrez un bailleur pour lire chaque point, son article et quoi faire."


def checks_table(readings: Iterable[Reading]) -> Table:
    """A landlord a row: how many findings are against the law, and how many to watch."""
    note = "Contraire au droit : à corriger. À surveiller : les parties en jugent."
    return Rows(
        readings,
        Shown("Bailleur", lambda each: str(each.landlord)),
        Number("Contraires au droit", lambda each: _counted(len(each.refusals), "late")),
        Number("À surveiller", lambda each: _counted(len(each.warnings), "todo")),
        Shown(
            acting(),
            lambda each: button(
                reverse("check-detail", args=[each.landlord.pk]), "Lire", also=f" les contrôles {of(each.landlord)}"
            ),
        ),
    ).titled(
        "liste",
        "Points relevés",
        note,
        none="Aucun bailleur n’a encore de convention signée ni de droit en stock sur votre territoire.",
    )


def _counted(found: int, kind: str) -> CellWords:
    return CellWords(integer(found), pill=kind if found else "")


def question(landlord: Landlord, *, own: bool) -> str:
    """What the page of a landlord asks."""
    whose_conventions = "Vos conventions" if own else f"Les conventions {of(landlord)}"
    return f"{whose_conventions} respectent‑elles le droit ?"


def answer(reading: Reading) -> SafeString:
    """Do the conventions of a landlord keep to the law?"""
    against, watched = len(reading.refusals), integer(len(reading.warnings))
    if against:
        points = f"{integer(against)} {plural(against, 'point contraire,points contraires')} au droit"
        return format_html("Non : {}, et {} à surveiller.", bold(points), watched)
    rest = f"{watched} à surveiller" if reading.warnings else "rien à surveiller aujourd’hui"
    return format_html("Oui : {}, et {}.", bold("0 point contraire au droit"), rest)


def nothing_against(reading: Reading) -> str:
    """What is kept, where nothing is against the law; a cap may be passed that is not."""
    if reading.caps_kept:
        return "Rien : les plafonds, les territoires et les périodes sont respectés."
    return (
        "Rien : les territoires et les périodes sont respectés. Un plafond est passé : lisez pourquoi sous "
        "« À surveiller »."
    )


def cap_answer(account: CapAccount) -> SafeString:
    """What the State received beside a cap, and how that is read."""
    received = f"{integer(account.received)} {plural(account.received, 'logement reçu,logements reçus')}"
    entered = f"{integer(account.net)} {plural(account.net, 'entré,entrés')} dans le flux"
    return format_html(
        "{} {}, {} : {} sur {}, pour un plafond de {}. {}",
        pill(verdict_name(account.verdict), verdict_pill(account.verdict)),
        account.departement,
        whose(account.capped),
        received,
        entered,
        units(account.exact),
        cap_read(account),
    )


def cap_table(account: CapAccount, today: date) -> Table:
    """A year of the convention of the State a row: what entered the flow, the cap, what was kept."""
    note = (
        f"En logements. Plafond au {day(today)} : {percent(account.cap.share)} du flux{by_order(account.cap)}. Gardés :"
        " orientés et à confirmer, sans les logements rendus, que « Reçus » compte encore dans le compte quand leur"
        " tour a compté. Écart : gardés − plafond exact."
    )
    return Rows(
        account.years,
        Shown("Exercice", lambda each: str(each.exercise), "Ensemble"),
        Number("Entrés dans le flux", lambda each: each.net, account.net),
        Number("Plafond exact", lambda each: units(each.cap), units(account.exact)),
        Number("Gardés", lambda each: each.received, account.received),
        Number("Écart de l’année", lambda each: gap(each.gap), ""),
        Number("Cumul", lambda each: gap(each.cumulated), gap(account.last.cumulated)),
        Shown("Lecture", lambda each: CellWords(verdict_name(each.verdict), pill=verdict_pill(each.verdict)), ""),
    ).titled(
        f"plafond-{account.departement.pk}-{account.capped.code}",
        f"{account.departement}, {whose(account.capped)}",
        note,
    )
