"""The statement of a holder in tables: its balance, its months, what became of its units, its lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from flux.models import FlowEntry
from flux.pages.statement_lines import line_words
from flux.queries.accounts import AccountLine
from flux.queries.statement import Figure, Month, Statement
from flux.queries.statement_lines import StatementLine
from flux.words import gap, units
from reservations.pages.pieces import bold, heard, hint, muted
from reservations.pages.table import Head, Number, Rows, Shown, Table, Text
from reservations.words import MONTHS, day, integer, of, plural, short_day, upper_first

#: Above what became of candidates, whoever’s doing it is.
LOST = "Candidatures non abouties, du fait de"

#: What left or joined what is due, beside the shares: above the cap of a return, or at the end of a right.
APART = {FlowEntry.Stage.FORFEITED.value: "abandonné", FlowEntry.Stage.TRANSFERRED.value: "transféré"}


def _two_lines(first: str, second: str, label: str) -> Head:
    return Head(format_html("{}<br>{}", first, second), "n", label=label)


def _lost(whose: str) -> Head:
    return Head(whose, "n", label=f"Non abouties, {whose}", group=LOST)


#: What became of units and of candidates: the columns of a table, each left out where it holds no figure.
OUTCOMES = {
    Figure.OFFERED: Head("Proposés", "n"),
    Figure.DESIGNATED: _two_lines("Candidats", "désignés", "Désignés"),
    Figure.ALLOCATED: Head("Attribués", "n"),
    Figure.LEASED: _two_lines("Baux", "signés", "Baux signés"),
    Figure.RETURNED: Head("Rendus", "n"),
    Figure.LAPSED: _two_lines("dont délai", "dépassé", "Délai dépassé"),
    Figure.REFUSED_APPLICANT: _lost("demandeur"),
    Figure.REFUSED_HOLDER: _lost("réservataire"),
    Figure.REFUSED_LANDLORD: _lost("bailleur"),
    Figure.REFUSED_COMMITTEE: _lost("CALEOL"),
    Figure.REFUSED_UNIT: _lost("logement"),
}


@dataclass(frozen=True, slots=True)
class Read:
    """A statement as one person reads it. `carried_from`: where what is carried over comes from; `own`: are the units
    the reader’s? `spans`: the shares behind it, in words; `first`: of first lettings."""

    statement: Statement
    line: AccountLine
    carried_from: str
    own: bool
    spans: Sequence[str] = ()
    first: bool = False

    @property
    def year(self) -> int:
        return self.statement.ledger.exercise

    def leading(self, figure: Figure, words: str, value: int, month: date | None = None, none: str = "0") -> str:
        """A figure that leads to its units; nothing leads nowhere."""
        if not value:
            return none
        ledger, holder = self.statement.ledger.pk, self.statement.holder.pk
        address = f"{reverse('statement-units', args=[ledger, holder])}?stage={figure}"
        address += f"&until={self.statement.on:%Y-%m-%d}" + (f"&month={month:%Y-%m}" if month else "")
        return format_html('<a href="{}">{}</a>', address, words)


def month_of(first: date) -> str:
    """« novembre 2026 »."""
    return f"{MONTHS[first.month - 1]} {first.year}"


def balance_table(read: Read) -> Table:
    """From what was due to what is left to receive, as one adds it up."""
    statement = read.statement
    whole, figures = statement.whole, statement.figures
    rows: list[tuple[str, str]] = [("Solde au 1er janvier", "0,00"), (_due(whole, read.spans), _owed(read, Figure.DUE))]
    if statement.carries or statement.moves:
        rows.append((hint("dont parts de l’année"), muted(_owed(read, Figure.SHARE), "small")))
    if statement.carries:
        rows.append((hint(_carried(statement, read.carried_from)), muted(_owed(read, Figure.CARRIED), "small")))
    if statement.settled:
        rows.append((hint("dont réglé d’avant une signature"), muted(gap(statement.settled_before), "small")))
    rows += [(hint(f"dont {APART[each]}"), muted(gap(part), "small")) for each, part in _apart(statement)]
    rows += [
        (
            f"Orientés{' vers vous' if read.own else ''}",
            read.leading(Figure.ROUTED, f"−{integer(figures.routed)}", figures.routed),
        ),
        (
            "Recommandés, à confirmer",
            read.leading(Figure.AWAITING, f"−{integer(figures.awaiting)}", figures.awaiting),
        ),
    ]
    if figures.in_course:
        course = read.leading(Figure.IN_COURSE, f"+{integer(figures.in_course)}", figures.in_course)
        rows.append(("En cours, pas encore comptés", course))
    return Rows(
        rows,
        Shown(Head("", ""), lambda row: row[0], total="D’avance" if figures.gap < 0 else "Reste à recevoir"),
        Shown(Head("", "n"), lambda row: row[1], total=units(figures.gap)),
    ).titled("", f"Solde, du 1er janvier {read.year} au {day(statement.on)}", quiet=True)


def _owed(read: Read, figure: Figure) -> str:
    value = read.statement.figures.due if figure is Figure.DUE else read.statement.whole.counts[figure]
    return read.leading(figure, gap(value), value, none="0,00")


def _due(whole: Month, spans: Sequence[str]) -> SafeString:
    vacated = f"{integer(whole.vacated)} {plural(whole.vacated, 'logement libéré,logements libérés')}"
    words = f"{vacated}, {spans[0]}" if len(spans) == 1 else vacated
    again = hint(f"rendus, comptés de nouveau : {integer(whole.again)}") if whole.again else ""
    return format_html("Dû {} {}", hint(words), again)


def _carried(statement: Statement, carried_from: str) -> str:
    if not statement.planned:
        return f"dont contrepartie du report de {carried_from} des autres réservataires"
    left = f", reste {gap(statement.to_give_back)}" if statement.to_give_back else ""
    return (
        f"dont report de {carried_from}, part rendue : {gap(statement.carry_over)} réparti sur les "
        f"{integer(statement.planned)} premiers logements de l’année{left}"
    )


def months_table(read: Read) -> Table:
    """Month by month, from the opening balance to the closing one."""
    statement = read.statement
    again = (
        " Comptés de nouveau : logements rendus dont le tour a compté, proposés et dus une fois de plus ; parts dues = "
        "part × (libérés + comptés de nouveau), tant que la part ne change pas."
    )
    note = (
        "En logements. Clôture = ouverture + dû − reçus ; un logement est reçu "
        f"{read.line.counting_point_words}{' ou à sa recommandation' if read.line.counting_point == 'ROUTED' else ''}."
        f"{again if statement.counts_again else ''}"
    )

    def figures(words: Head | str, cell: Callable[[Month, date | None], str], *, when: bool = True) -> Shown[Month]:
        """A column of figures of each month, then of all of them."""
        column = Shown if isinstance(words, Head) else Number
        return column(words, lambda month: cell(month, month.first), total=cell(statement.whole, None), when=when)

    def counted(words: str, figure: Figure) -> Shown[Month]:
        return figures(words, partial(_counted, read, figure), when=_holds(statement.months, figure))

    return Rows(
        statement.months,
        Shown(f"Mois de {read.year}", lambda month: _month(read, month.first), total="Ensemble"),
        figures("Ouverture", lambda month, _: gap(month.opening)),
        counted("Libérés", Figure.VACATED),
        figures(
            _two_lines("Rendus, comptés", "de nouveau", "Comptés de nouveau"),
            partial(_counted, read, Figure.AGAIN),
            when=statement.counts_again,
        ),
        figures("Dû", partial(_due_in, read)),
        figures(
            _two_lines("dont report", f"de {read.carried_from}", "dont report"),
            partial(_carried_in, read),
            when=statement.carries,
        ),
        figures(_moved(statement), lambda month, _: gap(month.moved), when=statement.moves),
        counted("Orientés", Figure.ROUTED),
        counted("À confirmer", Figure.AWAITING),
        counted("Reçus", Figure.RECEIVED),
        figures("Clôture", lambda month, _: bold(gap(month.balance))),
    ).titled("", "Du solde d’ouverture au solde de clôture", note)


def _apart(statement: Statement) -> list[tuple[str, int]]:
    return [(each, statement.apart[each]) for each in APART if each in statement.apart]


def _moved(statement: Statement) -> Head:
    words = [APART[each] for each, _ in _apart(statement)] + ["réglé"] * bool(statement.settled)
    text = f"dont {' ou '.join(words)}"
    first, _, others = text.partition(" ou ")
    return _two_lines(first, f"ou {others}", text) if others else Head(text, "n")


def _month(read: Read, first: date) -> SafeString:
    """The name of a month, which leads to its lines."""
    name = upper_first(MONTHS[first.month - 1]) if first.year == read.year else upper_first(month_of(first))
    shown = SafeString(' aria-current="true"') if first == read.statement.shown else ""
    address = f"?on={read.statement.on:%Y-%m-%d}&month={first:%Y-%m}#lignes"
    return format_html('<a href="{}"{}>{}{}</a>', address, shown, name, heard(" : toutes les lignes"))


def _due_in(read: Read, month: Month, at: date | None) -> str:
    due = month.figures.due
    return read.leading(Figure.DUE, units(due), due, at, none="0,00")


def _carried_in(read: Read, month: Month, at: date | None) -> str:
    carried = month.counts[Figure.CARRIED]
    return read.leading(Figure.CARRIED, gap(carried), carried, at, none="0,00")


def _counted(read: Read, figure: Figure, month: Month, at: date | None) -> str:
    return read.leading(figure, integer(month.counts[figure]), month.counts[figure], at)


def outcomes_table(read: Read) -> Table:
    """What became of the units routed: offered, given, given back, and the candidates lost on the way."""
    whole = read.statement.whole
    note = (
        "En logements, sauf les candidatures. Le solde suit les logements reçus, comptés "
        f"{read.line.counting_point_words}. Baux signés : ceux des logements de l’exercice, au mois de la signature ; "
        "le bilan les compte parmi les logements enregistrés dans l’année."
    )
    if whole.first_allocated or whole.first_leased:
        note += (
            " Dont premières mises en location comptées dans les parts, que le bilan compte à part : "
            f"{integer(whole.first_allocated)} {plural(whole.first_allocated, 'attribuée,attribuées')}, "
            f"{integer(whole.first_leased)} {plural(whole.first_leased, 'bail signé,baux signés')}."
        )
    months = read.statement.months
    shown = [each for each in OUTCOMES if each is Figure.OFFERED or _holds(months, each)]
    lost = [each for each in shown if each.side]
    note += " Ce qui n’a aucun chiffre n’a pas de colonne." if len(shown) < len(OUTCOMES) else ""
    return Rows(
        months,
        Shown(f"Mois de {read.year}", lambda month: _month(read, month.first), total="Ensemble"),
        *(
            Shown(
                replace(OUTCOMES[each], css="n grp") if lost[:1] == [each] else OUTCOMES[each],
                partial(_in_month, read, each),
                total=_counted(read, each, whole, None),
            )
            for each in shown
        ),
    ).titled("", "Proposés, attribués, rendus, mois par mois", note, css="stack dense")


def _holds(months: Iterable[Month], figure: Figure) -> bool:
    """Does any month hold a figure there? Two that undo each other add up to nothing, and are read."""
    return any(month.counts[figure] for month in months)


def _in_month(read: Read, figure: Figure, month: Month) -> str:
    return _counted(read, figure, month, month.first)


def lines_table(read: Read, found: Iterable[StatementLine], opening: int, *, goes_on: bool) -> Table:
    """The lines of the month shown, from the balance before them to the one at its end. `opening`: the first of both;
    `goes_on`: do other lines of the month stand on the page before?"""
    statement, month = read.statement, month_of(read.statement.shown)
    before = "solde avant ces lignes" if goes_on else "solde d’ouverture"
    until = "" if statement.later else f", au {day(statement.on)}"
    closing = statement.lines[-1].balance if statement.lines else statement.opening
    return Rows(
        found,
        Shown(
            Head("Date", "nw", label=""),
            lambda line: _days(line.since, line.until),
            above=Text(f"{upper_first(month)}, {before}", span=4),
            total=Text(f"Solde à la fin {of(month)}{until}", span=4),
        ),
        Shown(
            "Opération",
            lambda line: line_words(line, own=read.own, outside=not read.first and read.line.holder.is_not_reserved),
        ),
        Number("Dû", lambda line: units(line.due) if line.due else ""),
        Number("Reçu", lambda line: line.received if line.receives else ""),
        Number("Solde", lambda line: gap(line.balance), above=gap(opening), total=gap(closing)),
    ).titled("", f"Lignes du compte, {month}", empty="Aucune ligne ce mois-ci.", head_at=1, quiet=True)


def _days(since: date, until: date) -> str:
    return short_day(until) if since == until else f"{since.day}–{short_day(until)}"
