"""A table on paper says the cells of its file, in French writing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from django.template.loader import render_to_string
from pypdf import PdfReader

from reservations.exports.file_import import printed as pdf_of
from reservations.exports.page import printed, words
from reservations.exports.spreadsheet import Cell, Column, Kind, Sheet
from tests.reservations.exports.test_documents import elements, tags

SIGNED = "+0.00;-0.00;0.00"


@pytest.mark.parametrize(
    ("column", "value", "read"),
    [
        (Column("Ligne"), "Ville de Narbonne", "Ville de Narbonne"),
        (Column("Logements", Kind.INTEGER), 1204, "1\u202f204"),
        (Column("Logements", Kind.INTEGER), -3, "−3"),
        (Column("Exercice", Kind.INTEGER, number_format="0"), 2026, "2026"),
        (Column("Dû", Kind.DECIMAL), Decimal("1234.565"), "1\u202f234,57"),
        (Column("Dû", Kind.DECIMAL), Decimal("-0.001"), "0,00"),
        (Column("Dû", Kind.DECIMAL), 12, "12,00"),
        (Column("Dû", Kind.DECIMAL, number_format="0.0000"), Decimal("0.5"), "0,5000"),
        (Column("Écart", Kind.DECIMAL, number_format=SIGNED), Decimal("0.76"), "+0,76"),
        (Column("Écart", Kind.DECIMAL, number_format=SIGNED), Decimal("-0.8"), "−0,80"),
        (Column("Écart", Kind.DECIMAL, number_format=SIGNED), 0, "0,00"),
        (Column("Part", Kind.SHARE), Decimal("0.125"), "12,50\u202f%"),
        (Column("Jour", Kind.DATE), date(2026, 3, 1), "1er mars 2026"),
        (Column("Mois", Kind.DATE, number_format="MM/YYYY"), date(2026, 3, 1), "03/2026"),
        (Column("Jour", Kind.DATE), None, ""),
    ],
)
def test_a_cell_reads_as_people_write_it(column: Column, value: Cell, read: str) -> None:
    assert words(column, value) == read


def test_a_table_is_tagged_with_its_headings() -> None:
    columns = (Column("Réservataire"), Column("Logements", Kind.INTEGER))
    sheet = Sheet("Par <typologie>", columns, [("Ville & Cie", 1), ("État", 2)], "À savoir.", (("Ensemble", 3),))
    table = render_to_string("components/sheet.html", {"table": printed(sheet)})
    assert table.count('class="n"') == 4
    head = '<!doctype html><html lang="fr"><head><title>T</title></head>'
    page = f"{head}<body><main><h1>T</h1>{table}</main></body></html>"
    reader = PdfReader(BytesIO(pdf_of(page)))
    found = tags(reader)
    assert [found.count(tag) for tag in ("/Caption", "/TR", "/TH", "/TD")] == [1, 4, 5, 3]
    everything = list(elements(reader.trailer["/Root"]["/StructTreeRoot"]))
    headers = {each["/ID"] for each in everything if each["/S"] == "/TH"}
    cells = [each for each in everything if each["/S"] == "/TD"]
    assert all(len(each["/A"]["/Headers"]) == 2 and set(each["/A"]["/Headers"]) <= headers for each in cells)


def test_a_column_of_zeros_is_left_out_and_named() -> None:
    """Blanks are not zeros: what is not known stays, and so does a text. A total counts as a row."""
    columns = (
        Column("Réservataire"),
        Column("Proposés", Kind.INTEGER),
        Column("Rendus", Kind.INTEGER),
        Column("Dont report", Kind.DECIMAL),
        Column("Prévus", Kind.INTEGER),
        Column("Écart", Kind.DECIMAL),
    )
    rows = [("Ville", 1, 0, Decimal(0), None, Decimal(0)), ("État", 0, 0, Decimal("0.00"), None, Decimal(0))]
    read = printed(Sheet("Comptes", columns, rows, "", (("Ensemble", 1, 0, Decimal(0), None, Decimal("0.5")),)))
    assert [heading.text for heading in read.headings] == ["Réservataire", "Proposés", "Prévus", "Écart"]
    assert [[cell.text for cell in row] for row in read.rows] == [["Ville", "1", "", "0,00"], ["État", "0", "", "0,00"]]
    assert read.left_out == ("rendus", "dont report")
    assert read.counts
    table = render_to_string("components/sheet.html", {"table": read})
    assert "À zéro, non imprimés : rendus, dont report." in table
    assert ">Rendus<" not in table


def test_a_line_of_zeros_is_left_out_and_named_where_it_is_asked() -> None:
    """By its last words, as in a sentence; a line that holds something, or only blanks, stays."""
    columns = (Column("Rubrique"), Column("Ligne"), Column("Prévus", Kind.INTEGER), Column("Constatés", Kind.INTEGER))
    rows = [("Refus", "Refus de la CALEOL", None, 0), ("Flux", "Net", 28, 30), ("Hors du flux", "QPV", 0, 0)]
    table = Sheet("Du parc au flux", columns, [*rows, ("Prévus", "Rien", None, None)])
    read = printed(table, zeros=False)
    assert [row[1].text for row in read.rows] == ["Net", "Rien"]
    assert read.left_out == ("refus de la CALEOL", "QPV")
    assert [row[1].text for row in printed(table).rows] == ["Refus de la CALEOL", "Net", "QPV", "Rien"]


def test_a_table_of_zeros_counts_nothing() -> None:
    columns = (Column("Catégorie"), Column("Prévus", Kind.INTEGER))
    assert not printed(Sheet("Soustraits", columns, [("Sous-location", 0)])).counts
    assert printed(Sheet("Soustraits", columns, [("Sous-location", 1)])).counts
    assert printed(Sheet("Noms", columns[:1], [("Sous-location",)])).counts


def test_the_total_of_a_long_table_is_printed_once_at_its_end() -> None:
    """« Ensemble » stood at the foot of each page, in the middle of the table, as if it were that of the page."""
    columns = (Column("Commune"), Column("Logements", Kind.INTEGER))
    sheet = Sheet("Par commune", columns, [(f"Commune {n}", 1) for n in range(150)], "", (("Ensemble", 150),))
    table = render_to_string("components/sheet.html", {"table": printed(sheet)})
    style = '<link rel="stylesheet" href="/static/document.css">'
    head = f'<!doctype html><html lang="fr"><head><title>T</title>{style}</head>'
    pages = PdfReader(BytesIO(pdf_of(f"{head}<body><main><h1>T</h1>{table}</main></body></html>"))).pages
    totals = [page.extract_text().count("Ensemble") for page in pages]
    assert len(totals) > 2
    assert totals == [0] * (len(totals) - 1) + [1]
    assert all("Commune" in page.extract_text() for page in pages)
