"""The annual balance as files: the same tables in a workbook, in CSV and on paper."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass

from django.template.loader import render_to_string

from attributions.bilan.exports import columns, readings, tables
from attributions.bilan.exports.changes import changes_on_paper
from attributions.bilan.exports.layout import laid_out
from attributions.bilan.exports.national import NATIONAL, national
from attributions.bilan.models import BalanceLayout
from attributions.bilan.pages.axes import axis_name
from attributions.bilan.pages.changes import sealed_words
from attributions.bilan.pages.kept import kept_lines, passed_lines
from attributions.bilan.pages.passages import passage_words
from attributions.bilan.queries.whole import WholeBalance
from flux.pages.account_words import delegated_words, order_words
from flux.queries.cells import Axis
from reservations.exports.page import Printed, printed
from reservations.exports.sheet import Sheet
from reservations.exports.spreadsheet import spreadsheet
from reservations.exports.workbook import workbook
from reservations.pages.imprints import imprint_words


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
    late = _printed(readings.on_one_page(readings.late(content)))
    since = changes_on_paper(content)
    stock, first = tables.stock(content), next(iter(tables.AXES.values()))
    axes = [
        Section(
            f"Par {axis_name(axis)}",
            columns.UNITS if axis == first else "",
            _printed(tables.on_paper(content, axis, by_holder=axis != Axis.COMMUNE)),
        )
        for axis in tables.AXES.values()
    ]
    return (
        Section("Synthèse par réservataire", "", _printed(*tables.synthesis_on_paper(content))),
        Section("Du parc au flux", "", _printed(tables.flow(content), zeros=False)),
        *axes,
        *([Section("Exercices antérieurs", readings.RULE, late)] if late else []),
        Section(
            f"Parmi les logements enregistrés en {content.year}",
            "Seconde lecture : ce que sont devenus, même l’année suivante, les logements enregistrés dans l’année.",
            (
                *_printed(readings.on_one_page(readings.cohort(content))),
                *_printed(readings.bridge(content), zeros=False),
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
