"""One figure, stated on a page, on paper, in a workbook, in a CSV, in JSON and by the API: the same, to the
hundredth."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

from openpyxl import load_workbook

from reservations.models.convention import UNIT
from reservations.rounding import figure
from tests.house.faults import read
from tests.house.pages import Page

Row = list[str]
#: The figures of a unit’s course, in the order of the columns of a file.
MEASURES = (
    *("offered", "designated", "allocated", "leased", "returned", "lapsed", "refused"),
    *("first_lettings", "first_allocated", "first_leased"),
)


def repeated(pages: Iterable[Page]) -> Iterator[tuple[str, str]]:
    """(page, fault): what a page or a file says otherwise than the exact figures of the same balance or account."""
    by = {(page.person, page.name, page.address): page for page in pages if page.method == "GET" and page.status < 300}
    for (person, name, address), page in by.items():
        if name == "balance-json":
            payload, about = json.loads(page.content), address.removesuffix("bilan.json")
            for kind, rows in _writings(by, person, about):
                for fault in _lines(kind, rows, payload["holders"]):
                    yield page.key, fault
        elif name == "api-account":
            about = address.replace("/api/v1/ledgers/", "/comptes/").removesuffix("account/")
            if (shown := by.get((person, "account", about))) is not None:
                for line in json.loads(page.content)["lines"]:
                    wanted = [figure(Fraction(line["figures"]["due"], UNIT)), *_counts(line["figures"])]
                    wanted.append(figure(Fraction(line["figures"]["gap"], UNIT), signed=True))
                    if fault := _missing(line["holder"]["name"], [wanted], _rows(shown.html)):
                        yield shown.key, fault


def _counts(figures: dict[str, int]) -> Row:
    """In the order of the columns of an account."""
    return [str(figures[key]) for key in ("routed", "awaiting", "received")]


def _writings(by: dict[tuple[str, str, str], Page], person: str, about: str) -> Iterator[tuple[str, list[Row]]]:
    """Every writing of one balance that was read: what it is, and its rows."""
    if (page := by.get((person, "balance", about))) is not None:
        yield "screen", _rows(page.html)
    if (page := by.get((person, "balance-pdf", f"{about}bilan.pdf"))) is not None and page.printed:
        yield "paper", _rows(page.printed)
    if (page := by.get((person, "balance-xlsx", f"{about}bilan.xlsx"))) is not None:
        yield "workbook", list(_book(page.content))
    if (page := by.get((person, "balance-csv", f"{about}bilan.csv"))) is not None:
        yield "csv", list(csv.reader(io.StringIO(page.content.decode("utf-8-sig")), delimiter=";"))


def _lines(kind: str, rows: list[Row], holders: Iterable[dict[str, Any]]) -> Iterator[str]:
    for line in holders:
        due = figure(Fraction(line["due"], UNIT))
        gap = figure(Fraction(line["gap"], UNIT), signed=True)
        measures = [str(line["measures"][measure]) for measure in MEASURES]
        if kind == "csv":
            cells = [cell for row in rows if line["name"] in row for cell in row]
            if not {due, gap.lstrip("+")} <= {_shown(cell) for cell in cells}:
                yield f"csv: {line['name']} is not owed {due}, {gap}"
            continue
        if kind == "paper" and not line["due"] and not line["received"]:
            continue  # lines of zeros are not printed
        wanted = [[due]] if kind == "paper" and not line["gap"] else [[due], [gap]]  # nor columns of zeros
        if fault := _missing(line["name"], wanted, rows):
            yield f"{kind}: {fault}"
        if kind == "workbook" and (fault := _missing(line["name"], [measures], rows)):
            yield f"{kind}: {fault}"


def _shown(cell: str) -> str:
    try:
        return figure(Decimal(cell.replace(",", ".").replace("\u202f", "")))
    except ArithmeticError:
        return cell


def _missing(name: str, wanted: list[Row], rows: list[Row]) -> str:
    """Which of these runs of cells no row of that name has; empty when each is somewhere."""
    mine = [[cell.strip() for cell in row] for row in rows if row and row[0].strip() == name and len(row) > 3]
    for run in wanted:
        if not any(run == row[at : at + len(run)] for row in mine for at in range(len(row))):
            return f"« {name} » does not say {' '.join(run)}, but {' / '.join(' '.join(row) for row in mine)}"
    return ""


def _rows(html: str) -> list[Row]:
    return [row for body, foot in read(html).tables for row in [*body, *foot]]


def _book(content: bytes) -> Iterator[Row]:
    """Each row as a spreadsheet shows it."""
    for sheet in load_workbook(io.BytesIO(content)):
        for row in sheet.iter_rows():
            yield [_cell(cell) for cell in row]


def _cell(cell: Any) -> str:
    value, positive = cell.value, str(cell.number_format).split(";", maxsplit=1)[0]
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return "" if value is None else str(value)
    places = len(positive.partition(".")[2])
    return figure(Decimal(str(value)), places, signed=positive.startswith("+")) if places else str(value)
