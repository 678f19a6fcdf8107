"""Reading what is compared: an export of the SNE, an extract of SYPLO, and files that are neither."""

from __future__ import annotations

from datetime import date

import pytest

from attributions.bilan.imports.papers import contingents_of
from attributions.bilan.imports.reconciliation import (
    CONTINGENT,
    LANDLORD,
    NUMBER,
    SNE_COLUMNS,
    SYPLO_COLUMNS,
    read_compared,
)
from attributions.bilan.reconciliation import FileRow, Source
from reservations.imports.table import FileRefused
from tests.attributions.bilan.reconciliations import (
    REFERENCE,
    SNE_CLOSED,
    SNE_COMMUNE,
    SNE_HOLDER,
    SNE_UNIT,
    syplo_file,
)
from tests.attributions.households.sne_files import APPLICANTS, HOUSED, applicant, as_csv, as_xlsx, number
from tests.house.tree import ROOT
from tests.world import MORNING

TODAY = MORNING.date()
SNE = {
    "Numéro Unique": number(1),
    SNE_CLOSED: "02/11/2026",
    SNE_UNIT: "112620000417",
    SNE_COMMUNE: 1262,
    SNE_HOLDER: "Préfet",
}
SYPLO = {
    "Numéro Unique": number(1),
    "Référence du logement": "rh-01-001",
    "Commune (INSEE)": "11262",
    "Contingent": "prioritaires",
    "Date de proposition": "12/10/2026",
    "Date du bail": "02/11/2026",
    "Issue": "bail signé",
}


def sne(**given: object) -> list[FileRow]:
    return read_compared(Source.SNE, as_csv(SNE | given, columns=HOUSED), today=TODAY)


def syplo(**given: object) -> list[FileRow]:
    return read_compared(Source.SYPLO, syplo_file(SYPLO | given), today=TODAY)


def refusal(source: Source, content: bytes) -> str:
    with pytest.raises(FileRefused) as refused:
        read_compared(source, content, today=TODAY)
    assert refused.value.field == "file"
    return str(refused.value)


@pytest.mark.parametrize("write", [as_xlsx, as_csv], ids=["xlsx", "csv"])
@pytest.mark.parametrize("banner", [0, 7])
def test_export_of_the_housed_is_read_under_its_banner(write, banner: int) -> None:
    [row] = read_compared(Source.SNE, write(SNE, columns=HOUSED, banner=banner), today=TODAY)
    assert row == FileRow(
        line=banner + 2,
        number=number(1),
        unit="112620000417",
        rpls="112620000417",
        commune="01262",
        contingents=frozenset({1, 2, 5}),
        words="État",
        leased_on=date(2026, 11, 2),
    )


def test_reference_that_somebody_added_is_read_before_the_number_of_rpls() -> None:
    content = as_csv(SNE | {REFERENCE: "RH-01-001"}, columns=[*HOUSED, REFERENCE])
    assert read_compared(Source.SNE, content, today=TODAY)[0].unit == "RH-01-001"


def test_example_of_the_documents_is_read() -> None:
    rows = read_compared(Source.SYPLO, (ROOT / "docs/examples/syplo.csv").read_bytes(), today=TODAY)
    assert [(row.unit, row.settled, row.landlord) for row in rows] == [
        ("RH-03-009", True, "999000003"),
        ("RH-03-012", True, "999000003"),
        ("RH-03-012", False, "999000003"),
        ("RH-01-004", True, "999000003"),
    ]


@pytest.mark.parametrize("write", ["csv", "bare", "xlsx"])
def test_extract_of_syplo_is_read_as_text_or_as_a_workbook(write: str) -> None:
    leased = date(2026, 11, 2) if write == "xlsx" else "02/11/2026"
    content = syplo_file(SYPLO | {"Date du bail": leased}, write=write)
    assert read_compared(Source.SYPLO, content, today=TODAY) == [
        FileRow(
            line=2,
            number=number(1),
            unit="RH-01-001",
            commune="11262",
            contingents=frozenset({2}),
            words="État – publics prioritaires",
            proposed_on=date(2026, 10, 12),
            leased_on=date(2026, 11, 2),
        )
    ]


@pytest.mark.parametrize(
    ("words", "settled", "leased"),
    [
        ("Bail signé", True, "02/11/2026"),
        ("ATTRIBUÉ", True, ""),
        ("proposé", False, ""),
        ("non attribué", False, ""),
        ("annulé", False, ""),
    ],
)
def test_outcome_says_whether_it_is_an_allocation(words: str, settled: bool, leased: str) -> None:
    assert syplo(Issue=words, **{"Date du bail": leased})[0].settled is settled


def test_siren_of_the_landlord_is_read_when_it_is_there() -> None:
    row = SYPLO | {LANDLORD: "999 000 003"}
    content = syplo_file(row, columns=(*SYPLO_COLUMNS, LANDLORD))
    assert read_compared(Source.SYPLO, content, today=TODAY)[0].landlord == "999000003"


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        ("Préfet – fonctionnaires", {1}),
        ("État (agents)", {1}),
        ("Préfet prioritaires", {2}),
        ("publics prioritaires", {2}),
        ("État", {1, 2, 5}),
        ("contingent préfectoral", {1, 2, 5}),
        ("État – réservations conventionnelles", {5}),
        ("Action Logement", {3}),
        ("Employeurs", {3}),
        ("Collectivités territoriales", {4}),
        ("Agents de la commune", {4}),
        ("Ville", {4}),
        ("Bailleur", {7}),
        ("Hors contingent", {7}),
        ("Autres réservataires", {6}),
        ("", set()),
        ("12", set()),
        ("à définir", set()),
    ],
)
def test_words_of_a_contingent(words: str, codes: set[int]) -> None:
    assert contingents_of(words)[0] == codes
    assert bool(contingents_of(words)[1]) is bool(codes)


@pytest.mark.parametrize("name", [name for name in SNE_COLUMNS if name != NUMBER])
def test_missing_column_of_the_sne_is_named(name: str) -> None:
    columns = [each for each in HOUSED if each != name]
    assert f"« {name} »" in refusal(Source.SNE, as_csv(SNE, columns=columns))


@pytest.mark.parametrize("name", SYPLO_COLUMNS)
def test_missing_column_of_syplo_is_named(name: str) -> None:
    columns = tuple(each for each in SYPLO_COLUMNS if each != name)
    assert f"Il manque la colonne « {name} »" in refusal(Source.SYPLO, syplo_file(SYPLO, columns=columns))


def test_column_given_twice_is_named() -> None:
    content = syplo_file(SYPLO, columns=(*SYPLO_COLUMNS, CONTINGENT))
    assert refusal(Source.SYPLO, content) == "La colonne « Contingent » est donnée deux fois : n’en gardez qu’une."


def test_export_of_the_applicants_says_nothing_of_lettings() -> None:
    assert "choisissez celui des attributaires" in refusal(Source.SNE, as_csv(applicant(), columns=APPLICANTS))


@pytest.mark.parametrize("source", list(Source))
@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "vide"),
        (b"  \n", "vide"),
        (b"\xd0\xcf\x11\xe0rest", ".xls"),
        (b"PK\x03\x04rest", "ne se lit pas"),
        (b"\xff\x00\xfe\x00", "ni"),
    ],
)
def test_files_that_are_no_table(source: Source, content: bytes, expected: str) -> None:
    assert expected in refusal(source, content)


def test_names_of_columns_alone_are_not_enough() -> None:
    assert "aucune ligne" in refusal(Source.SNE, as_csv(columns=HOUSED))
    assert "aucune ligne" in refusal(Source.SYPLO, syplo_file())


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"Numéro Unique": "1,1E+17"}, "Ligne 9, Numéro Unique : le numéro unique est écrit comme un nombre"),
        ({"Numéro Unique": ""}, "Ligne 9, Numéro Unique : il manque le numéro unique."),
        ({SNE_CLOSED: ""}, f"Ligne 9, {SNE_CLOSED} : elle manque"),
        ({SNE_CLOSED: "02/11/2036"}, f"Ligne 9, {SNE_CLOSED} : le 02/11/2036 est hors du possible"),
        ({SNE_COMMUNE: "Narbonne"}, f"Ligne 9, {SNE_COMMUNE} : « NARBONNE » n’est pas un code INSEE"),
        ({SNE_UNIT: "9" * 41}, f"Ligne 9, {SNE_UNIT} : 40 caractères au plus"),
    ],
)
def test_line_of_the_sne_that_cannot_be_read_is_reported(given: dict[str, object], expected: str) -> None:
    sentence = refusal(Source.SNE, as_csv(SNE | given, columns=HOUSED))
    assert sentence.startswith("Rien n’est comparé, 1 ligne est à corriger. ")
    assert expected in sentence


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"Numéro Unique": "", "Référence du logement": ""}, "Numéro Unique : donnez-le, ou la référence du logement"),
        ({"Contingent": "État"}, "Contingent : écrivez « prioritaires » ou « agents »."),
        ({"Contingent": ""}, "Contingent : écrivez « prioritaires » ou « agents »."),
        ({"Issue": "gagné"}, "Issue : écrivez « bail signé »"),
        ({"Date du bail": ""}, "Date du bail : un bail signé a sa date, et lui seul."),
        ({"Issue": "refusé"}, "Date du bail : un bail signé a sa date, et lui seul."),
        ({"Date de proposition": "hier"}, "Date de proposition : « hier » n’est pas une date"),
        ({"Référence du logement": "=A1"}, "Référence du logement : c’est une formule"),
    ],
)
def test_line_of_syplo_that_cannot_be_read_is_reported(given: dict[str, object], expected: str) -> None:
    sentence = refusal(Source.SYPLO, syplo_file(SYPLO, SYPLO | given))
    assert f"Ligne 3, {expected}" in sentence


def test_siren_that_is_none_is_reported() -> None:
    content = syplo_file(SYPLO | {LANDLORD: "Robine"}, columns=(*SYPLO_COLUMNS, LANDLORD))
    assert "« Robine » n’est pas un SIREN" in refusal(Source.SYPLO, content)


def test_first_lines_to_correct_are_reported_and_the_others_counted() -> None:
    sentence = refusal(Source.SYPLO, syplo_file(*[SYPLO | {"Issue": "gagné"}] * 7))
    assert sentence.startswith("Rien n’est comparé, 7 lignes sont à corriger. Ligne 2, Issue")
    assert sentence.endswith("Et 2 de plus.")


def test_whole_city_does_not_state_an_arrondissement() -> None:
    assert sne(**{SNE_COMMUNE: "75056"})[0].commune == ""
