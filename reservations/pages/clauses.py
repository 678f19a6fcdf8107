"""What pages say of clauses.

* The clauses of a convention in words, the same on its page and on paper: shares, sides, what is carried over.
* What the préfet delegates, in words: the same on the page of a convention, on paper, and between its versions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from reservations.models import Convention, Delegation, Organisation, Quota
from reservations.models.categories import listed
from reservations.models.clauses import Declaration, declared
from reservations.models.convention import UNIT
from reservations.models.ground import Ground, ShareGround, grounds_of
from reservations.models.terms import Side, Terms
from reservations.pages.rates import row, steps_of
from reservations.rounding import nearest
from reservations.words import day, integer, percent, plural, yearly

STEPS = "Ce qui est reporté est rendu par étapes égales, au fil des logements."
GAP = "L’écart, au 31 décembre, entre les logements dus au réservataire et les logements reçus"
#: Flows of a year, in units, on which paper states what is lost.
THOUSANDTH = UNIT // 1000
EXAMPLES = (35, 10, 110)

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
    return (
        f"{yearly(quota.yearly_units)}, soit {percent(quota.share)} du flux prévu de {integer(quota.planned_flow or 0)}"
    )


def declined(quota: Quota) -> str:
    """« les PLS et les T5 »: what the contingent does not take; empty when it takes everything."""
    return listed(quota.declined)


def grounded(quota: Quota) -> list[tuple[str, str]]:
    """(for which units, « garantie d’emprunt : 12 %, due jusqu’au 31/12/2036, 5 ans après la fin de l’emprunt ; apport
    de terrain : 5 % »): the share, of « "" » units, then each row of its table that has its own grounds. Its rates
    come with their territories: no query."""
    if not quota.grounds:
        return []
    rates = quota.rates.all()
    whole = any(rate.share and not rate.grounds for rate in rates)
    own = [(row(rate), rate.grounds) for rate in rates if rate.grounds]
    return [
        (units, " ; ".join(_ground(each, whole=whole) for each in grounds_of(grounds)))
        for units, grounds in (("", quota.grounds), *own)
    ]


def _ground(each: ShareGround, *, whole: bool) -> str:
    """`whole`: the one ground of a share, and of rates of its table."""
    text = f"{Ground(each.ground).label} : {'toute la part' if whole else each.amount}"
    if each.ends_on is not None:
        years = f"{each.years} {plural(each.years or 0, 'an,ans')}"
        text += f", due jusqu’au {each.ends_on:%d/%m/%Y}, {years} après la fin de l’emprunt"
        if each.units and (each.ends_on.month, each.ends_on.day) != (12, 31):
            text += ", le nombre de l’année ne baissant que le 1er janvier suivant"
    return f"{text} ({each.reference})" if each.reference else text


def sides(codes: Iterable[str]) -> str:
    """Whose doing, in words: « le demandeur ou la CALEOL », in the order of the list; empty for nobody."""
    given = set(codes)
    words = [str(side.label) for side in Side if side in given]
    return " ou ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def carried_over(convention: Convention) -> str:
    """The clause in whole sentences, the same on its page and on paper (docs/decisions/0009)."""
    limit = convention.most_carried
    if limit == 0:
        return f"{GAP} n’est pas reporté sur l’année suivante, ni en plus, ni en moins, arrondi compris."
    words = "est reporté en entier sur l’année suivante, en plus ou en moins."
    if limit is not None:
        words = (
            f"est reporté sur l’année suivante, en plus ou en moins, dans la limite de {homes(limit)} par contingent."
        )
    return f"{GAP} {words} {STEPS}"


def carried_in_short(convention: Convention) -> str:
    """The clause in a table of terms: « aucun report », « report plafonné à 1,5 logement »."""
    label = str(convention.get_carry_over_display())
    return f"{label} à {homes(limit)}" if (limit := convention.most_carried) else label


def lost(convention: Convention, yearly: int) -> str:
    """What whole units leave of a year that owes so many millionths of a unit, and that the convention does not carry:
    either way, for a contingent that is served to the nearest. Empty where the convention carries all of it, where the
    year owes nothing, or whole units. To the thousandth of a unit: a flow that is expected is not known closer."""
    yearly = nearest(yearly, THOUSANDTH) * THOUSANDTH
    limit, (whole, owed) = convention.most_carried, divmod(yearly, UNIT)
    if limit is None or not owed:
        return ""
    late, early = max(0, owed - limit), max(0, UNIT - owed - limit)
    rows = []
    if late:
        given = f"n’en reçoit que {integer(whole)}" if whole else "n’en reçoit aucun"
        rows.append(f"s’il {given}, {homes(late)} lui est perdu au 31 décembre")
    if early:
        rows.append(f"s’il en reçoit {integer(whole + 1)}, {homes(early)} d’avance ne lui est pas repris")
    if not rows:
        return ""
    never = "" if whole or limit else f" Un report plafonné à {homes(UNIT)} le garderait jusqu’au logement entier."
    due = "dus" if yearly >= 2 * UNIT else "dû"
    return f"{homes(yearly)} {due} dans l’année : {' ; '.join(rows)}.{never}"


def lost_for(convention: Convention, quota: Quota) -> str:
    """The same on paper, where no flow of the day is read: for the first of a few sizes of a year where some is lost.

    Units a year are whole: nothing of them is. Nor is an example given of a share that varies by unit: perhaps no unit
    of the year has the general one."""
    if quota.yearly_units is not None or (quota.rates.all() and steps_of(quota) is None):
        return ""
    years = [(flow, lost(convention, flow * quota.share)) for flow in EXAMPLES]
    return next((f"si {flow} logements entrent dans le flux, {each}" for flow, each in years if each), "")


def returned_cap_clause(convention: Convention) -> str:
    """What a unit given back without counting leaves due, at most; "" where it is not written: all of the turn."""
    if convention.returned_cap is None:
        return ""
    return (
        "Le réservataire qui rend de son fait un logement sans qu’il compte retrouve son tour, sans que son reste dû "
        f"dépasse alors {homes(convention.returned_cap)} : l’excédent, un logement au plus pour chaque logement rendu, "
        "revient au bailleur, et le compte le dit sur une ligne au nom de ce logement."
    )


def uniform_clause(convention: Convention) -> str:
    """How it is served from one commune to the next; "" where it is not written: a commune is a category as others."""
    if not convention.uniform_communes:
        return ""
    return (
        "Le réservataire est servi uniformément d’une commune à l’autre : entre destinations dont le reste dû est "
        "voisin, son manque dans la commune du logement compte plus que ceux de toutes les autres catégories réunies."
    )


def earlier_dues_clause(convention: Convention) -> str:
    """What becomes of the units between the first day and a later signature; "" where it was never asked."""
    dues = Convention.EarlierDues
    if convention.is_order:
        return {
            "": "",
            dues.SETTLED: "Ce que les logements entrés dans le flux entre le premier jour de l’arrêté et son "
            "enregistrement auraient donné est dû en une seule écriture du compte, prise sur la part non réservée.",
            dues.LEFT: "Rien n’est dû des logements entrés dans le flux avant l’enregistrement de l’arrêté.",
        }[convention.earlier_dues]
    words = {
        "": "",
        dues.SETTLED: "Si la dernière signature vient après le premier jour, ce que les logements entrés dans le flux "
        "entre les deux auraient donné au réservataire lui est dû en une seule écriture du compte, du jour où la "
        "dernière signature est enregistrée, prise sur la part non réservée.",
        dues.LEFT: "Si la dernière signature vient après le premier jour, rien n’est dû au réservataire des logements "
        "entrés dans le flux entre les deux.",
    }
    return words[convention.earlier_dues]


def homes(shares: int) -> str:
    """« 1,5 logement », « 2 logements »: exact, however many decimals it takes."""
    shown = f"{(Decimal(shares) / UNIT).normalize():f}".replace(".", ",")
    return f"{shown} logement{'s' * (shares >= 2 * UNIT)}"


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
    words = {
        Unit.WORKING: f"Les jours ouvrés vont du lundi au vendredi, jours fériés exclus{local}.",
        Unit.CALENDAR: "Les jours calendaires sont tous les jours, samedis, dimanches et jours fériés compris, sauf "
        "celui qui ouvre le délai. Rien ne reporte le dernier.",
        Unit.POSTPONED: "Les jours calendaires sont tous les jours, sauf celui qui ouvre le délai. Un délai qui "
        f"finirait un samedi, un dimanche ou un jour férié{local} finit le premier jour ouvré qui suit, comme le veut "
        "l’article 642 du code de procédure civile.",
        Unit.CLEAR: "Un délai en jours francs, tel que les parties l’entendent ici, ne compte ni le jour qui l’ouvre "
        "(code de procédure civile, article 641) ni, ce que cet article ne dit pas, celui où il s’achève : on peut "
        "encore agir le lendemain du dernier jour compté. Si ce lendemain est un samedi, un dimanche ou un jour "
        f"férié{local}, c’est le premier jour ouvré qui suit (article 642).",
    }[Unit(convention.day_unit)]
    august = " Le mois d’août ne compte pas : un délai en cours le 31 juillet reprend le 1er septembre."
    return words + (august if convention.august_suspended else "")


def opened_by(convention: Convention) -> str:
    """What opens the flow, in a sentence; the accounts do not follow it (docs/decisions/0062)."""
    opening = Convention.Opening
    words = {
        opening.NOTICE: "à compter du jour où le congé est reçu",
        opening.AVAILABLE: "à compter du jour où le logement est libre",
        opening.WORKS: "à compter de la fin des travaux, ou du jour où le logement est libre s’il n’en faut pas",
    }[opening(convention.opens_on)]
    return f"Les délais courent au plus tôt {words}."


def publics(convention: Convention) -> str:
    """Whom its units are meant for, in words: « ménage DALO ou ménage labellisé par l’État »; empty for everybody."""
    given = set(convention.publics)
    words = [str(each.label) for each in Convention.Public if each in given]
    return " ou ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def where_agreed(convention: Convention, what: str) -> Iterator[tuple[Declaration, str]]:
    """The declared clauses that have such a sentence (`article`, `sentence`) and that this version agrees on."""
    for name, clause in declared(Terms).items():
        if (sentence := getattr(clause, what)) and (agreed := getattr(convention, name)):
            yield clause, sentence.format(delay=in_days(agreed, convention.day_unit) if clause.most else "")


def written_clauses(convention: Convention) -> list[tuple[str, str]]:
    """The title and the text of each matter on which they wrote, in the order of the arrêté."""
    return [(str(each.label), convention.clauses[each]) for each in Convention.Clause if convention.clauses.get(each)]


def clauses_on(convention: Convention, matters: str) -> list[tuple[str, list[str]]]:
    """Of these matters (codes, between spaces), the title and the paragraphs of each on which they wrote."""
    titles = {str(Convention.Clause(code).label) for code in matters.split()}
    written = [(title, text) for title, text in written_clauses(convention) if title in titles]
    return [(title, [each.strip() for each in text.splitlines() if each.strip()]) for title, text in written]


def scope_in_words(delegation: Delegation) -> str:
    """« 40 % des logements neufs, à leur première location, à partir du 1er mars 2027 »; "" for the whole."""
    parts = []
    if delegation.share != UNIT or delegation.units != Delegation.Units.ALL:
        part = "" if delegation.share == UNIT else f"{percent(delegation.share)} "
        of = {
            Delegation.Units.ALL: "des logements",
            Delegation.Units.NEW: "des logements neufs, à leur première location",
            Delegation.Units.REHABILITATED: "des logements réhabilités, loués après des travaux",
        }[Delegation.Units(delegation.units)]
        parts.append(f"{part}{of}" if part else of.removeprefix("d"))
    if delegation.starts_on:
        parts.append(f"à partir du {day(delegation.starts_on)}")
    if delegation.ends_on:
        parts.append(f"jusqu’au {day(delegation.ends_on)}")
    if delegation.accord_on and delegation.delegate.kind == Organisation.Kind.EPCI:
        parts.append(f"avec l’accord du maire du {day(delegation.accord_on)} ({delegation.accord_reference})")
    return ", ".join(parts)


def delegated_to(delegation: Delegation) -> str:
    """« Ville de Narbonne (40 % des logements) »: for a table of terms."""
    scope = scope_in_words(delegation)
    return f"{delegation.delegate.name} ({scope})" if scope else delegation.delegate.name
