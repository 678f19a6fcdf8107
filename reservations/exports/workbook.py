"""XLSX workbooks that a spreadsheet opens without repair: real numbers and days, headings in sight, nothing a formula.

Written row by row (openpyxl, write-only): of a long table, only the compressed file is held in memory. The package is
loaded with the first workbook: no command but those that write one waits for it.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import chain, islice
from textwrap import wrap
from typing import Any

from reservations.exports.listing import ListColumn, columned
from reservations.exports.spreadsheet import Cell, Column, Kind, Row, Sheet, clean, risky

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LANGUAGE = "fr-FR"
AUTHOR = "Équiflux"

#: How a spreadsheet shows the cells of a kind, unless the column says otherwise.
FORMATS = {
    Kind.TEXT: "General",
    Kind.INTEGER: "#,##0",
    Kind.DECIMAL: "#,##0.00",
    Kind.DATE: "DD/MM/YYYY",
    Kind.SHARE: "0.00%",
}

#: ECMA-376 and Excel: no sheet has a longer name, none has these signs.
LONGEST_NAME = 31
FORBIDDEN = str.maketrans({**dict.fromkeys("[]:*?/\\", " "), "'": "’"})

NARROWEST, WIDEST = 8, 60
#: As ECMA-376 numbers the sizes of paper.
A4 = "9"
#: What the button of a filter hides of a heading, in characters; the height of a line, in points.
BUTTON, LINE = 4, 15
#: Rows that say how wide the columns are: those that a reader sees first.
MEASURED = 200


@cache
def styles() -> dict[str, Any]:
    """Of headings and totals, made once."""
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

    return {
        "bold": Font(bold=True),
        "fill": PatternFill("solid", fgColor="DDE8E9"),
        "under": Border(bottom=Side(style="medium", color="0D5159")),
        "over": Border(top=Side(style="thin", color="0D5159")),
        **{side: Alignment(horizontal=side, vertical="center", wrap_text=True) for side in ("left", "right")},
    }


def workbook(title: str, sheets: Sequence[Sheet]) -> io.BytesIO:
    """The tables as one workbook, a sheet each, to be read from its start.

    With several tables, or a note, a first sheet says what each other holds: its whole title and its note.
    """
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    book.security = None  # openpyxl would write an empty protection
    book.properties.title = clean(title)
    book.properties.creator = AUTHOR
    book.properties.language = LANGUAGE
    titles = [sheet.title for sheet in sheets]
    if len(sheets) > 1 or any(sheet.note for sheet in sheets):
        names = sheet_names(["Contenu", *titles])
        _write(book, names[0], _contents(title, sheets, names[1:]))
        names = names[1:]
    else:
        names = sheet_names(titles)
    for name, sheet in zip(names, sheets, strict=True):
        _write(book, name, sheet)
    held = io.BytesIO()
    book.save(held)
    held.seek(0)
    return held


def sheet_names(titles: Iterable[str]) -> list[str]:
    """A name for each sheet that every spreadsheet takes: short, without forbidden signs, no two alike."""
    taken: set[str] = set()
    names = []
    for title in titles:
        whole = " ".join(clean(title).translate(FORBIDDEN).split()).strip("’") or "Feuille"
        name, number = _cut(whole, LONGEST_NAME), 1
        while name.casefold() in taken:
            number += 1
            suffix = f" ({number})"
            name = _cut(whole, LONGEST_NAME - len(suffix)) + suffix
        taken.add(name.casefold())
        names.append(name)
    return names


def _cut(name: str, length: int) -> str:
    """As much of the name as holds in so many UTF-16 units, which is how spreadsheets count."""
    kept = name.encode("utf-16-le")[: 2 * length].decode("utf-16-le", errors="ignore")
    return kept if kept == name else f"{kept[: length - 1].rstrip(' ’')}…"


def _contents(title: str, sheets: Sequence[Sheet], names: Sequence[str]) -> Sheet:
    return columned(
        title,
        list(zip(names, sheets, strict=True)),
        ListColumn("Feuille", read=lambda each: each[0]),
        ListColumn("Tableau", read=lambda each: each[1].title),
        ListColumn("À savoir", read=lambda each: each[1].note),
    )


def _write(book: Any, name: str, sheet: Sheet) -> None:
    from openpyxl.utils import get_column_letter

    page = book.create_sheet(name)
    page.freeze_panes = "A2"
    page.print_title_rows = "1:1"
    page.page_setup.paperSize = A4
    page.page_setup.orientation = "landscape"
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    printed = page.HeaderFooter
    printed.oddHeader.left.text = clean(sheet.title).replace("&", "&&")
    printed.oddFooter.right.text = "&P / &N"
    # Those of other pages, written empty, are more than every program reads.
    printed.evenHeader = printed.evenFooter = printed.firstHeader = printed.firstFooter = None

    rows = sheet.cells()
    first = list(islice(rows, MEASURED))
    widths = list(_widths(sheet, first))
    for number, width in enumerate(widths, 1):
        page.column_dimensions[get_column_letter(number)].width = width
    page.row_dimensions[1].height = _height(sheet, widths)
    page.append([_heading(page, column) for column in sheet.columns])
    written = 1
    for row in chain(first, rows):
        page.append([_cell(page, column, value) for column, value in zip(sheet.columns, row, strict=True)])
        written += 1
    page.auto_filter.ref = f"A1:{get_column_letter(len(sheet.columns))}{written}"
    if sheet.totals:
        page.append([])
        for row in map(sheet.row, sheet.totals):
            page.append(list(_total(page, sheet, row)))


def _widths(sheet: Sheet, rows: Sequence[Row]) -> Iterator[int]:
    """Wide enough for what is seen of the column, and for its heading with the button of its filter: on one line over
    texts, on several over numbers, which are shorter than what they are called."""
    for number, column in enumerate(sheet.columns):
        seen = (len(_shown(row[number])) for row in chain(rows, sheet.totals))
        heading = column.title if column.kind == Kind.TEXT else max(column.title.split(), key=len, default="")
        yield min(max(NARROWEST, len(heading) + BUTTON, *seen, 0) + 1, WIDEST)


def _height(sheet: Sheet, widths: Sequence[int]) -> int:
    """Of the headings, in points: as many lines as the one that folds most."""
    folded = (len(wrap(column.title, width - BUTTON)) for column, width in zip(sheet.columns, widths, strict=True))
    return LINE * max(folded, default=1)


def _shown(value: Cell) -> str:
    return "" if value is None else str(value)


def _heading(page: Any, column: Column) -> Any:
    cell = _text(page, column.title)
    of = styles()
    cell.font, cell.fill, cell.border = of["bold"], of["fill"], of["under"]
    cell.alignment = of["left" if column.kind == Kind.TEXT else "right"]
    return cell


def _total(page: Any, sheet: Sheet, row: Row) -> Iterator[Any]:
    for column, value in zip(sheet.columns, row, strict=True):
        cell = _cell(page, column, value) or _blank(page)
        cell.font, cell.border = styles()["bold"], styles()["over"]
        yield cell


def _blank(page: Any, value: Any = None) -> Any:
    from openpyxl.cell import WriteOnlyCell

    return WriteOnlyCell(page, value)


def _cell(page: Any, column: Column, value: Cell) -> Any:
    """A cell of the type of its value; blank without one, or without a letter."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return _text(page, value)
    cell = _blank(page, value)
    cell.number_format = column.number_format or FORMATS[column.kind]
    return cell


def _text(page: Any, text: str) -> Any:
    """A text, whatever it begins with: openpyxl would take « =1+1 » for a formula and « #N/A » for an error, and who
    edits the cell later would make a formula of it, but for the mark that spreadsheets show as an apostrophe."""
    cell = _blank(page, text)
    cell.data_type = "s"
    if risky(text):
        cell.quotePrefix = True
    return cell
