"""What pages say of statement.

* The figures of an account, as its pages call them.
* The units behind a figure of a statement: what answers the question, and the list of them.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from flux.models import Ledger, Vacancy
from flux.pages.accounts import OnTheirWay
from flux.pages.units import headline
from flux.queries.accounts import AccountFigures, AccountLine
from flux.queries.balance import Behind
from flux.queries.statement import Figure
from flux.words import counted, gap, plural_units, units
from reservations.pages.pieces import below, bold, link, muted, pill
from reservations.pages.table import Head, Number, Rows, Shown, Table
from reservations.words import day, integer, of, plural, short_day, signed, to, towards, upper_first

#: After « logements ».
FIGURES = {
    Figure.DUE: "dus",
    Figure.SHARE: "dus, parts de l’année",
    Figure.CARRIED: "dus, report d’avant",
    Figure.VACATED: "libérés",
    Figure.AGAIN: "rendus, comptés de nouveau",
    Figure.ROUTED: "orientés",
    Figure.AWAITING: "recommandés, à confirmer par le bailleur",
    Figure.RECEIVED: "reçus",
    Figure.IN_COURSE: "en cours",
    Figure.OFFERED: "proposés",
    Figure.DESIGNATED: "aux candidats désignés",
    Figure.ALLOCATED: "attribués",
    Figure.LEASED: "baux signés",
    Figure.RETURNED: "rendus",
    Figure.LAPSED: "rendus sans candidat au terme du délai",
    Figure.REFUSED_APPLICANT: "dont une candidature n’a pas abouti (le demandeur)",
    Figure.REFUSED_HOLDER: "dont une candidature n’a pas abouti (le réservataire)",
    Figure.REFUSED_LANDLORD: "dont une candidature n’a pas abouti (le bailleur)",
    Figure.REFUSED_COMMITTEE: "dont une candidature n’a pas abouti (la CALEOL)",
    Figure.REFUSED_UNIT: "dont une candidature n’a pas abouti (le logement)",
}


def figure_name(figure: Figure) -> str:
    """« orientés »."""
    return FIGURES[figure]


def to_you(shares: int) -> SafeString:
    """A gap stated to its holder: « il vous reste 0,72 logement à recevoir », « vous avez 0,36 logement d’avance »."""
    if not shares:
        return format_html("vous êtes à jour, <b>{}</b> logement d’écart", 0)
    text = "il vous reste <b>{}</b> à recevoir" if shares > 0 else "vous avez <b>{}</b> d’avance"
    return format_html(text, counted(shares))


def to_them(shares: int) -> SafeString:
    """The same, stated of a holder: « il reste 0,72 logement à recevoir », « 0,36 logement d’avance »."""
    if not shares:
        return format_html("le compte est à jour, <b>{}</b> logement d’écart", 0)
    return format_html("il reste <b>{}</b> à recevoir" if shares > 0 else "<b>{}</b> d’avance", counted(shares))


def with_carry_over(figures: AccountFigures) -> str:
    """What is due, stated with the part that gives back what was owed before, when there is one: « 26,16 dus, »,
    « 26,16 dus, report compris (−0,52), »."""
    due = f"{units(figures.due)} {plural_units(figures.due, 'dû,dus')}"
    return f"{due}, report compris ({gap(figures.carried)})," if figures.carried else f"{due},"


def in_course(figures: OnTheirWay) -> str:
    """« , 2 en cours », after a number of units received in a sentence; nothing where none is."""
    return f", {integer(figures.in_course)} en cours" if figures.in_course else ""


def question(line: AccountLine, *, addressed: bool) -> str:
    """The title of a statement. `addressed`: is the reader the holder, and not the landlord?"""
    if addressed:
        return "Combien de logements vous reste-t-il à recevoir ?"
    return f"{line.holder} : combien de logements reste-t-il à recevoir ?"


def answer(line: AccountLine, figures: AccountFigures, *, addressed: bool) -> SafeString:
    """What answers it, and who else reads it."""
    if addressed:
        same = "Le bailleur lit ici les mêmes chiffres que vous."
        return format_html("{}{}. {}", to_you(figures.gap), in_course(figures), same)
    received = f"{integer(figures.received)} {plural(figures.received, 'reçu,reçus')}{in_course(figures)}"
    same = "" if line.holder.is_not_reserved else " Le bailleur et le réservataire lisent ici les mêmes chiffres."
    return format_html("{} : {} {}.{}", to_them(figures.gap), with_carry_over(figures), received, same)


def counting_note(line: AccountLine, *, addressed: bool) -> str:
    """When a unit counts, and what one reads when the landlord decides otherwise."""
    when = (
        "Un logement recommandé compte dès sa recommandation"
        if line.counting_point == "ROUTED"
        else "Un logement orienté est en cours jusqu’à son point de comptage"
    )
    who = "vous lisez" if addressed else "le réservataire lit"
    return f"{when} ; si le bailleur en décide autrement, la ligne est compensée et {who} son motif."


#: Of what is due, apart from any unit.
APART = "transféré à la fin d’un droit ou par l’absorption d’un bailleur"


def behind_words(line: AccountLine, figure: Figure, behind: Behind) -> SafeString:
    """How many units make a figure, before the month and the day."""
    total, count = behind.total, len(behind.quantities)
    vacated = f"{integer(count)} {plural(count, 'logement libéré,logements libérés')}"
    if figure == Figure.CARRIED:
        return format_html("{} de report, rendu {} avec {}", bold(units(total)), to(line.holder), bold(vacated))
    if figure.is_owed:
        carried = ", report compris" if figure == Figure.DUE and line.figures.carried else ""
        due = f"{plural_units(total, 'dû,dus')}{carried} : la part {of(line.holder)} dans"
        return format_html("{} {} {}{}", bold(units(total)), due, bold(vacated), _more(behind))
    if figure == Figure.VACATED:
        words = f"{integer(total)} {plural(total, 'logement libéré,logements libérés')}"
        return format_html("{}, {}", bold(words), line.holder)
    if figure == Figure.AGAIN:
        words = f"{integer(total)} {plural(total, 'logement compté,logements comptés')} de nouveau"
        return format_html("{} après avoir été {}, {}", bold(words), plural(total, "rendu,rendus"), line.holder)
    if figure.side:
        words = f"{integer(total)} {plural(total, 'candidature non aboutie,candidatures non abouties')}"
        among = f"{integer(count)} {plural(count, 'logement,logements')} ({figure.whose})"
        return format_html("{} pour {}, {}", bold(words), among, line.holder)
    words = f"{integer(total)} {plural(total, 'logement,logements')}"
    return format_html("{} {}, {}", bold(words), figure_name(figure), line.holder)


def _more(behind: Behind) -> str:
    again = (
        f", dont {integer(behind.again)} {plural(behind.again, 'compté,comptés')} de nouveau après avoir été "
        f"{plural(behind.again, 'rendu,rendus')}"
    )
    apart = f", et {gap(behind.apart)} {APART}"
    return f"{again if behind.again else ''}{apart if behind.apart else ''}"


def tab(figure: Figure) -> str:
    """A figure among the others: « Orientés », « Non abouties (la CALEOL) »."""
    return f"Non abouties ({figure.whose})" if figure.side else upper_first(figure_name(figure))


def units_table(line: AccountLine, ledger: Ledger, figure: Figure, rows: Iterable[tuple[Vacancy, int]]) -> Table:
    """A unit a row, with what it adds to the figure. Their units: fetched, with `file_open`."""
    title = f"Logements {figure_name(figure)}"
    counted = "Dû" if figure.is_owed else "Compte"
    note = f"{line.holder} chez {towards(ledger.landlord)}, {ledger.departement}, exercice {ledger.exercise}. "
    if figure.is_owed:
        note += "Dû : ce que chaque logement apporte au réservataire."
    elif figure.side:
        note += "Compte : +1 par candidature non aboutie, −1 quand elle est reprise."
    else:
        note += "Compte : +1, et −1 quand c’est repris."
    return Rows(
        rows,
        Shown(Head("Enregistré", "nw"), lambda each: short_day(each[0].registered_on)),
        Shown("Logement", lambda each: _unit(each[0])),
        Shown(Head("Commune", ""), lambda each: str(each[0].unit.commune)),
        Shown(Head("Libre le", "nw"), lambda each: short_day(each[0].available_on)),
        Number(counted, lambda each: units(each[1]) if figure.is_owed else signed(each[1])),
    ).titled("", title, note, head_at=1)


def _unit(vacancy: Vacancy) -> str:
    is_open = vacancy.file_open
    unit, name = vacancy.unit, headline(vacancy.unit)
    shown = format_html("{} {}", bold(unit.reference), name) if is_open else name
    also = f", enregistré le {day(vacancy.registered_on)}"
    return below(
        link(reverse("vacancy-detail", args=[vacancy.pk]), shown, also=also),
        muted(unit.address) if is_open else "",
        pill("reprise", "no") if vacancy.is_past else "",
    )
