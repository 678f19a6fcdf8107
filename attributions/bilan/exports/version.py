"""A version of the balance as a workbook and on paper, from its sealed content and from nothing else.

The sealed file is JSON, for ever the same bytes; these two writings of it are for people, and name its seal.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

from django.template.loader import render_to_string

from attributions.bilan.exports.kept import kept_sheet
from attributions.bilan.exports.passed import delegated_sheet, orders_sheet, passed_sheet
from attributions.bilan.models import BalanceSignature
from attributions.bilan.pages.figures import COLUMNS
from attributions.bilan.pages.kept import kept_of
from attributions.bilan.pages.tables import FiguresRow as Line
from attributions.bilan.pages.tables import Table, tables
from attributions.bilan.queries.figures import FLOW
from attributions.bilan.queries.review import Sent
from flux.queries.delegated import Delegated
from flux.queries.opening import Kept
from flux.queries.ordered import Ordered
from flux.queries.stock_transfer import Passed
from reservations.exports.listing import ListColumn, columned
from reservations.exports.page import Printed, printed
from reservations.exports.sheet import Cell, Kind, Sheet
from reservations.exports.workbook import workbook
from reservations.models.convention import UNIT
from reservations.pages.imprints import printed_words


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the printed version, under its heading."""

    title: str
    table: Printed


def title(read: Sent) -> str:
    """« Bilan annuel 2026, Robine Habitat, Aude, version 2 »."""
    content = read.content
    place = content["departement"]["name"]
    return f"Bilan annuel {content['exercise']}, {content['landlord']['name']}, {place}, version {content['version']}"


def version_xlsx(read: Sent) -> io.BytesIO:
    """A sheet a table: a row a holder and a category, which people pivot; the sums stand apart."""
    sheets = [_long(table) for table in tables(read.content, COLUMNS)]
    told = read.content.get("kept_here")
    place = read.content["departement"]["name"]
    kept = [kept_sheet([(place, Kept.of_json(told))])] if told else []
    passed = [(place, Passed.of_json(each)) for each in read.content.get("passed", ())]
    orders = [Ordered.of_json(each) for each in read.content.get("orders", ())]
    beside = [*([passed_sheet(passed)] if passed else []), *([orders_sheet(orders)] if orders else [])]
    if delegated := read.content.get("delegated"):
        beside.append(delegated_sheet(Delegated.of_json(each) for each in delegated))
    return workbook(title(read), [*sheets, subtracted(read), *kept, *beside])


def version_page(
    read: Sent, signatures: Sequence[BalanceSignature], remarks: Sequence[tuple[Mapping[str, Any], str]]
) -> str:
    """The page that a worker draws on paper: the seal, who signed, and the remarks told, each with its line."""
    context = {
        "title": title(read),
        "sent": read,
        "content": read.content,
        "kept": kept_of(read.content),
        "parts": [
            Part(table.heading, printed(_wide(table), zeros=table.code not in {FLOW, "BRIDGE"}))
            for table in tables(read.content, COLUMNS)
        ],
        "subtracted": printed(subtracted(read), zeros=False),
        "signatures": signatures,
        "imprint": printed_words(read.version.heads),
        "remarks": remarks,
    }
    return render_to_string("bilan/version_document.html", context)


def subtracted(read: Sent) -> Sheet:
    """Units kept out of the flow (CCH, R441-5), forecast and done."""
    return columned(
        "Logements soustraits du flux",
        read.content["subtracted"],
        ListColumn("Catégorie", key="category", read=lambda row: _capital(row["words"])),
        ListColumn("Prévus", Kind.INTEGER, key="forecast", read=lambda row: row["forecast"]),
        ListColumn("Réalisés", Kind.INTEGER, key="done", read=lambda row: row["done"]),
        ListColumn("Prévus l’année suivante", Kind.INTEGER, key="forecast_next", read=lambda row: row["forecast_next"]),
        note="Vide : aucun prévisionnel n’avait été envoyé.",
    )


@dataclass(frozen=True, slots=True)
class _Named:
    """A line and what it is of: its category (the words of the row that adds it up, which comes first), its holder."""

    line: Line
    category: str
    name: str


def _wide(table: Table) -> Sheet:
    """As on the page: each category, all holders together, then each of them."""
    return columned(table.caption, list(_named(table)), *_columns(table), note=table.note)


def _long(table: Table) -> Sheet:
    """The rows of holders; those that add them up are totals, for nothing to be counted twice."""
    named = list(_named(table))
    return columned(
        table.heading,
        [each for each in named if not each.line.whole],
        *_columns(table),
        note=table.note,
        totals=[each for each in named if each.line.whole],
    )


def _named(table: Table) -> Iterator[_Named]:
    category = ""
    for line in table.rows:
        category = line.name if line.whole else category
        whole = "Ensemble" if line.whole else line.name
        yield _Named(line, category, whole if table.axis else _capital(line.name))


def _columns(table: Table) -> Iterator[ListColumn[_Named]]:
    if table.axis:
        yield ListColumn(_capital(table.words), read=lambda each: each.category)
    yield ListColumn(table.first, read=lambda each: each.name)
    for at, words in enumerate(table.columns):
        is_due = bool(table.rows) and table.rows[0].cells[at].is_due
        kind = Kind.DECIMAL if is_due else Kind.INTEGER
        yield ListColumn(_capital(words), kind, read=partial(_figure, at=at))


def _figure(each: _Named, *, at: int) -> Cell:
    cell = each.line.cells[at]
    return Decimal(cell.value) / UNIT if cell.is_due else cell.value


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
