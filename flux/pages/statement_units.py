"""The units behind a figure of a statement: what answers the question, and the list of them."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from flux.models import Ledger, Vacancy
from flux.pages.dwelling import headline
from flux.pages.statement import figure_name
from flux.queries.account import AccountLine
from flux.queries.statement import Figure
from flux.queries.statement_units import Behind
from flux.words import gap, plural_units, units
from reservations.pages.pieces import below, bold, link, muted, pill
from reservations.pages.table import Head, Number, Rows, Shown, Table
from reservations.words import day, integer, of, plural, short_day, signed, to, towards, upper_first

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
