"""One balance reads alike on its page, on paper, in a workbook, in a CSV, in JSON and through the API, to the last
hundredth: a due of 11.865 is « 11,87 » on each."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook
from pypdf import PdfReader

from attributions.bilan.exports.changes import MEASURES
from attributions.bilan.exports.kept import version_page, version_xlsx
from attributions.bilan.exports.layout import balance_page
from attributions.bilan.exports.tables import SYNTHESIS
from attributions.bilan.queries.review import sent
from attributions.bilan.queries.transmissions import whole_balance
from flux.models import FlowEntry, Ledger
from reservations.exports.file_import import printed as pdf_of
from reservations.exports.spreadsheet import Kind
from reservations.models import ReservationHolder
from reservations.models.convention import UNIT
from reservations.rounding import figure
from tests.attributions.bilan import balances as reviewed
from tests.attributions.bilan.exports.balances import LATER, lived
from tests.flux.views.pages import text_of
from tests.flux.views.test_account import cells, page
from tests.world import World

SignIn = Callable[[str], Client]
#: Halves of a hundredth: an even digit before them states half to even, a float states the last from its own figure.
HALVES = {"als": 11_865_000, "city": 2_675_000, "epci": 145_000}


def halves(world: World, on: datetime) -> None:
    """Bring each of these dues to its half; the landlord's own part has the rest."""
    ledger = Ledger.objects.ordinary().get()
    vacancy = ledger.vacancies.order_by("pk")[0]
    lines = {line.holder_id: line.due for line in ledger.lines.all()}
    for name, wanted in HALVES.items():
        more = wanted - lines.get(world.holders[name].pk, 0)
        for holder, quantity in ((world.holders[name], more), (world.holders["landlord"], -more)):
            entry = {"ledger": ledger, "vacancy": vacancy, "stage": "DUE", "on": on.date()}
            FlowEntry.objects.create(holder=holder, quantity=quantity, **entry)


def read(value: object, number_format: str = "0.00") -> str:
    """What a spreadsheet shows of an exact cell, of a number format."""
    positive = number_format.split(";", maxsplit=1)[0]
    exact = Decimal(str(value).replace(",", ".").replace("\u202f", ""))
    return figure(exact, len(positive.partition(".")[2]), signed=positive.startswith("+"))


def words_of(pdf: bytes) -> str:
    """All that a PDF says, on one line, groups of thousands kept."""
    return " ".join(" ".join(each.extract_text() for each in PdfReader(io.BytesIO(pdf)).pages).split())


def row_of(rows: list[list[str]], name: str) -> list[str]:
    return next(row for row in rows if row[0] == name and len(row) > 5)


@pytest.fixture
def year(world: World, time_machine: Any) -> World:
    time_machine.move_to(LATER, tick=False)
    lived(world)
    halves(world, LATER)
    return world


def counted(values: dict[str, Any], key: str, part: str = "") -> bool:
    """Does a measure count anything, for any holder?"""
    return any((line[part] if part else line)[key] for line in values["holders"])


def test_every_figure_of_a_balance_reads_alike_on_its_page_and_in_its_files(year: World, sign_in: SignIn) -> None:
    client, about = sign_in("aline"), [year.landlord.pk, 2026]
    payload = json.loads(client.get(reverse("balance-json", args=about)).getvalue())
    screen = cells(page(client, reverse("balance", args=about)))
    paper = words_of(pdf_of(balance_page(whole_balance(year.landlord, 2026, None, on=LATER.date()))))
    book = load_workbook(io.BytesIO(client.get(reverse("balance-xlsx", args=about)).getvalue()))
    sheet = next(each for each in book if each["A1"].value == "Réservataire" and each["D1"].value == "Part du flux")
    in_book = {row[0].value: row for row in sheet.iter_rows(min_row=2)}
    text = client.get(reverse("balance-csv", args=about) + "?table=synthese").getvalue().decode("utf-8-sig")
    in_csv = {row["Réservataire"]: row for row in csv.DictReader(io.StringIO(text), delimiter=";")}
    titles = {column.key: place for place, column in enumerate(SYNTHESIS)}
    names = {str(year.holders[name]): due for name, due in HALVES.items()}
    assert {line["name"]: line["due"] for line in payload["holders"] if line["name"] in names} == names
    for line in payload["holders"]:
        due = figure(Fraction(line["due"], UNIT))
        gap = figure(Fraction(line["gap"], UNIT), signed=True)
        row, name = row_of(screen, line["name"]), line["name"]
        assert (row[1], row[5]) == (due, gap)
        counts = [line["measures"][measure] for measure in MEASURES]
        account = [line[key] for key in ("routed", "awaiting", "received", "in_course") if counted(payload, key)]
        on_paper = [line["measures"][key] for key in MEASURES if counted(payload, key, "measures")]
        assert " ".join(map(str, [due, *account, gap])) in paper, name  # a column of zeros is not printed
        assert " ".join(map(str, on_paper)) in paper, name
        for key, shown in {"due": due, "gap": gap}.items():
            cell = in_book[name][titles[key]]
            assert read(cell.value, cell.number_format) == shown, (name, key)
            assert read(in_csv[name][SYNTHESIS[titles[key]].title]).lstrip("+") == shown.lstrip("+"), (name, key)
        for measure, count in zip(MEASURES, counts, strict=True):
            assert in_book[name][titles[measure]].value == count
            assert in_csv[name][MEASURES[measure]] == str(count)
    assert {column.key for column in SYNTHESIS if column.kind == Kind.DECIMAL} == {"due", "gap"}


def test_account_statement_command_and_api_read_as_the_balance(
    year: World, sign_in: SignIn, capsys: pytest.CaptureFixture[str]
) -> None:
    client, ledger = sign_in("aline"), Ledger.objects.ordinary().get()
    screen = cells(page(client, reverse("account", args=[ledger.pk])))
    answer = client.get(reverse("api-account", args=[ledger.pk])).json()
    api = {line["holder"]["id"]: line["figures"] for line in answer["lines"]}
    call_command("journey", landlord="999000003", year=2026)
    journey = capsys.readouterr().out
    for name, due in HALVES.items():
        holder: ReservationHolder = year.holders[name]
        shown = figure(Fraction(due, UNIT))
        assert shown in row_of(screen, str(holder))
        assert api[holder.pk]["due"] == due, "exact, in millionths: whoever shows it rounds it as we do (docs/api.md)"
        assert shown in text_of(client.get(reverse("statement", args=[ledger.pk, holder.pk])))
        (result,) = [line for line in journey.splitlines() if line.startswith(f"{holder!s:<34}")]
        assert f"dû {shown}" in result


def test_every_figure_of_a_version_reads_alike_on_its_page_and_in_its_files(
    world: World, sign_in: SignIn, time_machine: Any
) -> None:
    reviewed.people(world)
    time_machine.move_to(reviewed.MORNING, tick=False)
    reviewed.lived(world)
    halves(world, reviewed.MORNING)
    time_machine.move_to(reviewed.SENT, tick=False)
    version = reviewed.send(world)
    content = json.loads(version.content)
    screen = cells(page(sign_in("alice"), reverse("balance-version", args=[world.landlord.pk, 2026, "11", 1])))
    paper = words_of(pdf_of(version_page(sent(version), [], [])))
    summary = load_workbook(version_xlsx(sent(version))).worksheets[1]
    in_book = {row[0].value: row for row in summary.iter_rows(min_row=2)}
    assert {line["due"] for line in content["holders"]} >= set(HALVES.values())
    for line in content["holders"]:
        due, received, name = figure(Fraction(line["due"], UNIT)), str(line["received"]), line["name"]
        assert row_of(screen, name)[1:3] == [due, received]
        assert f"{name} {due} {received}" in paper
        assert read(in_book[name][1].value, in_book[name][1].number_format) == due
        assert in_book[name][2].value == line["received"]
