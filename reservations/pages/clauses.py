"""The clauses of a convention in words, the same on its page and on paper: shares, sides, what is carried over."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from reservations.models import Convention, Organisation, Quota
from reservations.models.categories import listed
from reservations.models.convention import UNIT
from reservations.models.terms import Side
from reservations.words import integer, percent, plural

STEPS = "Ce qui est reporté est rendu par étapes égales, au fil des logements."
ROUNDING = "un logement ne se partage pas"
SMALL_YEAR = "après une année qui donne droit à moins d’un logement"

Unit = Convention.DayUnit
#: A day of a delay, one and several, by what a day is.
DAYS = {
    Unit.WORKING: "jour ouvré,jours ouvrés",
    Unit.CALENDAR: "jour calendaire,jours calendaires",
    Unit.POSTPONED: "jour calendaire,jours calendaires",
    Unit.CLEAR: "jour franc,jours francs",
}
#: A day that remains: that on which one may still act is not « franc », and is one of them.
REMAINING = DAYS | {Unit.CLEAR: DAYS[Unit.CALENDAR]}


def promised(quota: Quota) -> str:
    """« 4,8 % », or « 12 logements par an, soit 4,8 % du flux prévu de 250 »."""
    if quota.yearly_units is None:
        return percent(quota.share)
    units = f"{integer(quota.yearly_units)} logement{'s' * (quota.yearly_units > 1)} par an"
    return f"{units}, soit {percent(quota.share)} du flux prévu de {integer(quota.planned_flow or 0)}"


def declined(quota: Quota) -> str:
    """« les PLS et les T5 »: what the contingent does not take; empty when it takes everything."""
    return listed(quota.declined)


def sides(codes: Iterable[str]) -> str:
    """Whose doing, in words: « le demandeur ou la CALEOL », in the order of the list; empty for nobody."""
    given = set(codes)
    words = [str(side.label) for side in Side if side in given]
    return " ou ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def carried_over(convention: Convention) -> str:
    """The clause in whole sentences, the same on its page and on paper (docs/decisions/0009). What whole units alone
    explain follows its holder whatever was agreed: for the State always, for others after a year that owed less than a
    unit."""
    limit, kept = convention.most_carried(), convention.most_carried(whole_units=True)
    if limit is None or kept is None:
        told = "est reporté en entier sur l’année suivante, en plus ou en moins."
    elif _is_of_the_state(convention):
        told = f"est reporté sur l’année suivante, en plus ou en moins, dans la limite de {homes(kept)} par contingent."
        if kept > limit:
            agreed = f"convient de {homes(limit)} seulement" if limit else "ne convient d’aucun report"
            told += f" La convention {agreed}, mais {ROUNDING} : l’arrondi suit toujours l’État. Au-delà, rien."
    elif limit:
        told = f"est reporté sur l’année suivante, en plus ou en moins, dans la limite de {homes(limit)}"
        told += f", ou de {homes(kept)} {SMALL_YEAR}." if kept > limit else "."
    else:
        told = (
            f"n’est pas reporté sur l’année suivante, sauf {SMALL_YEAR} : {ROUNDING}, l’écart l’est alors, en "
            f"plus ou en moins, dans la limite de {homes(kept)}."
        )
    return f"L’écart, au 31 décembre, entre les logements dus au réservataire et les logements reçus {told} {STEPS}"


def carried_in_short(convention: Convention) -> str:
    """The clause in a table of terms: « aucun report, sauf 1 logement par contingent », « report plafonné à 1,5
    logement »."""
    limit, label = convention.most_carried(), str(convention.get_carry_over_display())
    if limit is None or limit >= UNIT:
        return label if limit is None else f"{label} à {homes(limit)}"
    kept = f"{homes(UNIT)} par contingent" if _is_of_the_state(convention) else f"{homes(UNIT)} {SMALL_YEAR}"
    return f"{label} à {homes(limit)}, ou à {kept}" if limit else f"{label}, sauf {kept}"


def homes(shares: int) -> str:
    """« 1,5 logement », « 2 logements »: exact, however many decimals it takes."""
    shown = f"{(Decimal(shares) / UNIT).normalize():f}".replace(".", ",")
    return f"{shown} logement{'s' * (shares >= 2 * UNIT)}"


def _is_of_the_state(convention: Convention) -> bool:
    return convention.organisation.kind == Organisation.Kind.STATE


def in_days(count: int | None, unit: str) -> str:
    """A delay in the days of its convention: « 20 jours ouvrés », « 1 jour franc », « aucun délai convenu »."""
    return "aucun délai convenu" if count is None else f"{integer(count)} {plural(count, DAYS[Unit(unit)])}"


def days_left(count: int, unit: str) -> str:
    """What remains of a delay, the last day to act included: « 4 jours ouvrés », « 5 jours calendaires »."""
    return f"{integer(count)} {plural(count, REMAINING[Unit(unit)])}"


def counted_days(convention: Convention) -> str:
    """Which days its delays count, in whole sentences, the same on its page and on paper."""
    local = "y compris ceux d’Alsace-Moselle, le Vendredi saint et le 26 décembre (Code du travail, L3134-13)"
    local = f", {local}" if convention.local_holidays else ""
    told = {
        Unit.WORKING: f"Les jours ouvrés vont du lundi au vendredi, jours fériés exclus{local}.",
        Unit.CALENDAR: "Les jours calendaires sont tous les jours, samedis, dimanches et jours fériés compris, sauf "
        "celui qui ouvre le délai. Rien ne reporte le dernier.",
        Unit.POSTPONED: "Les jours calendaires sont tous les jours, sauf celui qui ouvre le délai. Un délai qui "
        f"finirait un samedi, un dimanche ou un jour férié{local} finit le premier jour ouvré qui suit, comme le veut "
        "l’article 642 du code de procédure civile.",
        Unit.CLEAR: "Un délai en jours francs ne compte ni le jour qui l’ouvre ni celui où il s’achève : on peut "
        "encore agir le lendemain du dernier jour compté. Si ce lendemain est un samedi, un dimanche ou un jour "
        f"férié{local}, c’est le premier jour ouvré qui suit (code de procédure civile, articles 641 et 642).",
    }[Unit(convention.day_unit)]
    august = " Le mois d’août ne compte pas : un délai en cours le 31 juillet reprend le 1er septembre."
    return told + (august if convention.august_suspended else "")


def opened_by(convention: Convention) -> str:
    """What opens the flow, in a sentence; the accounts do not follow it (docs/decisions/0062)."""
    opening = Convention.Opening
    told = {
        opening.NOTICE: "à compter du jour où le congé est reçu",
        opening.AVAILABLE: "à compter du jour où le logement est libre",
        opening.WORKS: "à compter de la fin des travaux, ou du jour où le logement est libre s’il n’en faut pas",
    }[opening(convention.opens_on)]
    return f"Les délais courent au plus tôt {told}."
