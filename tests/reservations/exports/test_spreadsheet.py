"""CSV files and rows of JSON: the same cells as the workbook, in writings of their own."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reservations.exports.spreadsheet import ROWS, Column, Kind, Row, Sheet, clean, plain, records, spreadsheet

COLUMNS = (
    Column("Réservataire", key="holder"),
    Column("Logements", Kind.INTEGER, key="units"),
    Column("Dû", Kind.DECIMAL, key="due"),
    Column("Échéance", Kind.DATE, key="on"),
    Column("Part du flux", Kind.SHARE, key="share"),
)
LINES: list[Row] = [
    ("Ville ; « Île »", 1234, Decimal("35.760"), date(2026, 1, 3), Decimal("0.3576")),
    ("=1+1", -1, Decimal("-0.8"), None, Decimal(1)),
    ("", None, Decimal("1E+3"), None, Decimal("0.05")),
]


def test_csv_is_what_a_french_spreadsheet_opens() -> None:
    written = b"".join(spreadsheet(Sheet("Essai", COLUMNS, LINES, totals=(LINES[0],)))).decode("utf-8")
    assert written.split("\r\n") == [
        "\ufeffRéservataire;Logements;Dû;Échéance;Part du flux",
        '"Ville ; « Île »";1234;35,76;03/01/2026;35,76%',
        "'=1+1;-1;-0,8;;100%",
        ";;1000;;5%",
        "",
    ]


def test_csv_is_written_as_its_rows_are_read() -> None:
    read = 0

    def rows() -> Iterator[Row]:
        nonlocal read
        for _ in range(3 * ROWS):
            read += 1
            yield LINES[0]

    chunks = spreadsheet(Sheet("Essai", COLUMNS, rows()))
    assert next(chunks).startswith(b"\xef\xbb\xbf")
    assert read == 0
    assert next(chunks).count(b"\r\n") == ROWS == read
    assert sum(chunk.count(b"\r\n") for chunk in chunks) == 2 * ROWS


#: As they are typed, wide and small; behind what a spreadsheet reads over.
FORMULAS = [
    *("=1+1", "+33", "-2", "@SUM(A1)", "\uff1d1+1", "\uff0b33", "\uff0d2", "\uff20SUM(A1)"),
    *("\ufe661+1", "\ufe6233", "\ufe632", "\ufe6bSUM(A1)", " =1+1", "\t=1+1", "\r=1+1", "\n=1+1", "\u00a0=1+1"),
    *("\ufeff=1+1", "\u200b=1+1", "\u3000\uff1d1+1", " \t -2"),
]


@pytest.mark.parametrize("name", FORMULAS)
def test_csv_makes_no_formula_of_a_text(name: str) -> None:
    assert plain(name) == f"'{name}"
    written = b"".join(spreadsheet(Sheet("Essai", COLUMNS[:1], [(name,)]))).decode("utf-8-sig")
    assert written.splitlines()[1].startswith("'"), written


@pytest.mark.parametrize("name", ["", " ", "’=1", "a=1", "1+1", "−2", "# 1", "Ville ; « Île »"])
def test_csv_leaves_any_other_text_as_it_is(name: str) -> None:
    assert plain(name) == name


@settings(max_examples=50)
@given(st.text())
def test_any_text_comes_back_from_a_csv(text: str) -> None:
    written = b"".join(spreadsheet(Sheet("Essai", COLUMNS[:1] * 2, [(text, "b")])))
    heading, row = csv.reader(io.StringIO(written.decode("utf-8-sig"), newline=""), delimiter=";")
    assert heading == ["Réservataire"] * 2
    assert row == [plain(clean(text)), "b"]
    assert "\n" not in row[0]


def test_records_are_exact() -> None:
    assert list(records(Sheet("Essai", COLUMNS, LINES))) == [
        {"holder": "Ville ; « Île »", "units": 1234, "due": "35.76", "on": "2026-01-03", "share": "0.3576"},
        {"holder": "=1+1", "units": -1, "due": "-0.8", "on": None, "share": "1"},
        {"holder": "", "units": None, "due": "1000", "on": None, "share": "0.05"},
    ]
