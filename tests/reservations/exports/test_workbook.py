"""Workbooks: what a real spreadsheet program finds in them, cell by cell, and what it does not have to repair."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import load_workbook

from reservations.exports.spreadsheet import Cell, Column, Kind, Row, Sheet
from reservations.exports.workbook import LONGEST_NAME, sheet_names, workbook
from tests.calc import opened, typed

COLUMNS = (
    Column("Réservataire"),
    Column("Exercice", Kind.INTEGER, number_format="0"),
    Column("Dû", Kind.DECIMAL),
    Column("Échéance", Kind.DATE),
    Column("Part du flux", Kind.SHARE),
)
ROWS: list[Row] = [
    ("Ville de Narbonne", 2026, Decimal("1234567.123456"), date(2026, 2, 28), Decimal("0.3576")),
    ("=1+1", -12, Decimal("-0.000001"), date(1999, 12, 31), Decimal(1)),
    ("#N/A", 0, Decimal(0), date(2024, 2, 29), Decimal("0.05")),
    ('« L’Île », "l\'Œuvre" ; État – agents', None, None, None, None),
    ("@SUM(A1)", 1, Decimal("0.1"), None, None),
    ("+33 4 68", 2, Decimal("1E+3"), None, None),
    ("0012", 3, Decimal("12.50"), None, None),
    ("_x0041_ <a> & 🏠", 4, None, None, None),
    ("", 5, None, None, None),
]
TOTALS: tuple[Row, ...] = (("Ensemble", None, Decimal("1235580.223455"), None, None),)


def held(*sheets: Sheet, title: str = "Bilan 2026") -> bytes:
    return workbook(title, sheets).read()


def read(sheet: Sheet, rows: list[list[str]]) -> list[list[Cell]]:
    """The rows of a sheet, below its heading, of the kinds of its columns."""
    return [[typed(column, text) for column, text in zip(sheet.columns, row, strict=True)] for row in rows[1:]]


def as_read(rows: list[Row]) -> list[list[Cell]]:
    """A spreadsheet makes no difference between no text and an empty one."""
    return [[None if value == "" else value for value in row] for row in rows]


def test_a_spreadsheet_program_finds_every_cell_with_its_type(tmp_path: Path) -> None:
    sheet = Sheet("Synthèse", COLUMNS, ROWS)
    (found,) = opened(held(sheet), tmp_path)
    assert found[0] == [column.title for column in COLUMNS]
    assert read(sheet, found) == as_read(ROWS)


def test_a_spreadsheet_program_shows_them_as_people_write_them(tmp_path: Path) -> None:
    (found,) = opened(held(Sheet("Synthèse", COLUMNS, ROWS)), tmp_path, shown="preserve")
    assert found[1] == ["Ville de Narbonne", "2026", "1,234,567.12", "28/02/2026", "35.76%"]  # in the language C
    assert found[2][0] == "=1+1"


def test_totals_stand_apart_under_a_blank_row(tmp_path: Path) -> None:
    content = held(Sheet("Synthèse", COLUMNS, iter(ROWS), totals=TOTALS))
    (found,) = opened(content, tmp_path)
    assert found[len(ROWS) + 1] == [""] * 5
    assert found[len(ROWS) + 2] == ["Ensemble", "", "1235580.223455", "", ""]
    page = load_workbook(io.BytesIO(content)).active
    assert page.auto_filter.ref == f"A1:E{len(ROWS) + 1}"  # who filters or pivots does not count them twice
    assert page.cell(len(ROWS) + 3, 1).font.bold


@pytest.mark.parametrize("count", [0, 1, 500])
def test_any_number_of_rows(tmp_path: Path, count: int) -> None:
    """None, one, and more than those that say how wide the columns are; from a generator, read once."""
    (found,) = opened(held(Sheet("Synthèse", COLUMNS, (ROWS[0] for _ in range(count)))), tmp_path)
    assert len(found) == 1 + count


def test_first_sheet_says_what_the_others_hold(tmp_path: Path) -> None:
    long = "Logements proposés, attribués, rendus, refusés par typologie et financement"
    sheets = [
        Sheet(f"{long} [T1/T2]", COLUMNS, ROWS, note="En logements ; « non renseigné » compris."),
        Sheet(f"{long} : *T3*", COLUMNS, ROWS[:1]),
        Sheet("Bilan d'été", COLUMNS, ROWS[:2]),
    ]
    content = held(*sheets)
    contents, *others = opened(content, tmp_path)
    names = load_workbook(io.BytesIO(content)).sheetnames
    assert contents == [
        ["Feuille", "Tableau", "À savoir"],
        *([name, sheet.title, sheet.note] for name, sheet in zip(names[1:], sheets, strict=True)),
    ]
    assert [read(sheet, rows) for sheet, rows in zip(sheets, others, strict=True)] == [
        as_read(list(sheet.rows)) for sheet in sheets
    ]


@pytest.mark.parametrize(
    ("titles", "names"),
    [
        (["Synthèse", "synthèse", "SYNTHÈSE"], ["Synthèse", "synthèse (2)", "SYNTHÈSE (3)"]),
        (["Par typologie [T1/T2] : *?\\"], ["Par typologie T1 T2"]),
        (["'Bilan d'été'"], ["Bilan d’été"]),
        (["", "   ", "''"], ["Feuille", "Feuille (2)", "Feuille (3)"]),
        (["a" * 31, "a" * 32], ["a" * 31, "a" * 30 + "…"]),
        (["a" * 40, "a" * 41], ["a" * 30 + "…", "a" * 26 + "… (2)"]),
        (["Ligne\nsuivante\x00"], ["Ligne suivante"]),
        (["🏠" * 20], ["🏠" * 15 + "…"]),
    ],
)
def test_sheet_names_are_short_and_no_two_alike(titles: list[str], names: list[str]) -> None:
    found = sheet_names(titles)
    assert found == names
    assert all(len(name.encode("utf-16-le")) <= 2 * LONGEST_NAME for name in found)


def test_strange_names_open_as_well_as_others(tmp_path: Path) -> None:
    titles = [
        "Bilan d'été « l'Île »",
        "=1+1",
        "A1",
        "L’« Œuvre » & Cie, {1}",
        '"Q"',
        "🏠" * 20,
        "TRUE",
        "R1C1",
        "12",
        "!#$",
    ]
    sheets = [Sheet(title, COLUMNS, ROWS) for title in titles]
    assert len(opened(held(*sheets, title="Bilan « 2026 » & <b>"), tmp_path)) == 1 + len(titles)


def test_heading_stays_in_sight_and_the_document_says_its_language() -> None:
    book = load_workbook(io.BytesIO(held(Sheet("Synthèse", COLUMNS, ROWS))))
    page = book.active
    assert (book.properties.title, book.properties.language) == ("Bilan 2026", "fr-FR")
    assert book.properties.creator == "Équiflux"
    assert (page.freeze_panes, page.print_title_rows, page.page_setup.orientation) == ("A2", "$1:$1", "landscape")
    assert page["A1"].font.bold
    assert page.column_dimensions["A"].width > len("« L’Île », « l'Œuvre » ; État")


def test_long_headings_of_numbers_fold_and_are_read_whole() -> None:
    columns = (Column("Nom"), Column("Premières locations proposées", Kind.INTEGER))
    page = load_workbook(io.BytesIO(held(Sheet("Synthèse", columns, [("a", 1)])))).active
    assert page.column_dimensions["B"].width == len("locations") + 5
    assert page.row_dimensions[1].height == 45
    assert page["B1"].alignment.wrap_text


def test_who_edits_a_text_makes_no_formula_of_it() -> None:
    page = load_workbook(io.BytesIO(held(Sheet("Synthèse", COLUMNS, ROWS)))).active
    quoted = {row[0].value: (row[0].data_type, row[0].quotePrefix) for row in page.iter_rows(min_row=2) if row[0].value}
    assert quoted["=1+1"] == quoted["@SUM(A1)"] == quoted["+33 4 68"] == ("s", True)
    assert quoted["#N/A"] == quoted["Ville de Narbonne"] == ("s", False)


def test_what_no_file_can_hold_is_left_blank(tmp_path: Path) -> None:
    strange = "a\x00b\x0bc\nd\te\x85f\ufffeg\uffffh\ud800i"
    (found,) = opened(held(Sheet("Synthèse", COLUMNS[:1], [(strange,)])), tmp_path)
    assert found[1] == ["a b c d e f g h i"]


@pytest.mark.parametrize(
    "row",
    [
        (1, 2, None, None, None),
        ("a", "2", None, None, None),
        ("a", True, None, None, None),
        ("a", Decimal(1), None, None, None),
        ("a", 1, 1.5, None, None),
        ("a", 1, None, datetime(2026, 1, 1, tzinfo=UTC), None),
        ("a", 1, None, None, "35 %"),
    ],
)
def test_a_cell_of_another_kind_is_a_mistake_of_ours(row: Row) -> None:
    with pytest.raises(TypeError, match="is no"):
        held(Sheet("Synthèse", COLUMNS, [row]))


def test_so_is_a_row_of_another_length() -> None:
    with pytest.raises(ValueError, match="zip"):
        held(Sheet("Synthèse", COLUMNS, [("a",)]))
