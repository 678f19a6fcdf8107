"""What pages say of balances.

* The tables of a balance: the synthesis by holder, what explains it, what fell vacant, what was subtracted or kept in
  stock.
* A figure of a balance, which leads to its units.
* A unit that a figure of the balance counts, or may count, in words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from attributions.bilan.queries.balance import Balance, Flow
from attributions.bilan.queries.beside import StockLine, Subtracted
from attributions.bilan.queries.files import Counted
from flux.models import Vacancy
from flux.pages.accounts import between, gap_cell, gap_key, more_than_offered, on_the_way
from flux.pages.departures import NO_CONVENTION
from flux.pages.statement import in_course
from flux.pages.units import headline
from flux.queries.accounts import AccountFigures, AccountLine
from flux.words import gap, plural_units, units
from reservations.pages.pieces import below, beside, bold, hint, link, muted
from reservations.pages.table import Head, Number, Rows, Shown, Table
from reservations.words import day, integer, plural, upper_first


@dataclass(frozen=True, slots=True)
class Figure:
    """A count, and where its units are listed; "" when there is none."""

    value: int
    href: str

    @property
    def words(self) -> str:
        """As a cell writes it."""
        return link(self.href, integer(self.value)) if self.href else integer(self.value)


def ratio_cell(numerator: int, denominator: int, rate: int | None) -> SafeString:
    """« 12 sur 40 = 30 % »; under thirty, no percentage."""
    context = {"numerator": numerator, "denominator": denominator, "rate": rate}
    return render_to_string("bilan/ratio.html", context)


Figures = Mapping[str, Figure]


@dataclass(frozen=True, slots=True)
class BalanceRow:
    """A holder: its line in the accounts, the terms of its shares, what was done in the year, and what explains it."""

    line: AccountLine
    terms: Sequence[Any]
    shown: Figures
    beside: Figures


@dataclass(frozen=True, slots=True)
class Listed:
    """Where the units of a balance are listed: `query`, those of all; `statement`, the account (its id) where a due
    leads to its units, when one account makes the whole balance."""

    query: str
    statement: int | None

    def leading(self, words: str, count: int, more: str = "") -> str:
        """A count that leads to its units; nothing leads nowhere."""
        return link(f"{reverse('vacancy-list')}?{self.query}{more}", words) if count else "0"

    def due(self, line: AccountLine) -> str:
        """What is due to a holder, in its account."""
        if not line.figures.due:
            return "0,00"
        if self.statement is None:
            return units(line.figures.due)
        return link(
            f"{reverse('statement-units', args=[self.statement, line.holder.pk])}?stage=DUE", units(line.figures.due)
        )


def synthesis_table(read: Balance, rows: Iterable[BalanceRow], shown: Figures, listed: Listed) -> Table:
    """A holder a row: promised, offered, given, let; then all of them, with what is `shown` of them."""
    total = read.total
    title, note = f"Promis, proposé, attribué, loué en {read.year}", _synthesis_note(read.flow, shown["offered"].value)
    key = render_to_string("bilan/synthesis_key.html", {"key": gap_key()})
    return Rows(
        rows,
        Shown("Réservataire", lambda row: str(row.line.holder), total="Ensemble"),
        Number("Dû", lambda row: listed.due(row.line), total=units(total.due)),
        Number("Proposés", lambda row: row.shown["offered"].words, total=shown["offered"].words),
        Number("Rendus", lambda row: row.shown["returned"].words, total=shown["returned"].words),
        Number(
            "Reçus",
            lambda row: beside(_staged(row.line, "RECEIVED", row.line.figures.received, listed), _received(row)),
            total=format_html(
                "{}{}{}",
                integer(total.received),
                on_the_way(total),
                more_than_offered(total.received, shown["offered"].value, total.awaiting),
            ),
        ),
        Shown(
            "Dû − reçu",
            lambda row: gap_cell(row.line.figures.gap),
            total=format_html('<span class="n">{}</span>', gap(total.gap)),
        ),
        Shown(Head("Attribués", "n grp"), lambda row: row.shown["allocated"].words, total=shown["allocated"].words),
        Number("Loués", lambda row: row.shown["leased"].words, total=shown["leased"].words),
    ).titled("t-synthese", title, note, css="stack dense", under=key)


def _synthesis_note(flow: Flow, offered: int) -> str:
    again = (
        f", et {integer(offered)} {plural(offered, 'proposition,propositions')} : un logement rendu, puis proposé de "
        "nouveau, compte à chaque fois"
    )
    return (
        f"En logements. {integer(flow.net)} {plural(flow.net, 'logement entré,logements entrés')} dans le flux du 1er "
        f"janvier au 31 décembre{again if offered != flow.net else ''}. Proposés, rendus, attribués et loués : du 1er "
        "janvier au 31 décembre, quelle que soit l’année d’enregistrement du logement. Dû et reçus : compte de "
        "l’exercice, au point de comptage de chaque convention. Un logement proposé une année peut être "
        "attribué la suivante : la part attribuée se lit parmi les logements enregistrés dans l’année."
    )


def _received(row: BalanceRow) -> SafeString:
    """What is stated beside what was received: what is on its way, and why it is more than what was offered."""
    figures = row.line.figures
    more = more_than_offered(figures.received, row.shown["offered"].value, figures.awaiting)
    return format_html("{}{}", between(row.line), more)


def _staged(line: AccountLine, stage: str, count: int, listed: Listed) -> str:
    return listed.leading(integer(count), count, f"&holder={line.holder.pk}&stage={stage}")


def suites_table(
    rows: Iterable[BalanceRow], total: AccountFigures, shown: Figures, listed: Listed, *, firsts: bool
) -> Table:
    """What explains the synthesis: shares, counting points, what became of the units. `firsts`: were first lettings
    offered?"""
    apart = " Premières mises en location : proposées à part, programme par programme."
    note = (
        "En logements, sauf les candidatures non abouties. Reçus + en cours = orientés + à confirmer. Désignés : des "
        f"candidats ont été transmis.{apart if firsts else ''}"
    )
    key = render_to_string("bilan/suites_key.html")
    return Rows(
        rows,
        Shown("Réservataire", lambda row: str(row.line.holder), total="Ensemble"),
        Shown(
            "Part du flux",
            lambda row: render_to_string("flux/terms.html", {"terms": row.terms, "line": row.line}),
            total="",
        ),
        Shown("Compté par la convention", lambda row: _counted(row.line), total=""),
        Number(
            "Orientés", lambda row: _staged(row.line, "ROUTED", row.line.figures.routed, listed), total=total.routed
        ),
        Number(
            "À confirmer",
            lambda row: _staged(row.line, "AWAITING", row.line.figures.awaiting, listed),
            total=total.awaiting,
        ),
        Shown(Head("Désignés", "n grp"), lambda row: row.beside["designated"].words, total=shown["designated"].words),
        Number("Délais écoulés sans candidat", lambda row: row.beside["lapsed"].words, total=shown["lapsed"].words),
        Number("Non abouties", lambda row: row.beside["refused"].words, total=shown["refused"].words),
        Shown(
            Head("Premières locations", "n grp"),
            lambda row: _first_lettings(row.beside),
            total=shown["first_lettings"].words,
            when=firsts,
        ),
    ).titled("t-suites", "Ce qui explique la synthèse", note, css="stack dense", under=key)


def _counted(line: AccountLine) -> SafeString:
    if not line.is_agreed:
        return muted(NO_CONVENTION)
    figures = line.figures
    left = (
        f"reste {gap(figures.gap)} sur {units(figures.due)} {plural_units(figures.due, 'dû,dus')}{in_course(figures)}"
    )
    return format_html("{} {}{}", integer(figures.received), line.counting_point_words, hint(left))


def _first_lettings(shown: Figures) -> str:
    given, leased = shown["first_allocated"].value, shown["first_leased"].value
    became = (
        f"{integer(given)} {plural(given, 'attribuée,attribuées')}, {integer(leased)} {plural(leased, 'louée,louées')}"
    )
    return format_html("{}{}", shown["first_lettings"].words, hint(became) if shown["first_lettings"].value else "")


@dataclass(frozen=True, slots=True)
class _Step:
    """A line from what fell vacant to the flow; `mark`: how it stands out."""

    words: str
    count: str
    mark: str = ""


def flow_table(flow: Flow, listed: Listed, year: int) -> Table:
    """From what fell vacant to what is shared; each count leads to its units."""

    def out(count: int, kind: str, more: str = "") -> str:
        return listed.leading(f"−{integer(count)}", count, f"&kind={kind}{more}")

    rows = [_Step("Libérés", listed.leading(integer(flow.vacated), flow.vacated), "month")]
    rows += [
        _Step(upper_first(words), out(count, "EXCLUDED", f"&exclusion={code}"))
        for code, words, count in flow.exclusions
    ]
    rows += [
        _Step("Soustraits, ensemble (R441-5)", out(flow.excluded, "EXCLUDED"), "month"),
        _Step("Gardés en stock", out(flow.stock, "STOCK")),
        _Step("Vacances techniques", out(flow.technical, "TECHNICAL")),
    ]
    if flow.outside:
        rows.append(_Step("Hors de l’assiette du flux", out(flow.outside, "OUTSIDE")))
    rows.append(_Step("Premières mises en location", out(flow.first_lettings, "FIRST_LETTING")))
    if flow.counted_first_lettings:
        counted = beside("dont comptées dans les parts, par convention", muted("(rappel)", "small"))
        rows.append(_Step(counted, integer(flow.counted_first_lettings)))
    net = listed.leading(integer(flow.net), flow.net, "&kind=IN_FLOW")
    note = "Enregistrés du 1er janvier au 31 décembre. Ceux qui sont retirés n’entrent dans le compte de personne."
    return Rows(
        rows,
        Shown(Head("Logements", ""), lambda step: step.words, total="Flux net"),
        Number("Nombre", lambda step: step.count, total=net),
    ).titled("t-flux", f"Logements libérés en {year}", note, mark=lambda step: step.mark, css="")


def subtracted_table(rows: Iterable[Subtracted], whole: tuple[int | None, int, int | None], year: int) -> Table:
    """What was subtracted, category by category, beside what was forecast. `whole`: forecast, done, forecast next."""
    forecast, done, following = whole
    note = (
        "Ils n’entrent dans le compte de personne. Un tiret : le prévisionnel n’est pas envoyé, ou porte sur tout un "
        "département et non sur ce territoire."
    )
    title = "Mutations et relogements (CCH, R441-5)"
    return Rows(
        rows,
        Shown(Head("Catégorie", ""), lambda row: upper_first(row.words), total="Ensemble"),
        Number(f"Prévus {year}", lambda row: _forecast(row.forecast), total=_forecast(forecast)),
        Number(f"Réalisés {year}", lambda row: row.done, total=done),
        Number(f"Prévus {year + 1}", lambda row: _forecast(row.next_forecast), total=_forecast(following)),
    ).titled("t-soustraits", title, note, css="")


def _forecast(count: int | None) -> str:
    return "–" if count is None else integer(count)


def stock_table(lines: Sequence[StockLine], listed: Listed, year: int) -> Table:
    """Units offered to who held a right on them, out of the accounts."""
    note = "Le droit nomme le logement : il va droit à son titulaire, sans passer par le flux."
    title = f"Logements proposés au titulaire de leur droit en {year}"
    return Rows(
        lines,
        Shown(Head("Titulaire", ""), lambda line: str(line.holder), total="Ensemble"),
        Number(
            "Proposés",
            lambda line: listed.leading(integer(line.offered), line.offered, f"&kind=STOCK&holder={line.holder.pk}"),
            total=sum(line.offered for line in lines),
        ),
        Number("Loués", lambda line: line.leased, total=sum(line.leased for line in lines)),
    ).titled("t-stock", title, note, css="")


def counted_unit(each: Counted) -> str:
    """« RH-06-001, T5, Narbonne, hors QPV : compté »."""
    description, times = each.description, each.times
    facts = (each.vacancy.unit.reference, description.typology, description.commune.name, description.qpv)
    state = "ne compte pas" if not times else "compté" if times == 1 else f"compté {times} fois"
    return f"{', '.join(fact for fact in facts if fact)} : {state}"


def behind_table(rows: Iterable[tuple[Vacancy, int]], *, counts_candidates: bool) -> Table:
    """A unit a row, and how many times it counts; its address is for who opens its file."""
    counted = "Candidatures" if counts_candidates else "Compte pour"
    note = "Dans l’ordre d’enregistrement. L’adresse n’est montrée qu’à qui ouvre la fiche."
    return Rows(
        rows,
        Shown("Logement", lambda each: _unit(each[0])),
        Shown(Head("Enregistré", "nw"), lambda each: day(each[0].registered_on)),
        Number(counted, lambda each: each[1]),
    ).titled("", "Leur somme est le chiffre", note)


def none_behind(*, hidden: bool) -> str:
    """Where the reader sees none of the units that a figure counts."""
    return f"Aucun logement{' que vous puissiez lire' * hidden} derrière ce chiffre."


def _unit(vacancy: Vacancy) -> SafeString:
    unit = vacancy.unit
    name = beside(bold(unit.reference) if vacancy.file_open else "", headline(unit))
    where = f"{unit.address}, {unit.commune.name}" if vacancy.file_open else unit.commune.name
    return below(link(reverse("vacancy-detail", args=[vacancy.pk]), name), muted(where))
