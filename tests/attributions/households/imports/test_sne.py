"""Reading an export of the SNE: its quirks, what each cell may be, and files that are no export."""

from __future__ import annotations

import io
import random
import tracemalloc
import zipfile
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from attributions.households.imports.sne import CellRefused, household_of, is_dalo, unique_number
from attributions.households.imports.sne_table import column_key
from attributions.households.models import AccessRecord, Application
from attributions.households.operations.application import add_alias
from attributions.households.operations.sne_import import SneRow
from reservations.imports.door import confirm, digest_of, run
from reservations.imports.slices import purge_unconfirmed
from reservations.imports.table import FileRefused
from reservations.models import FileImport, ImportedLine
from tests.attributions.households.named import household
from tests.attributions.households.sne_files import (
    APPLICANTS,
    HOUSED,
    applicant,
    as_csv,
    as_xlsx,
    housed,
    number,
    read_sne,
)
from tests.flux.views.pages import text_of
from tests.reservations.imports.test_party_files import counts, faults, written
from tests.reservations.imports.test_party_files import given as received
from tests.world import MORNING, World

TODAY = MORNING.date()


@pytest.fixture(autouse=True)
def morning(time_machine: Any) -> None:
    time_machine.move_to(MORNING, tick=False)


COUPLE = {"adults": 2, "children": 2, "income_units": Decimal("2.10"), "income": 18_400}


@pytest.mark.parametrize("banner", [0, 1, 7, 30])
@pytest.mark.parametrize("write", [as_xlsx, as_csv], ids=["xlsx", "csv"])
def test_export_of_the_applicants_is_read_under_any_banner(write, banner: int) -> None:
    reading = read_sne(write(applicant(), banner=banner))
    assert (reading.count, reading.refused, reading.unknown) == (1, [], {})
    assert reading.rows == [SneRow(banner + 2, number(1), date(2024, 3, 12), COUPLE)]


@pytest.mark.parametrize("write", [as_xlsx, as_csv], ids=["xlsx", "csv"])
def test_export_of_the_housed_gives_the_closure_and_dalo(write) -> None:
    reading = read_sne(write(housed(), columns=HOUSED))
    assert reading.refused == []
    facts = {"adults": 1, "children": 0, "income_units": Decimal("1.00"), "income": 9_800}
    facts |= {"dalo": True, "labelled_on": date(2026, 6, 5)}
    assert reading.rows == [SneRow(9, number(1), date(2024, 3, 12), facts, date(2026, 11, 2))]


@pytest.mark.parametrize("sign", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_csv_is_read_whatever_its_sign_and_encoding(sign: str, encoding: str) -> None:
    assert read_sne(as_csv(applicant(), sign=sign, encoding=encoding)).rows[0].facts == COUPLE


def test_broken_names_of_columns_are_the_same_name() -> None:
    broken = "Autre logement dé\ntenu demandeur\n"
    assert column_key(broken) == column_key("Autre logement détenu demandeur")
    assert column_key("RFR du foyer, année n-1") != column_key("RFR du foyer, année n-2")


def test_column_given_twice_is_named() -> None:
    with pytest.raises(FileRefused, match="« RFR du foyer, année n-1 » est donnée deux fois"):
        read_sne(as_xlsx(applicant(), columns=[*APPLICANTS, "RFR du foyer ,\nannée n-1"]))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("0110000000001AUDE1", "0110000000001AUDE1"),
        (" 0110 0000 00001 aude1\n", "0110000000001AUDE1"),
        ("110000000000000018", "110000000000000018"),
        (110_000_000_000_000_019, "110000000000000019"),  # a whole number that no spreadsheet rounded
    ],
)
def test_number_is_kept_as_text(value: object, expected: str) -> None:
    assert unique_number(value) == expected


@pytest.mark.parametrize(
    "value",
    [
        1.1e17,
        110_000_000_000_000_016,  # what a figure of 64 bits would have made of it
        123_456_789_012_345_000,  # fifteen figures, as spreadsheets keep
        "1,1E+17",
        "1.1e+17",
        "110000000000000018,0",
        "11000000000000001",
        "11000000000000001é",
        "",
        None,
        True,
    ],
)
def test_number_that_lost_figures_is_refused(value: object) -> None:
    with pytest.raises(CellRefused):
        unique_number(value)


def test_number_rounded_by_a_spreadsheet_is_refused_with_its_line() -> None:
    book = as_xlsx(applicant(1), applicant(number=1.10000000000000e17), applicant(3))
    reading = read_sne(book)
    assert [row.line for row in reading.rows] == [9, 11]
    [refused] = reading.refused
    assert refused.line == 10
    assert "format texte" in refused.reason


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Personne seule", (1, 0)),
        ("Isolé(e)", (1, 0)),
        ("Couple", (2, 0)),
        ("couple sans enfant", (2, 0)),
        ("Couple avec 1 enfant", (2, 1)),
        ("Couple + 3", (2, 3)),
        ("Personne seule avec 2 personnes à charge", (1, 2)),
        ("Personne seule avec 2 personne(s) à charge", (1, 2)),
        ("Parent isolé avec un enfant", (1, 1)),
        ("2 adultes et 1 enfant", (2, 1)),
        ("3 adultes", (3, 0)),
        ("5", None),
        (5, None),
        ("5 personnes", None),
        ("Colocation", None),
        ("45 adultes", None),
        ("", None),
    ],
)
def test_household_shapes(text: object, expected: tuple[int, int] | None) -> None:
    assert household_of(text) == expected


def test_household_that_is_not_understood_is_left_unknown_and_stated() -> None:
    reading = read_sne(as_xlsx(applicant(household="5"), applicant(2, household=None)))
    assert reading.unknown == {"Composition foyer demandeur": [9]}
    assert [set(row.facts) for row in reading.rows] == [{"income", "income_units"}] * 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Oui", True),
        ("Reconnu prioritaire et urgent", True),
        (None, False),
        ("Non", False),
        ("Recours en cours", False),
    ],
)
def test_dalo(text: object, expected: bool) -> None:
    assert is_dalo(text) is expected


def test_dalo_that_is_not_understood_is_left_unknown_and_stated() -> None:
    reading = read_sne(as_xlsx(housed(dalo="X7"), columns=HOUSED))
    assert reading.unknown == {"Statut DALO": [9]}
    assert "dalo" not in reading.rows[0].facts


@pytest.mark.parametrize(
    "value",
    [
        date(2024, 3, 12),
        datetime.combine(date(2024, 3, 12), datetime.min.time()),
        "2024-03-12",
        "12/03/2024 00:00:00",
        45363,
        "45363",
    ],
)
def test_day_is_read_however_it_is_written(value: object) -> None:
    assert read_sne(as_xlsx(applicant(created=value))).rows[0].requested_on == date(2024, 3, 12)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"created": "hier"}, "Date création demande"),
        ({"created": "31/02/2024"}, "Date création demande"),
        ({"created": "12/03/2031"}, "hors du possible"),
        ({"income": "beaucoup"}, "RFR du foyer, année n-1"),
        ({"income": -5}, "un revenu fiscal de référence va de 0 à 1 000 000 €"),
        ({"income": True}, "« vrai » ou « faux » n’est pas attendu ici"),
        ({"units": "1e999"}, "hors du possible"),
        ({"units": 400}, "les unités de consommation vont de 1 à 20,5"),
        ({"units": "1e99"}, "hors du possible"),
        ({"number": ""}, "cette cellule est vide"),
        ({"number": "0110000000"}, "18 caractères"),
    ],
)
def test_wrong_cell_refuses_its_line_and_names_its_column(changes: dict[str, object], words: str) -> None:
    reading = read_sne(as_xlsx(applicant(1), applicant(2, **changes)))
    assert [row.number for row in reading.rows] == [number(1)]
    assert words in reading.refused[0].reason
    assert reading.refused[0].line == 10


def test_income_of_the_year_before_is_taken_when_the_last_is_unknown() -> None:
    rows = [applicant(1, income=None), applicant(2, income="Non renseigné"), applicant(3, income=0)]
    reading = read_sne(as_xlsx(*rows, applicant(4, income="18 400,60 €")))
    assert [row.facts["income"] for row in reading.rows] == [17_000, 17_000, 0, 18_401]


def test_housed_without_a_day_of_closure_is_refused() -> None:
    reading = read_sne(as_xlsx(housed(closed=None), housed(2, closed="01/01/2020"), columns=HOUSED))
    assert (len(reading.refused), reading.rows) == (2, [])


def entity_bomb() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(as_xlsx(applicant()))) as good, zipfile.ZipFile(held, "w") as bad:
        for part in good.infolist():
            content = good.read(part)
            if part.filename.endswith("sheet1.xml"):
                content = b'<!DOCTYPE x [<!ENTITY a "a">]>' + content
            bad.writestr(part.filename, content)
    return held.getvalue()


def only(*rows: list[object]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "vide"),
        (b" \n ", "vide"),
        (b"%PDF-1.7\n%\xe2\xe3", "PDF"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "ancien classeur"),
        (b"PK\x03\x04 nothing of a workbook", "ne se lit pas"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "ni en UTF-8 ni en Windows"),
        (b"bonjour", "pas un tableau"),
        (only(), "vide"),
        (as_xlsx(), "aucune ligne"),
        (as_csv(), "aucune ligne"),
        (as_csv(applicant()).replace(b";2.1;", b';"2.1;') + b"x" * 3000, "guillemet"),
        (entity_bomb(), "ne se lit pas"),
    ],
)
def test_file_that_is_no_export_is_refused_with_a_sentence(content: bytes, words: str) -> None:
    with pytest.raises(FileRefused) as refused:
        read_sne(content)
    assert words.casefold() in str(refused.value).casefold()
    assert refused.value.field == "file"


CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**19), 10**19),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"]), max_size=40),
    st.dates(date(1900, 1, 2), date(2100, 1, 1)),
    st.sampled_from(["99+", "Couple", "oui", "12/03/2024", "1,1E+17", number(7)]),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.lists(CELLS, min_size=len(HOUSED), max_size=len(HOUSED)), min_size=1, max_size=4))
def test_any_cells_are_read_or_refused_line_by_line(cells: list[list[object]]) -> None:
    rows = [dict(zip(HOUSED, line, strict=True)) | {"région": "x"} for line in cells]
    reading = read_sne(as_xlsx(*rows, columns=HOUSED))
    assert len(reading.rows) + len(reading.refused) == reading.count == len(rows)
    for row in reading.rows:
        assert len(row.number) == 18
        assert row.closed_on is not None
        assert row.closed_on <= TODAY


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400), st.sampled_from([b"", b"PK\x03\x04", "Numéro Unique;".encode(), b'"']))
def test_any_bytes_are_refused_with_a_sentence_or_line_by_line(content: bytes, start: bytes) -> None:
    with suppress(FileRefused):
        assert read_sne(start + content).rows == []


def test_damaged_workbooks_never_raise_anything_else() -> None:
    good, chance = as_xlsx(applicant()), random.Random(7)
    for _ in range(60):
        damaged = bytearray(good)
        for _ in range(20):
            damaged[chance.randrange(4, len(damaged))] = chance.randrange(256)
        try:
            read_sne(bytes(damaged))
        except FileRefused:
            continue


def test_five_thousand_rows_are_read_within_bounds_of_memory() -> None:
    content = as_xlsx(*(applicant(rank) for rank in range(5_000)))
    tracemalloc.start()
    reading = read_sne(content)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (len(reading.rows), reading.refused) == (5_000, [])
    assert peak < 60 * 1024 * 1024


def test_an_export_comes_in_by_the_one_door_and_leaves_nothing_behind(
    world: World, sign_in: Callable[[str], Client]
) -> None:
    household(world, 3)
    kept = household(world, 7)
    add_alias(application=kept, number=number(9), organisation=world.city, by=world.people["chloe"], now=MORNING)
    content = as_xlsx(
        applicant(1),
        applicant(2, household="5"),
        applicant(3, income=21_000),
        applicant(number=1.1e17),
        applicant(1),
        applicant(7),
        applicant(9),
    )
    order = received(world, "sne", content, person="chloe")
    assert counts(order) == (2, 2, 0, 3)
    result = faults(order)
    assert [(line, column) for line, column, _ in result] == [(at, "Numéro Unique") for at in (12, 13, 15)]
    for (_, _, sentence), words in zip(
        result, ("format texte", "déjà donné à la ligne 9", "autre numéro"), strict=True
    ):
        assert words in sentence
    page = text_of(sign_in("chloe").get(reverse("file-import", args=[order.pk])))
    assert "Elle n’est pas comprise : elle reste « non renseignée »." in page
    assert "RFR du foyer, année n-1 18000 21000" in page
    cells = [cell for line in ImportedLine.objects.all() for cell in line.cells]
    assert ("99+" in cells, "18400" in cells) == (False, True), "only what an allocation needs is kept"
    confirm(order=order, digest=digest_of(order), by=world.people["chloe"])
    order = run(order)
    assert (order.state, order.parts.exists()) == ("DONE", False), order.failure
    left = ImportedLine.objects.order_by("line").values_list("line", "verdict", "cells", "key")
    assert list(left) == [(line, "REFUSED", [], "") for line in (12, 13, 15)]
    page = text_of(sign_in("chloe").get(reverse("file-import", args=[order.pk])))
    assert "autre numéro, est déjà à la ligne" in page
    assert number(9) not in page
    assert Application.objects.get(number=number(3)).income == 21_000
    record = AccessRecord.objects.get(what="IMPORT")
    assert (record.files, record.subject, record.keeper) == (4, "export du SNE", world.city)
    again = received(world, "sne", as_csv(applicant(1), applicant(2, household="5")), person="chloe")
    assert counts(again) == (0, 0, 2, 0)
    written(world, "sne", as_xlsx(housed(21), columns=HOUSED), person="aline")
    found = Application.objects.get(number=number(21))
    assert (found.closure, found.priority.code) == ("LEASE", "DALO")
    assert found.organisations.get() == world.landlord.organisation


def test_an_export_that_nobody_confirms_is_gone_the_day_after(world: World, time_machine: Any) -> None:
    """It reports households: a day, whatever the term of the other files (RGPD, article 5, 1 e)."""
    order = received(world, "sne", as_csv(applicant(1)), person="chloe")
    time_machine.move_to(MORNING + timedelta(hours=23), tick=False)
    assert purge_unconfirmed() == 0
    time_machine.move_to(MORNING + timedelta(days=1), tick=False)
    assert purge_unconfirmed() == 1
    order = FileImport.objects.get(pk=order.pk)
    assert (order.state, order.parts.exists(), ImportedLine.objects.count()) == ("DROPPED", False, 0)
    assert "jamais confirmé en 1 jour." in order.failure


def test_what_another_registers_meanwhile_is_refused_and_the_rest_is_written(world: World) -> None:
    """Nobody is asked to confirm twice: the line that moved is refused with its reason, beside what is written."""
    order = received(world, "sne", as_csv(applicant(1), applicant(2)), person="chloe")
    received_by_bob = received(world, "sne", as_csv(applicant(1)), person="bob")
    confirm(order=received_by_bob, digest=digest_of(received_by_bob), by=world.people["bob"])
    run(received_by_bob)
    confirm(order=order, digest=digest_of(order), by=world.people["chloe"])
    order = run(order)
    assert (order.state, Application.objects.count()) == ("DONE", 2)
    assert (order.new, order.refused, order.written) == (1, 1, 1)
