"""The tables of an annual balance, said once for every file: who was due and received what, on each axis of the law.

CCH, R441-5-1. Rows are long, a holder and a category each, which is what officers pivot; the sums stand apart. Dues are
exact, in units.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from attributions.bilan.exports.changes import changes_sheet
from attributions.bilan.exports.columns import CELL, DONE, HOLDER, UNITS, cell, holder_of
from attributions.bilan.exports.kept import kept_sheet
from attributions.bilan.exports.passages import passages_sheet
from attributions.bilan.exports.passed import delegated_sheet, orders_sheet, passed_sheet
from attributions.bilan.exports.readings import bridge, cohort, late
from attributions.bilan.pages.axes import axis_name
from attributions.bilan.pages.transmissions import act, paper
from attributions.bilan.pages.whole import FLOW as FLOW_WORDS
from attributions.bilan.queries.whole import Month, WholeBalance
from flux.pages.points import counted_when
from flux.queries.account import AccountFigures, AccountLine
from flux.queries.cells import Axis, Measures
from flux.words import known
from reservations.exports.listing import ListColumn, columned
from reservations.exports.page import MONTH
from reservations.exports.sheet import Cell, Column, Kind, Row, Sheet
from reservations.models.convention import UNIT, percent_of

SIGNED = "+#,##0.00;-#,##0.00;0.00"

#: What a month of an account adds up besides its due, in the order of the files.
MONTHLY = {
    "routed": "Orientés",
    "awaiting": "À confirmer",
    "received": "Reçus",
    "offered": "Proposés",
    "designated": "Candidats désignés",
    "allocated": "Attribués",
    "leased": "Baux signés",
    "returned": "Rendus",
    "lapsed": "Délais écoulés sans candidat",
    "refused_applicant": "Refus du demandeur",
    "refused_holder": "Retraits du réservataire",
    "refused_landlord": "Du fait du bailleur",
    "refused_committee": "Refus de la CALEOL",
    "refused_unit": "Du fait du logement",
}
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
TOGETHER = "Tous les réservataires"
SYNTHESIS = (
    *HOLDER,
    Column("Part du flux", key="shares"),
    Column("Dû", Kind.DECIMAL, key="due"),
    Column("Orientés", Kind.INTEGER, key="routed"),
    Column("À confirmer", Kind.INTEGER, key="awaiting"),
    Column("Reçus", Kind.INTEGER, key="received"),
    Column("En cours", Kind.INTEGER, key="in_course"),
    Column("Écart", Kind.DECIMAL, SIGNED, key="gap"),
    *CELL,
    Column("Point de comptage", key="counting_point"),
)
STATEMENT = (
    *HOLDER,
    Column("Mois", Kind.DATE, MONTH, key="month"),
    Column("Dû", Kind.DECIMAL, key="due"),
    Column("dont report", Kind.DECIMAL, key="carried"),
    *(Column(title, Kind.INTEGER, key=key) for key, title in MONTHLY.items()),
)
FLOW = (
    Column("Rubrique", key="heading"),
    Column("Ligne", key="line"),
    Column("Prévus", Kind.INTEGER, key="planned"),
    Column("Constatés", Kind.INTEGER, key="done"),
)
STOCK = (
    *HOLDER,
    Column("Proposés", Kind.INTEGER, key="offered"),
    Column("Loués", Kind.INTEGER, key="leased"),
)
HEAD = (
    Column("Bailleur", key="landlord"),
    Column("SIREN", key="landlord_siren"),
    Column("Exercice", Kind.INTEGER, number_format="0", key="year"),
    Column("Territoire", key="territory"),
    Column("Arrêté au", Kind.DATE, key="on"),
)
FIGURE = (
    *HEAD,
    Column("Tableau", key="table"),
    Column("Ligne", key="line"),
    Column("Catégorie", key="category"),
    Column("Mesure", key="measure"),
    Column("Valeur", Kind.DECIMAL, key="value"),
)


@dataclass(frozen=True, slots=True)
class Table:
    """A table and its name in an address. `line` and `category`: the columns (by their place) that say what a figure
    is of; one without category says it by its line alone."""

    name: str
    sheet: Sheet
    line: int = 0
    category: int | None = None


def tables(content: WholeBalance) -> tuple[Table, ...]:
    """Every table that the reader of this content may have, in the order of the page."""
    found = [
        Table("synthese", synthesis(content)),
        *(Table(name, by_axis(content, axis), category=len(HOLDER)) for name, axis in AXES.items()),
        Table("exercices-anterieurs", late(content), category=len(HOLDER)),
        Table("cohorte", cohort(content)),
        Table("passage", bridge(content)),
        Table("mois", statement(content), category=len(HOLDER)),
        Table("flux", flow(content), line=1, category=0),
        Table("stock", stock(content)),
        Table("transmission", transmission(content), category=1),
    ]
    if content.balance.since.seals:
        found.append(Table("depuis-le-scellement", changes_sheet(content), line=4, category=0))
    if content.kept:
        found.append(Table("tenu-ici", kept_sheet(content.kept), line=2, category=3))
    if content.passed:
        found.append(Table("cessions", passed_sheet(content.passed), line=3, category=2))
    if content.orders:
        found.append(Table("arretes", orders_sheet(content.orders)))
    if content.delegated:
        found.append(Table("delegations", delegated_sheet(content.delegated), category=2))
    if content.passages:
        found.append(Table("communes-passees", passages_sheet(content.passages), category=2))
    if content.lacking is not None:
        found.append(Table("a-renseigner", lacking(content)))
    return tuple(found)


def title(content: WholeBalance) -> str:
    """« Bilan annuel 2026, Robine Habitat, Coursan »."""
    return ", ".join(filter(None, [f"Bilan annuel {content.year}", str(content.landlord), content.place]))


def synthesis(content: WholeBalance) -> Sheet:
    """A line a holder: what it was due and received, and what became of it."""

    def held(line: AccountLine) -> Measures:
        return content.cells.holder(line.holder.pk)

    rows = [
        (
            *holder_of(line.holder),
            _shares(line, content.year),
            *_figures(line.figures),
            *cell(held(line)),
            *_counted(line),
        )
        for line in content.lines
    ]
    total = ("Ensemble", "", None, "", *_figures(content.balance.total), *cell(content.cells.total()), "")
    note = (
        f"{RECEIVED} Candidatures non abouties : en candidats. "
        + DONE
        + (
            " Sans le dû transféré à la fin d’un droit : il se lit au département."
            * content.balance.leaves_transfers_out
        )
    )
    return Sheet("Synthèse par réservataire", SYNTHESIS, rows, note, (total,))


def by_axis(content: WholeBalance, axis: Axis) -> Sheet:
    """Each holder and each category of one axis with a figure; the sums of each category, and of all."""
    cells = content.cells
    categories = cells.categories(axis)
    rows: list[Row] = [
        (*holder_of(line.holder), known(cells.name(axis, category)), *cell(measures))
        for line in content.lines
        for category in categories
        if (measures := cells.of(axis).get(line.holder.pk, {}).get(category))
    ]
    totals: tuple[Row, ...] = tuple(
        ("Ensemble", "", None, known(cells.name(axis, category)), *cell(cells.category(axis, category)))
        for category in categories
    )
    whole: Row = ("Ensemble", "", None, "toutes", *cell(cells.total(axis)))
    return Sheet(f"Par {axis_name(axis)}", (*HOLDER, _category(axis), *CELL), rows, UNITS, (*totals, whole))


def statement(content: WholeBalance) -> Sheet:
    """What each account wrote each month."""
    rows = [(*holder_of(month.holder), month.first, *_month(month)) for month in content.months]
    return Sheet(
        "Relevé mois par mois",
        STATEMENT,
        rows,
        "En logements ; refus et retraits : en candidats. Un mois sans mouvement n’a pas de ligne. Baux signés : au "
        "mois de la signature, pour les logements de l’exercice. Attribués et baux signés : sans les premières "
        "locations, qui ont leurs colonnes dans la synthèse.",
    )


def flow(content: WholeBalance) -> Sheet:
    """From what fell vacant to the flow, with what had been forecast."""
    return Sheet(
        "Du parc au flux",
        FLOW,
        [(*FLOW_WORDS[line.code], line.planned, line.done) for line in content.flow],
        "En logements. Prévus : ceux des prévisionnels envoyés ; vides là où aucun ne porte sur ce territoire.",
    )


def stock(content: WholeBalance) -> Sheet:
    """Units kept in stock, outside the accounts, by the holder of their right."""
    rows = [(*holder_of(line.holder), line.offered, line.leased) for line in content.stock]
    return Sheet(
        "Stock", STOCK, rows, "En logements gardés en stock : ils vont au titulaire de leur droit, hors du flux."
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
    whole, names = synthesis(content), HOLDER[:1]
    account, counted = slice(len(HOLDER), len(SYNTHESIS) - len(CELL) - 1), slice(len(SYNTHESIS) - 1, None)
    cells = slice(account.stop, counted.start)
    return (
        Sheet(
            "Promis et reçu",
            (*names, *SYNTHESIS[account], *SYNTHESIS[counted]),
            [(row[0], *row[account], *row[counted]) for row in whole.rows],
            RECEIVED,
            tuple((row[0], *row[account], *row[counted]) for row in whole.totals),
        ),
        Sheet(
            "Ce que les logements sont devenus",
            (*names, *SYNTHESIS[cells]),
            [(row[0], *row[cells]) for row in whole.rows],
            f"En logements ; candidatures non abouties : en candidats. {DONE}",
            tuple((row[0], *row[cells]) for row in whole.totals),
        ),
    )


def on_paper(content: WholeBalance, axis: Axis, *, by_holder: bool) -> Sheet:
    """One axis: each category with a figure, all holders together, then each of them where there are several."""
    cells, rows = content.cells, list[Row]()
    for category in cells.categories(axis):
        name, held = known(cells.name(axis, category)), list[Row]()
        if by_holder:
            held = [
                (name, str(line.holder), *cell(measures))
                for line in content.lines
                if (measures := cells.of(axis).get(line.holder.pk, {}).get(category))
            ]
        if len(held) != 1:
            rows.append((name, TOGETHER, *cell(cells.category(axis, category))))
        rows += held
    whole: Row = ("Ensemble", TOGETHER, *cell(cells.total(axis)))
    return Sheet(
        TOGETHER if not by_holder else "Chaque réservataire", (_category(axis), HOLDER[0], *CELL), rows, "", (whole,)
    )


def months_on_paper(content: WholeBalance) -> Sheet:
    """What each account wrote each month, one account after another."""
    rows = [(str(month.holder), month.first, *_month(month)) for month in content.months]
    return Sheet("Chaque compte", (HOLDER[0], *STATEMENT[len(HOLDER) :]), rows)


# --- one file of all figures -----------------------------------------------------------------------------------------


def figures(content: WholeBalance) -> Sheet:
    """Every figure of every table, one a row, with all that tells it from the others: for programs and pivots."""
    rows = ((*head(content), table.sheet.title, *row) for table in tables(content) for row in _unpivoted(table))
    return Sheet(title(content), FIGURE, rows)


def with_head(content: WholeBalance, table: Table) -> Sheet:
    """One table, each row saying whose balance it is."""
    sheet = table.sheet
    rows = ((*head(content), *row) for row in sheet.rows)
    return Sheet(sheet.title, (*HEAD, *sheet.columns), rows)


def head(content: WholeBalance) -> Row:
    """Whose balance, of which year, where, and on which day it was read."""
    organisation = content.landlord.organisation
    return organisation.name, organisation.siren, content.year, content.place or "Ensemble", content.on


def _unpivoted(table: Table) -> Iterator[Row]:
    """A row for each number of a table; the contingent names a holder, and measures nothing."""
    columns = table.sheet.columns
    for row in table.sheet.rows:
        category = "" if table.category is None else _said(row[table.category])
        for column, value in zip(columns, row, strict=True):
            if column.kind in {Kind.INTEGER, Kind.DECIMAL} and column not in HOLDER and value is not None:
                yield _said(row[table.line]), category, column.title, value


def _said(value: Cell) -> str:
    return f"{value:%Y-%m}" if isinstance(value, date) else str(value)


# --- cells -----------------------------------------------------------------------------------------------------------


def _category(axis: Axis) -> Column:
    label = axis_name(axis)
    return Column(label[0].upper() + label[1:], key="category")


def _units(millionths: int) -> Decimal:
    return Decimal(millionths) / UNIT


def _figures(figures: AccountFigures) -> Row:
    gap = _units(figures.gap)
    return _units(figures.due), figures.routed, figures.awaiting, figures.received, figures.in_course, gap


def _month(month: Month) -> Row:
    return _units(month.due), _units(month.carried), *(getattr(month, name) for name in MONTHLY)


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


def _counted(line: AccountLine) -> Row:
    """When its convention counts a unit."""
    return (counted_when(line),)
