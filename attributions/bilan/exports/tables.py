"""The tables of an annual balance, stated once for every file: who was due and received what, on each axis of the law.

CCH, R441-5-1. Rows are long, a holder and a category each, which is what officers pivot; the sums stand apart. Dues are
exact, in units.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from attributions.bilan.exports.changes import (
    CELL,
    DONE,
    HOLDER,
    MONTHS,
    TOGETHER,
    UNITS,
    DoneLine,
    bridge,
    changes_sheet,
    cohort,
    in_units,
    late,
)
from attributions.bilan.exports.kept import delegated_sheet, kept_sheet, orders_sheet, passages_sheet, passed_sheet
from attributions.bilan.pages.reconciliation import FLOW as FLOW_WORDS
from attributions.bilan.pages.reconciliation import act, paper
from attributions.bilan.pages.scales import axis_name
from attributions.bilan.queries.beside import StockLine
from attributions.bilan.queries.transmissions import WholeBalance
from flux.pages.departures import counted_when
from flux.queries.accounts import AccountFigures, AccountLine
from flux.queries.cells import Axis, Measures
from flux.words import known
from reservations.exports.listing import ListColumn, columned
from reservations.exports.spreadsheet import Cell, Kind, Sheet
from reservations.models import ReservationHolder
from reservations.models.convention import percent_of
from reservations.words import upper_first

SIGNED = "+#,##0.00;-#,##0.00;0.00"

#: Name of each table in an address, and of the axis that it is of.
AXES = {
    "typologie": Axis.TYPOLOGY,
    "financement": Axis.FINANCING,
    "qpv": Axis.QPV,
    "commune": Axis.COMMUNE,
    "periode": Axis.PERIOD,
}

RECEIVED = (
    "En logements. Reçus : au point de comptage de la convention ; reçus + en cours = orientés + à confirmer. Écart = "
    "dû exact − reçus, arrondi."
)
EVERYBODY = "Tous les réservataires"


@dataclass(frozen=True, slots=True)
class Received:
    """What one holder, or all of them, was due and received, then what became of it."""

    holder: ReservationHolder | None
    figures: AccountFigures
    measures: Measures
    shares: str = ""
    counted: str = ""


#: Of the synthesis, what each was due and received.
ACCOUNT: tuple[ListColumn[Received], ...] = (
    ListColumn("Part du flux", key="shares", read=lambda row: row.shares),
    ListColumn("Dû", Kind.DECIMAL, key="due", read=lambda row: in_units(row.figures.due)),
    ListColumn("Orientés", Kind.INTEGER, key="routed", read=lambda row: row.figures.routed),
    ListColumn("À confirmer", Kind.INTEGER, key="awaiting", read=lambda row: row.figures.awaiting),
    ListColumn("Reçus", Kind.INTEGER, key="received", read=lambda row: row.figures.received),
    ListColumn("En cours", Kind.INTEGER, key="in_course", read=lambda row: row.figures.in_course),
    ListColumn("Écart", Kind.DECIMAL, SIGNED, key="gap", read=lambda row: in_units(row.figures.gap)),
)
COUNTED = ListColumn[Received]("Point de comptage", key="counting_point", read=lambda row: row.counted)
SYNTHESIS: tuple[ListColumn[Received], ...] = (*HOLDER, *ACCOUNT, *CELL, COUNTED)


#: Whose balance, of which year, where, and on which day it was read.
HEAD: tuple[ListColumn[WholeBalance], ...] = (
    ListColumn("Bailleur", key="landlord", read=lambda content: content.landlord.organisation.name),
    ListColumn("SIREN", key="landlord_siren", read=lambda content: content.landlord.organisation.siren),
    ListColumn("Exercice", Kind.INTEGER, number_format="0", key="year", read=lambda content: content.year),
    ListColumn("Territoire", key="territory", read=lambda content: content.place or TOGETHER),
    ListColumn("Arrêté au", Kind.DATE, key="on", read=lambda content: content.on),
)


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a table, with all that states it from the others."""

    table: str
    line: str
    category: str
    measure: str
    value: int | Decimal


FIGURE: tuple[ListColumn[Figure], ...] = (
    ListColumn("Tableau", key="table", read=lambda figure: figure.table),
    ListColumn("Ligne", key="line", read=lambda figure: figure.line),
    ListColumn("Catégorie", key="category", read=lambda figure: figure.category),
    ListColumn("Mesure", key="measure", read=lambda figure: figure.measure),
    ListColumn("Valeur", Kind.DECIMAL, key="value", read=lambda figure: figure.value),
)


@dataclass(frozen=True, slots=True)
class Table:
    """A table and its name in an address. `line` and `category`: the keys of the columns that say what a figure is of;
    one without category says it by its line alone."""

    name: str
    sheet: Sheet
    line: str = "holder"
    category: str = ""


def tables(content: WholeBalance) -> tuple[Table, ...]:
    """Every table that the reader of this content may have, in the order of the page."""
    found = [
        Table("synthese", synthesis(content)),
        *(Table(name, by_axis(content, axis), category="category") for name, axis in AXES.items()),
        Table("exercices-anterieurs", late(content), category="taken_by"),
        Table("cohorte", cohort(content)),
        Table("passage", bridge(content), line="measure"),
        Table("mois", statement(content), category="month"),
        Table("flux", flow(content), line="line", category="heading"),
        Table("stock", stock(content)),
        Table("transmission", transmission(content), line="paper", category="act"),
    ]
    if content.balance.since.seals:
        found.append(Table("depuis-le-scellement", changes_sheet(content), category="cause"))
    if content.kept:
        found.append(Table("tenu-ici", kept_sheet(content.kept), line="what", category="holder"))
    if content.passed:
        found.append(Table("cessions", passed_sheet(content.passed), line="landlord", category="what"))
    if content.orders:
        found.append(Table("arretes", orders_sheet(content.orders), line="part"))
    if content.delegated:
        found.append(Table("delegations", delegated_sheet(content.delegated), category="delegate"))
    if content.passages:
        found.append(Table("communes-passees", passages_sheet(content.passages), line="commune", category="on"))
    if content.lacking is not None:
        found.append(Table("a-renseigner", lacking(content), line="unit"))
    return tuple(found)


def title(content: WholeBalance) -> str:
    """« Bilan annuel 2026, Robine Habitat, Coursan »."""
    return ", ".join(filter(None, [f"Bilan annuel {content.year}", str(content.landlord), content.place]))


def synthesis(content: WholeBalance) -> Sheet:
    """A line a holder: what it was due and received, and what became of it."""

    note = (
        f"{RECEIVED} Candidatures non abouties : en candidats. "
        + DONE
        + (
            " Sans le dû transféré à la fin d’un droit : il se lit au département."
            * content.balance.leaves_transfers_out
        )
    )
    rows, total = _synthesis(content)
    return columned("Synthèse par réservataire", rows, *SYNTHESIS, note=note, totals=[total])


def _synthesis(content: WholeBalance) -> tuple[list[Received], Received]:
    """A row a holder, then all of them."""
    rows = [
        Received(
            line.holder,
            line.figures,
            content.cells.holder(line.holder.pk),
            _shares(line, content.year),
            counted_when(line),
        )
        for line in content.lines
    ]
    return rows, Received(None, content.balance.total, content.cells.total())


def by_axis(content: WholeBalance, axis: Axis) -> Sheet:
    """Each holder and each category of one axis with a figure; the sums of each category, and of all."""
    cells = content.cells
    categories = cells.categories(axis)
    rows = [
        DoneLine(line.holder, measures, known(cells.name(axis, category)))
        for line in content.lines
        for category in categories
        if (measures := cells.of(axis).get(line.holder.pk, {}).get(category))
    ]
    totals = [
        DoneLine(None, cells.category(axis, category), known(cells.name(axis, category))) for category in categories
    ]
    return columned(
        f"Par {axis_name(axis)}",
        rows,
        *HOLDER,
        _category(axis),
        *CELL,
        note=UNITS,
        totals=[*totals, DoneLine(None, cells.total(axis), "toutes")],
    )


def statement(content: WholeBalance) -> Sheet:
    """What each account wrote each month."""
    return columned(
        "Relevé mois par mois",
        content.months,
        *HOLDER,
        *MONTHS,
        note="En logements ; refus et retraits : en candidats. Un mois sans mouvement n’a pas de ligne. Baux signés : "
        "au mois de la signature, pour les logements de l’exercice. Attribués et baux signés : sans les premières "
        "locations, qui ont leurs colonnes dans la synthèse.",
    )


def flow(content: WholeBalance) -> Sheet:
    """From what fell vacant to the flow, with what had been forecast."""
    return columned(
        "Du parc au flux",
        content.flow,
        ListColumn("Rubrique", key="heading", read=lambda line: FLOW_WORDS[line.code][0]),
        ListColumn("Ligne", key="line", read=lambda line: FLOW_WORDS[line.code][1]),
        ListColumn("Prévus", Kind.INTEGER, key="planned", read=lambda line: line.planned),
        ListColumn("Constatés", Kind.INTEGER, key="done", read=lambda line: line.done),
        note="En logements. Prévus : ceux des prévisionnels envoyés ; vides là où aucun ne porte sur ce territoire.",
    )


def stock(content: WholeBalance) -> Sheet:
    """Units kept in stock, outside the accounts, by the holder of their right."""
    return columned(
        "Stock",
        content.stock,
        *HOLDER,
        ListColumn[StockLine]("Proposés", Kind.INTEGER, key="offered", read=lambda line: line.offered),
        ListColumn[StockLine]("Loués", Kind.INTEGER, key="leased", read=lambda line: line.leased),
        note="En logements gardés en stock : ils vont au titulaire de leur droit, hors du flux.",
    )


def transmission(content: WholeBalance) -> Sheet:
    """What was sent of the balance and of the forecasts: by which act, on which day, by whom."""
    return columned(
        "Transmission",
        content.transmissions,
        ListColumn("Pièce", key="paper", read=lambda each: f"{paper(each)}, {each.place}"),
        ListColumn("Acte", key="act", read=act),
        ListColumn("Le", Kind.DATE, key="on", read=lambda each: each.on),
        ListColumn("Par", key="by", read=lambda each: each.by),
        ListColumn("Destinataires", Kind.INTEGER, key="recipients", read=lambda each: each.recipients),
        note="Destinataires : en organisations. Une version se scelle à la dernière signature : plus rien ne la "
        "change.",
    )


def lacking(content: WholeBalance) -> Sheet:
    """The units counted « non renseigné », to be completed. For the landlord."""
    return columned(
        "À renseigner",
        content.lacking or (),
        ListColumn("Logement", key="unit", read=lambda unit: unit.reference),
        ListColumn("Commune", key="commune", read=lambda unit: unit.commune),
        ListColumn("Code INSEE", key="code", read=lambda unit: unit.code),
        ListColumn("À renseigner", key="lacks", read=lambda unit: ", ".join(axis_name(axis) for axis in unit.lacks)),
        note="Comptés « non renseigné » tant que la fiche du logement ne le dit pas.",
    )


# --- on paper, where a table is as wide as a page --------------------------------------------------------------------


def synthesis_on_paper(content: WholeBalance) -> tuple[Sheet, Sheet]:
    """The synthesis in two: what each was due and received, then what became of it."""
    rows, total = _synthesis(content)
    became: tuple[ListColumn[Received], ...] = (HOLDER[0], *CELL)
    return (
        columned("Promis et reçu", rows, HOLDER[0], *ACCOUNT, COUNTED, note=RECEIVED, totals=[total]),
        columned(
            "Ce que les logements sont devenus",
            rows,
            *became,
            note=f"En logements ; candidatures non abouties : en candidats. {DONE}",
            totals=[total],
        ),
    )


def on_paper(content: WholeBalance, axis: Axis, *, by_holder: bool) -> Sheet:
    """One axis: each category with a figure, all holders together, then each of them where there are several."""
    cells, rows = content.cells, list[DoneLine]()
    for category in cells.categories(axis):
        name, held = known(cells.name(axis, category)), list[DoneLine]()
        if by_holder:
            held = [
                DoneLine(line.holder, measures, name)
                for line in content.lines
                if (measures := cells.of(axis).get(line.holder.pk, {}).get(category))
            ]
        if len(held) != 1:
            rows.append(DoneLine(None, cells.category(axis, category), name))
        rows += held
    return columned(
        EVERYBODY if not by_holder else "Chaque réservataire",
        rows,
        _category(axis),
        ListColumn[DoneLine](HOLDER[0].title, key=HOLDER[0].key, read=lambda line: str(line.holder or EVERYBODY)),
        *CELL,
        totals=[DoneLine(None, cells.total(axis), TOGETHER)],
    )


def months_on_paper(content: WholeBalance) -> Sheet:
    """What each account wrote each month, one account after another."""
    return columned("Chaque compte", content.months, HOLDER[0], *MONTHS)


# --- one file of all figures -----------------------------------------------------------------------------------------


def figures(content: WholeBalance) -> Sheet:
    """Every figure of every table, one a row, with all that states it from the others: for programs and pivots."""
    found = (figure for table in tables(content) for figure in _unpivoted(table))
    return _headed(content, columned(title(content), found, *FIGURE))


def with_head(content: WholeBalance, table: Table) -> Sheet:
    """One table, each row saying whose balance it is."""
    return _headed(content, replace(table.sheet, note="", totals=()))


def _headed(content: WholeBalance, sheet: Sheet) -> Sheet:
    head = tuple(column.cell(content) for column in HEAD)
    return replace(sheet, columns=(*HEAD, *sheet.columns), rows=((*head, *row) for row in sheet.rows))


def _unpivoted(table: Table) -> Iterator[Figure]:
    """A row for each number of a table; the contingent names a holder, and measures nothing."""
    columns = table.sheet.columns
    for row in table.sheet.rows:
        values = {column.key: _cell_text(value) for column, value in zip(columns, row, strict=True)}
        for column, value in zip(columns, row, strict=True):
            if isinstance(value, int | Decimal) and column not in HOLDER:
                category = values[table.category] if table.category else ""
                yield Figure(table.sheet.title, values[table.line], category, column.title, value)


def _cell_text(value: Cell) -> str:
    return f"{value:%Y-%m}" if isinstance(value, date) else str(value)


# --- cells -----------------------------------------------------------------------------------------------------------


def _category(axis: Axis) -> ListColumn[DoneLine]:
    return ListColumn(upper_first(axis_name(axis)), key="category", read=lambda line: line.category)


def _shares(line: AccountLine, year: int) -> str:
    """« 25 % Aude » ; with its days where one share follows another: « 25 % Aude, du 01/01/2026 au 30/06/2026 + … »."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    found = [(right, max(first, right.starts_on), min(last, right.ends_on)) for right in line.rights]
    dated = len({(since, until) for _, since, until in found}) > 1
    return " + ".join(
        f"{' à '.join(dict.fromkeys(map(_percent, right.span)))} {right.convention.perimeter.name}"
        + (f", du {since:%d/%m/%Y} au {until:%d/%m/%Y}" if dated else "")
        for right, since, until in found
    )


def _percent(share: int) -> str:
    return f"{percent_of(share).normalize():f}".replace(".", ",") + " %"
