"""The files of layout that go out.

* The annual balance as files: the same tables in a workbook, in CSV and on paper.
* A balance under a layout: the columns, the order, the names and the cut that the operator recorded.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter

from django.template.loader import render_to_string

from attributions.bilan.exports import changes, tables
from attributions.bilan.exports.changes import changes_on_paper
from attributions.bilan.exports.figure_tables import NATIONAL, national
from attributions.bilan.models import BalanceLayout
from attributions.bilan.models.layout import COUNTS, DIMENSIONS
from attributions.bilan.pages.overview import sealed_words
from attributions.bilan.pages.reconciliation import FLOW as FLOW_WORDS
from attributions.bilan.pages.reconciliation import act, paper, passage_words
from attributions.bilan.pages.scales import axis_name
from attributions.bilan.pages.sheets import kept_lines, passed_lines
from attributions.bilan.queries.overview import DONE, Crossed, crossed
from attributions.bilan.queries.transmissions import WholeBalance
from flux.pages.account_words import delegated_words, order_words
from flux.queries.cells import Axis
from reservations.exports.listing import ListColumn, columned
from reservations.exports.page import Printed, printed
from reservations.exports.spreadsheet import Cell, Kind, Sheet, spreadsheet
from reservations.exports.workbook import workbook
from reservations.pages.imprints import imprint_words
from reservations.words import in_a_sentence, upper_first

NOT_SAID = "non renseigné"
FIRST_LETTING, FLOW = "première mise en location", "flux"
#: The column of each axis in a row that crosses them.
CROSSED = {
    "typology": Axis.TYPOLOGY,
    "financing": Axis.FINANCING,
    "qpv": Axis.QPV,
    "commune": Axis.COMMUNE,
    "period": Axis.PERIOD,
}


def laid_out(content: WholeBalance, layout: BalanceLayout) -> Sheet:
    """The table of a layout: what was done in the year, a row for what its columns state apart, and, where it asks for
    them, what was forecast and done from the stock to the flow. Four queries."""
    written = _Written(content, layout)
    columns = (_column(code, heading) for code, heading in layout.columns)
    return columned(layout.name, list(written.rows()), *columns)


#: Numbers that are names: without a space between thousands.
PLAIN = ("year", "contingent")


def _column(code: str, heading: str) -> ListColumn[dict[str, Cell]]:
    kind = Kind.DATE if code == "on" else Kind.INTEGER if code in COUNTS or code in PLAIN else Kind.TEXT
    return ListColumn(heading, kind, "0" if code in PLAIN else "", code, read=itemgetter(code))


class _Written:
    """The rows of a balance under a layout."""

    def __init__(self, content: WholeBalance, layout: BalanceLayout) -> None:
        self.content, self.layout = content, layout
        self.axes = [code for code in layout.codes if code in DIMENSIONS]
        cells = content.cells
        self.order = {axis: {each: place for place, each in enumerate(cells.categories(axis))} for axis in Axis}
        organisation = content.landlord.organisation
        self.same: dict[str, Cell] = {
            "landlord": organisation.name,
            "landlord_siren": organisation.siren,
            "year": content.year,
            "on": content.on,
        }

    def rows(self) -> Iterator[dict[str, Cell]]:
        """Each table in turn, then the lines from the stock to the flow."""
        found = crossed(self.content.balance)
        if {*self.layout.codes} & {*COUNTS} - {"planned", "done"}:
            axes: list[Axis | None] = [Axis(each) for each in self.layout.axes]
            for axis in axes or [None]:
                yield from self._table(found, axis)
        if {"planned", "done"} & {*self.layout.codes}:
            yield from self._flow()

    def _table(self, found: Sequence[Crossed], axis: Axis | None) -> Iterator[dict[str, Cell]]:
        """One table: rows that the columns do not state apart are one."""
        ranked = CROSSED.values() if axis is None else (axis,)
        found = sorted(found, key=lambda row: (self._holder(row), [self._rank(row, each) for each in ranked]))
        summed: dict[tuple[Cell, ...], tuple[dict[str, Cell], list[int]]] = {}
        for row in found:
            text = self._columns_of(row, axis)
            _, into = summed.setdefault(tuple(text[code] for code in self.axes), (text, [0] * len(DONE)))
            into[:] = map(sum, zip(into, row.figures, strict=True))
        for text, figures in summed.values():
            yield text | dict.fromkeys(COUNTS) | dict(zip(DONE, figures, strict=True))

    def _columns_of(self, row: Crossed, axis: Axis | None) -> dict[str, Cell]:
        """What each column says of a row."""
        return {
            **self.same,
            "departement": row.departement,
            "holder": str(row.holder),
            "siren": row.holder.organisation.siren,
            "contingent": row.holder.contingent,
            "account": FIRST_LETTING if row.first_letting else FLOW,
            "table": "Ensemble" if axis is None else upper_first(f"par {axis_name(axis)}"),
            "line": "" if axis is None else self._word(row, axis),
            **{code: self._word(row, of) for code, of in CROSSED.items()},
            "commune_code": row.commune.code,
            **self._sent(row.departement),
        }

    def _flow(self) -> Iterator[dict[str, Cell]]:
        """From the stock to the flow: of no holder."""
        nothing: dict[str, Cell] = {**dict.fromkeys(DIMENSIONS, ""), **dict.fromkeys([*COUNTS, "contingent"])}
        for line in self.content.flow:
            heading, words = FLOW_WORDS[line.code]
            values = {"table": f"Du parc au flux, {in_a_sentence(heading)}", "line": words}
            yield nothing | self.same | values | {"planned": line.planned, "done": line.done} | self._sent(None)

    def _sent(self, departement: str | None) -> dict[str, Cell]:
        """How the balance and its forecast were sent, last, in one département (its code) or in all."""
        found: dict[bool, dict[str, str]] = {True: {}, False: {}}
        for each in self.content.transmissions:
            if departement in (None, each.departement) and each.exercise == self.content.year:
                found[each.version is None][each.departement] = f"{paper(each)}, {act(each)}"
        return {
            "balance_sent": " ; ".join(found[False].values()),
            "forecast_sent": " ; ".join(found[True].values()),
        }

    def _word(self, row: Crossed, axis: Axis) -> str:
        """A category as the layout calls it."""
        result = row.commune.name if axis == Axis.COMMUNE else row.categories[axis] or NOT_SAID
        return str(self.layout.words.get(result, result))

    def _holder(self, row: Crossed) -> tuple[str, str, int, bool]:
        return row.departement, row.holder.organisation.siren, row.holder.contingent, row.first_letting

    def _rank(self, row: Crossed, axis: Axis) -> int:
        category = row.commune.code if axis == Axis.COMMUNE else row.categories[axis]
        return self.order[axis].get(category, len(self.order[axis]))


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the printed balance, under its heading."""

    title: str
    text: str
    tables: tuple[Printed, ...]


def balance_xlsx(content: WholeBalance, layout: BalanceLayout | None = None) -> io.BytesIO:
    """A sheet a table; under a layout, its own, with what was forecast and done, and what was sent."""
    if layout is not None:
        return workbook(
            f"{tables.title(content)}, {layout}",
            [laid_out(content, layout), tables.flow(content), tables.transmission(content)],
        )
    return workbook(tables.title(content), [table.sheet for table in tables.tables(content)])


def balance_csv(content: WholeBalance, table: str = "", layout: BalanceLayout | None = None) -> Iterator[bytes]:
    """One table by its name, or every figure, one a row; or the national table, whose columns are those of its schema;
    or that of a layout.

    Raises KeyError: no table has this name, or its reader may not have it.
    """
    if layout is not None:
        return spreadsheet(laid_out(content, layout))
    if not table:
        return spreadsheet(tables.figures(content))
    if table == NATIONAL:
        return spreadsheet(national(content))
    named = {each.name: each for each in tables.tables(content)}
    return spreadsheet(tables.with_head(content, named[table]))


def balance_page(content: WholeBalance) -> str:
    """The page that a worker draws on paper: each figure is in it."""
    context = {"title": tables.title(content), "content": content, "sections": sections(content)}
    context["kept"] = [
        *sealed_words(content.balance.since.seals, content.changes),
        *passage_words(content.passages),
        *kept_lines(content.kept),
        *passed_lines(content.passed),
        *order_words(content.orders),
        *delegated_words(content.delegated),
    ]
    context["imprint"] = imprint_words([ledger.pk for ledger in content.balance.ledgers])
    return render_to_string("bilan/document.html", context)


def sections(content: WholeBalance) -> tuple[Section, ...]:
    """What is printed. Communes, which may be hundreds, for all holders together: the workbook has each."""
    late = _printed(changes.on_one_page(changes.late(content)))
    since = changes_on_paper(content)
    stock, first = tables.stock(content), next(iter(tables.AXES.values()))
    axes = [
        Section(
            f"Par {axis_name(axis)}",
            changes.UNITS if axis == first else "",
            _printed(tables.on_paper(content, axis, by_holder=axis != Axis.COMMUNE)),
        )
        for axis in tables.AXES.values()
    ]
    return (
        Section("Synthèse par réservataire", "", _printed(*tables.synthesis_on_paper(content))),
        Section("Du parc au flux", "", _printed(tables.flow(content), zeros=False)),
        *axes,
        *([Section("Exercices antérieurs", changes.RULE, late)] if late else []),
        Section(
            f"Parmi les logements enregistrés en {content.year}",
            "Seconde lecture : ce que sont devenus, même l’année suivante, les logements enregistrés dans l’année.",
            (
                *_printed(changes.on_one_page(changes.cohort(content))),
                *_printed(changes.bridge(content), zeros=False),
            ),
        ),
        *([Section("Depuis le scellement", since.note, _printed(since, zeros=False))] if since.rows else []),
        *([Section("Gardés en stock, hors des comptes", "", _printed(stock))] if stock.rows else []),
        Section(
            "Relevé mois par mois",
            "Un mois sans mouvement n’a pas de ligne.",
            _printed(tables.months_on_paper(content)),
        ),
    )


def _printed(*sheets: Sheet, zeros: bool = True) -> tuple[Printed, ...]:
    """Those that count something; `zeros`: their lines of zeros too."""
    tables = (printed(sheet, zeros=zeros) for sheet in sheets)
    return tuple(table for table in tables if table.rows and table.counts)


def file_name(content: WholeBalance, extension: str, table: str = "") -> str:
    """« bilan-999000003-2026.csv », with the code of its territory when it has one, and the name of its table."""
    place = content.balance.territory
    parts = ["bilan", content.landlord.organisation.siren, str(content.year), place.code if place else "", table]
    return f"{'-'.join(filter(None, parts))}.{extension}"
