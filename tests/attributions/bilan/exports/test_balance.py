"""The files of a balance: the figures of the screen, cell by cell, opened by a real spreadsheet program, read back."""

from __future__ import annotations

import csv
import io
import json
from collections import defaultdict
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from jsonschema import Draft202012Validator
from pypdf import PdfReader

from attributions.bilan.exports.changes import HOLDER, MEASURES
from attributions.bilan.exports.tables import AXES, FIGURE, HEAD, SYNTHESIS, synthesis, tables
from attributions.bilan.models import BalanceDownload
from attributions.bilan.queries.transmissions import WholeBalance, whole_balance
from flux.models import FlowEntry, Unit
from flux.queries.cells import Axis
from reservations.exports.page import words
from reservations.exports.spreadsheet import Kind
from reservations.models.convention import UNIT
from reservations.models.ground import ShareGround
from tests.attributions.bilan.exports.balances import LATER, UNITS, lived, on_paper
from tests.calc import opened, typed
from tests.flux.quotas import promise
from tests.flux.views.test_account import cells as shown
from tests.flux.views.test_account import page
from tests.house.tree import ROOT
from tests.reservations.exports.test_documents import elements, tags
from tests.world import World
from tests.world_again import kept

SCHEMA = ROOT / "docs/schemas/balance.json"
FILES = ("balance-xlsx", "balance-csv", "balance-json", "balance-pdf")
SignIn = Callable[[str], Client]


@pytest.fixture(autouse=True)
def later(time_machine: Any) -> None:
    time_machine.move_to(LATER, tick=False)


@pytest.fixture
@kept
def year(world: World) -> World:
    return lived(world)


def read(world: World, **limits: Any) -> WholeBalance:
    return whole_balance(world.landlord, 2026, limits.pop("territory", None), on=LATER.date(), **limits)


def at(world: World, name: str, query: str = "") -> str:
    return reverse(name, args=[world.landlord.pk, 2026]) + query


def taken(client: Client, url: str) -> bytes:
    response = client.get(url)
    assert response.status_code == 200
    return response.getvalue()


def rows_of(content: bytes) -> list[dict[str, str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


def test_shares_of_one_holder_that_follow_each_other_are_reported_with_their_days(world: World) -> None:
    """What a guarantee gave ends inside the year (CCH, R441-6): two shares are not added up as if both were due."""
    loan = ShareGround("LOAN_GUARANTEE", 80_000, date(2021, 6, 30), 5)
    promise(world, "city", grounds=[loan.as_json(), ShareGround("LAND", 40_000).as_json()])
    column = [each.key for each in SYNTHESIS].index("shares")
    values = {row[0]: row[column] for row in synthesis(read(world)).rows}
    assert values["Ville de Narbonne"] == (
        "12 % Narbonne, du 01/01/2026 au 30/06/2026 + 4 % Narbonne, du 01/07/2026 au 31/12/2026"
    )
    assert values["Action Logement Services"] == "20 % Aude"


# --- every total by every axis ---------------------------------------------------------------------------------------


def test_every_axis_adds_up_to_the_entries(year: World) -> None:
    """Rows of each table, its totals and the synthesis, against a sum of the entries written apart."""
    content = read(year)
    wanted: dict[tuple[int, str], int] = defaultdict(int)
    for entry in FlowEntry.objects.exclude(vacancy=None).select_related("vacancy"):
        name = entry.stage.lower()
        if name in MEASURES and entry.ledger_id == entry.vacancy.ledger_id:
            wanted[entry.holder_id, name] += entry.quantity
    for axis in Axis:
        for line in content.lines:
            measures = content.cells.holder(line.holder.pk, axis)
            for name in ("offered", "designated", "allocated", "leased", "returned", "lapsed", "refused"):
                assert getattr(measures, name) == wanted[line.holder.pk, name], (axis, line, name)
    named = {table.name: table.sheet for table in tables(content)}
    first = len(HOLDER) + 1
    for name in AXES:
        sheet = named[name]
        assert [column.title for column in sheet.columns[first:]] == list(MEASURES.values())
        assert sum_of(sheet.rows, first) == list(sheet.totals[-1][first:]) == sum_of(sheet.totals[:-1], first)
    assert (content.cells.total().offered, content.cells.total().returned) == (len(UNITS), 1)
    assert content.cells.total().designated == 1
    assert content.cells.total().leased == 1


def sum_of(rows: Any, first: int) -> list[int]:
    return [sum(column) for column in zip(*(row[first:] for row in rows), strict=True)]


def test_what_is_not_stated_is_counted_and_listed(year: World) -> None:
    content = read(year)
    assert content.cells.categories(Axis.FINANCING)[-1] == ""
    assert content.lacking is not None
    assert [unit.lacks for unit in content.lacking] == [(Axis.FINANCING, Axis.QPV, Axis.PERIOD), (Axis.QPV,)]
    assert sum(content.cells.category(axis, "").offered for axis in (Axis.FINANCING, Axis.QPV, Axis.PERIOD)) > 3
    assert read(year, member=year.member("chloe")).lacking is None


def test_months_add_up_to_the_account(year: World) -> None:
    content = read(year)
    for line in content.lines:
        months = [month for month in content.months if month.holder == line.holder]
        assert sum(month.due for month in months) == line.figures.due
        assert sum(month.routed + month.awaiting for month in months) == line.figures.received
        assert sum(month.offered for month in months) == content.cells.holder(line.holder.pk).offered
    assert {month.first.month for month in content.months} == {11, 12}


def test_planned_is_beside_done_where_the_forecast_says_it(year: World) -> None:
    lines = {line.code: (line.planned, line.done) for line in read(year).flow}
    assert lines["URBAN_RENEWAL"] == (24, 1)
    assert (lines["SUBTRACTED"], lines["NET"]) == ((96, 2), (480, 6))
    assert lines["STOCK"] == (None, 0)
    assert {line.planned for line in read(year, territory=year.places["Coursan"]).flow} == {None}
    assert read(year, territory=year.places["Aude"]).flow == read(year).flow
    assert {line.planned for line in read(year, member=year.member("chloe")).flow} == {None}


# --- XLSX ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("person", "query"), [("aline", ""), ("emma", ""), ("chloe", ""), ("aline", "Coursan")])
def test_workbook_says_each_cell_of_each_table(
    year: World, sign_in: SignIn, tmp_path: Path, person: str, query: str
) -> None:
    territory = year.places[query] if query else year.places["Le Grand Narbonne"] if person == "emma" else None
    content = read(year, territory=territory, member=year.member(person))
    contents, *sheets = opened(taken(sign_in(person), at(year, "balance-xlsx", asking(territory))), tmp_path)
    wanted = tables(content)
    assert [row[1] for row in contents[1:]] == [table.sheet.title for table in wanted]
    for table, rows in zip(wanted, sheets, strict=True):
        columns = table.sheet.columns
        found = [[typed(column, text) for column, text in zip(columns, row, strict=True)] for row in rows[1:]]
        lines = [[cell if cell != "" else None for cell in row] for row in table.sheet.rows]
        totals = [[cell if cell != "" else None for cell in row] for row in table.sheet.totals]
        assert found == [*lines, *([[None] * len(columns), *totals] if totals else [])], table.name


def asking(territory: Any) -> str:
    return f"?territory={territory.pk}" if territory else ""


def test_screen_and_files_say_the_same_cell_by_cell(year: World, sign_in: SignIn) -> None:
    """The synthesis and the flow of the page against those of the file, as the file's columns write them."""
    client = sign_in("aline")
    rows = shown(page(client, at(year, "balance")))
    named = {table.name: table.sheet for table in tables(read(year, member=year.member("aline")))}
    synthesis, columns = named["synthese"], [column.title for column in SYNTHESIS]
    places = [columns.index(title) for title in ("Dû", "Orientés", "À confirmer", "Reçus", "Écart")]
    for row, line in [*((row, row[0]) for row in synthesis.rows), (synthesis.totals[0], "Ensemble")]:
        on_screen = {cell for each in rows if each[0] == line and len(each) > 5 for cell in each}
        written = [words(SYNTHESIS[place], row[place]) for place in places]
        assert [cell for cell in written if cell not in on_screen] == [], line
    flow = {str(row[1]): row[3] for row in named["flux"].rows if row[1] != "Ensemble"}
    assert ["Flux net", str(flow["Flux net"])] in rows
    assert ["Relogement d’opérations de renouvellement urbain", "−1"] in rows or flow["Flux net"] == 6


# --- CSV -------------------------------------------------------------------------------------------------------------


def test_csv_has_every_figure_of_every_table_one_a_row(year: World, sign_in: SignIn) -> None:
    response = sign_in("aline").get(at(year, "balance-csv"))
    assert response.streaming
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert 'filename="bilan-999000003-2026.csv"' in response["Content-Disposition"]
    rows = rows_of(response.getvalue())
    assert list(rows[0]) == [column.title for column in (*HEAD, *FIGURE)]
    content = read(year)
    numbers = sum(
        value is not None and column.kind in {Kind.INTEGER, Kind.DECIMAL} and column not in HOLDER
        for table in tables(content)
        for row in table.sheet.rows
        for column, value in zip(table.sheet.columns, row, strict=True)
    )
    assert len(rows) == numbers
    due = {row["Ligne"]: row["Valeur"] for row in rows if (row["Tableau"], row["Mesure"]) == (rows[0]["Tableau"], "Dû")}
    assert {name: Decimal(text.replace(",", ".")) * UNIT for name, text in due.items()} == {
        str(line.holder): line.figures.due for line in content.lines
    }
    by_type = [row for row in rows if (row["Tableau"], row["Mesure"]) == ("Par typologie", "Proposés")]
    assert sum(int(row["Valeur"]) for row in by_type) == content.cells.total().offered
    assert {row["Catégorie"] for row in by_type} == {"T1", "T2", "T3", "T4", "T6+"}


@pytest.mark.parametrize("name", [*AXES, "synthese", "mois", "flux", "a-renseigner"])
def test_csv_of_one_table(year: World, sign_in: SignIn, name: str) -> None:
    content = read(year, territory=year.places["Coursan"])
    sheet = next(table.sheet for table in tables(content) if table.name == name)
    client = sign_in("aline")
    response = client.get(at(year, "balance-csv", f"?territory={year.places['Coursan'].pk}&table={name}"))
    assert f'filename="bilan-999000003-2026-11106-{name}.csv"' in response["Content-Disposition"]
    rows = rows_of(response.getvalue())
    assert list(rows[0]) == [column.title for column in (*HEAD, *sheet.columns)]
    assert {(row["SIREN"], row["Territoire"], row["Arrêté au"]) for row in rows} == {
        ("999000003", "Coursan", "28/12/2026")
    }
    assert len(rows) == len(list(sheet.rows))


def test_a_table_that_is_not_there_is_not_found(year: World, sign_in: SignIn) -> None:
    assert sign_in("aline").get(at(year, "balance-csv", "?table=rien")).status_code == 404
    assert sign_in("chloe").get(at(year, "balance-csv", "?table=a-renseigner")).status_code == 404
    assert not BalanceDownload.objects.exists()


# --- JSON ------------------------------------------------------------------------------------------------------------


def printed(capsys: pytest.CaptureFixture[str], **options: object) -> dict[str, Any]:
    call_command("balance", landlord="999000003", year=2026, json=True, **options)
    return json.loads(capsys.readouterr().out)


def test_the_command_prints_the_file(year: World, sign_in: SignIn, capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(taken(sign_in("aline"), at(year, "balance-json")))
    assert found == printed(capsys)
    assert json.loads(taken(sign_in("aline"), at(year, "balance-json", asking(year.places["Coursan"])))) == printed(
        capsys, territory="11106"
    )


def test_json_is_what_its_schema_says(year: World, sign_in: SignIn, capsys: pytest.CaptureFixture[str]) -> None:
    validator = Draft202012Validator(json.loads(SCHEMA.read_text("utf-8")))
    validator.check_schema(validator.schema)
    for found in (
        printed(capsys),
        printed(capsys, territory="11106"),
        json.loads(taken(sign_in("chloe"), at(year, "balance-json"))),
        json.loads(taken(sign_in("emma"), at(year, "balance-json"))),
    ):
        assert [error.message for error in validator.iter_errors(found)] == []


def test_json_adds_up(year: World, capsys: pytest.CaptureFixture[str]) -> None:
    found = printed(capsys)
    for axis in Axis:
        cells = [cell for cell in found["cells"] if cell["axis"] == axis]
        for name in MEASURES:
            assert sum(cell[name] for cell in cells) == found["total"]["measures"][name], (axis, name)
    assert sum(month["due"] for month in found["months"]) == found["total"]["due"]
    assert found["planned"]["NET"] == 480
    assert [unit["axes"] for unit in found["lacking"]] == [["FINANCING", "QPV", "PERIOD"], ["QPV"]]


# --- PDF -------------------------------------------------------------------------------------------------------------


def test_pdf_is_a_tagged_document_in_french_with_its_title(year: World, sign_in: SignIn) -> None:
    response = on_paper(sign_in("aline"), at(year, "balance-pdf"))
    assert 'filename="bilan-999000003-2026.pdf"' in response["Content-Disposition"]
    reader = PdfReader(BytesIO(response.content))
    catalog = reader.trailer["/Root"]
    assert catalog["/MarkInfo"]["/Marked"].value is True
    assert catalog["/Lang"] == "fr-FR"
    assert 'pdfuaid:part="1"' in catalog["/Metadata"].get_object().get_data().decode()
    assert reader.metadata.title == "Bilan annuel 2026, Robine Habitat"
    assert reader.metadata.author == "Robine Habitat"
    assert reader.metadata["/CreationDate"] == "D:20261228"
    assert reader.pages[0].mediabox.width > reader.pages[0].mediabox.height  # as wide as its tables


def test_pdf_keeps_its_headings_and_each_cell_those_of_its_row_and_column(year: World, sign_in: SignIn) -> None:
    reader = PdfReader(BytesIO(on_paper(sign_in("aline"), at(year, "balance-pdf")).content))
    found = tags(reader)
    assert (found.count("/H1"), found.count("/H2")) == (1, 9)
    # The synthesis in two, the flow, five axes, the units registered and the bridge, the months.
    assert found.count("/Caption") == 11
    everything = list(elements(reader.trailer["/Root"]["/StructTreeRoot"]))
    headers = {each["/ID"] for each in everything if each["/S"] == "/TH"}
    cells = [each for each in everything if each["/S"] == "/TD"]
    assert len(cells) > 100
    assert all(len(each["/A"]["/Headers"]) == 2 and set(each["/A"]["/Headers"]) <= headers for each in cells)
    text = " ".join(" ".join(page.extract_text() for page in reader.pages).split())
    content = read(year)
    for line in content.lines:
        assert f"{line.holder}" in text
    for value in ("Synthèse par réservataire", "Par période de construction", "Relevé mois par mois", "non renseigné"):
        assert value in text, value


# --- who takes what --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FILES)
def test_each_file_is_written_in_the_journal_before_it_is_sent(year: World, sign_in: SignIn, name: str) -> None:
    coursan = year.places["Coursan"]
    assert on_paper(sign_in("emma"), at(year, name, asking(coursan))).status_code == 200
    row = BalanceDownload.objects.get()
    assert (row.landlord, row.exercise, row.territory, row.version) == (year.landlord, 2026, coursan, None)
    assert (row.user.full_name, row.organisation.name, row.at) == ("Emma", year.epci.name, LATER)
    assert row.form == name.removeprefix("balance-").upper()


@pytest.mark.parametrize("name", FILES)
def test_who_may_not_read_the_balance_takes_nothing(year: World, sign_in: SignIn, name: str) -> None:
    for person in ("zoe", "driss"):
        assert sign_in(person).get(at(year, name)).status_code == 404
    assert sign_in("chloe").get(at(year, name, asking(year.places["Béziers"]))).status_code == 404
    assert sign_in("aline").get(at(year, name, "?territory=zzz")).status_code == 404
    assert not BalanceDownload.objects.exists()


def test_the_landlord_reads_who_took_its_balance(year: World, sign_in: SignIn) -> None:
    url = at(year, "balance-downloads")
    assert "Personne n’a encore lu ni emporté ce bilan" in page(sign_in("aline"), url)
    sign_in("chloe").get(at(year, "balance-xlsx"))
    sign_in("emma").get(at(year, "balance-csv", asking(year.places["Coursan"])))
    text = page(sign_in("aline"), url)
    assert "<b>2 lignes</b>, par 2 organisations" in text
    rows = shown(text)
    assert [row[1].split()[0] for row in rows[1:]] == ["Emma", "Chloe"]
    assert [row[2:] for row in rows[1:]] == [
        ["Tableau CSV", "Coursan", "projet du jour"],
        ["Classeur XLSX", "tout ce que la personne lit", "projet du jour"],
    ]
    for person, status in (("alice", 200), ("adam", 200), ("bob", 403), ("chloe", 403), ("emma", 403), ("zoe", 404)):
        assert sign_in(person).get(url).status_code == status, person


@pytest.mark.parametrize("count", [1, 30])
def test_files_cost_the_same_queries_whatever_the_units(
    year: World, sign_in: SignIn, count: int, django_assert_num_queries: Any
) -> None:
    for _ in range(count):
        year.vacancy()
    Unit.objects.update(in_qpv=None)
    client = sign_in("aline")
    client.get(at(year, "balance"))
    with django_assert_num_queries(17):
        taken(client, at(year, "balance-xlsx"))
