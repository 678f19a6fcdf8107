"""Reading an inventory of rights: what a row says, and each thing that can be wrong with it."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime, time

import pytest
from openpyxl import Workbook

from flux.imports import inventory
from flux.imports.inventory import COLUMNS, read_inventory
from flux.operations.stock_inventory_file import InventoryLine
from reservations.imports.table import FileRefused
from tests.flux.imports.inventories import as_csv, as_xlsx, example, row

GUARANTEE = InventoryLine(
    row=2,
    reference="VN-1",
    siren="990000036",
    contingent=None,
    ground="LOAN_GUARANTEE",
    use="RECURRING",
    starts_on=date(2008, 3, 1),
    ends_on=None,
    loan_ends_on=date(2033, 2, 28),
    programme="",
    unit="RH-01-001",
    units=1,
)


def test_example_of_the_documentation_is_read() -> None:
    reading = read_inventory(example())
    assert (reading.rows, reading.errors) == (4, [])
    assert [
        (line.reference, line.ground, line.use, line.unit or line.programme, line.units) for line in reading.lines
    ] == [
        ("VN-2008-14", "LOAN_GUARANTEE", "RECURRING", "RH-01-001", 1),
        ("VN-2008-14", "LOAN_GUARANTEE", "RECURRING", "RH-01-002", 1),
        ("AL-1998-07", "FUNDING", "SINGLE", "Résidence de Narbonne", 2),
        ("PREF-SI-3", "INTERNAL_SECURITY", "RECURRING", "RH-01-003", 1),
    ]


@pytest.mark.parametrize(
    "content",
    [
        as_csv(row()),
        as_csv(row(), encoding="utf-8-sig"),
        as_csv(row(), encoding="cp1252"),
        as_csv(row(), sign=","),
        as_csv(row(debut="2008-03-01", siren_reservataire="990 000 036", fondement="Garantie")),
        as_csv(row(), columns=[name for name in COLUMNS if name in row()]),
        as_csv(row(), columns=[*COLUMNS]).replace(b"reference_titre", "Référence titre".encode()),
        as_xlsx(row()),
        as_xlsx(
            row(
                debut=date(2008, 3, 1),
                fin_emprunt=datetime.combine(date(2033, 2, 28), time()),
                siren_reservataire=990000036,
            )
        ),
        as_xlsx(row(siren_reservataire=990000036.0, nombre_logements=1)),
    ],
    ids=[
        "utf-8",
        "bom",
        "cp1252",
        "commas",
        "iso-dates",
        "few-columns",
        "accents",
        "xlsx",
        "xlsx-dates",
        "xlsx-numbers",
    ],
)
def test_same_row_is_read_however_it_is_written(content: bytes) -> None:
    reading = read_inventory(content)
    assert (reading.errors, reading.lines) == ([], [GUARANTEE])


@pytest.mark.parametrize("write", [as_csv, as_xlsx], ids=["csv", "xlsx"])
@pytest.mark.parametrize(
    ("given", "error"),
    [
        (
            {"reference_titre": ""},
            "reference_titre : écrivez la référence du titre : elle réunit ses lignes et le reconnaît ensuite.",
        ),
        ({"reference_titre": "x" * 61}, "reference_titre : 60 caractères au plus : raccourcissez-la."),
        ({"reference_titre": "x" * 201}, "reference_titre : 200 caractères au plus : raccourcissez-la."),
        (
            {"siren_reservataire": "99000003"},
            "siren_reservataire : un SIREN a neuf chiffres, sans espace : 999000003 par exemple.",
        ),
        (
            {"siren_reservataire": "990000037"},
            "siren_reservataire : ce SIREN comporte une erreur de saisie : sa clé de contrôle est fausse. Vérifiez "
            "chaque chiffre.",
        ),
        ({"contingent": "7"}, "contingent : « 7 » : écrivez un code de 1 à 6, ou laissez vide."),
        (
            {"fondement": "habitude"},
            "fondement : « habitude » : écrivez l’un de garantie d’emprunt, apport de terrain, apport de financement, "
            "droit de l’État, défense nationale, sécurité intérieure, établissement public de santé ou droit antérieur "
            "non encore converti en flux.",
        ),
        ({"usage": "parfois"}, "usage : « parfois » : écrivez suite ou unique."),
        ({"debut": ""}, "debut : écrivez le premier jour du droit : jour, mois, année."),
        (
            {"debut": "31/02/2008"},
            "debut : « 31/02/2008 » n’est pas une date : écrivez jour, mois, année, par exemple 31/12/2008.",
        ),
        ({"fin": "31/12/2208"}, "fin : « 31/12/2208 » : vérifiez l’année, de 1950 à 2099."),
        (
            {"fin_emprunt": "bientôt"},
            "fin_emprunt : « bientôt » n’est pas une date : écrivez jour, mois, année, par exemple 31/12/2008.",
        ),
        (
            {"reference_logement": ""},
            "reference_logement : dites quel logement porte ce titre, ou quel programme et combien de ses logements.",
        ),
        (
            {"nombre_logements": "2"},
            "nombre_logements : un logement désigné compte pour 1 : laissez vide, ou ne donnez que le programme.",
        ),
        *(
            (
                {"reference_logement": "", "programme": "1", "nombre_logements": count},
                "nombre_logements : écrivez combien de logements du programme portent ce titre : un entier à partir "
                "de 1.",
            )
            for count in ("", "0", "-3", "2,5", "²")
        ),
        (
            {"programme": "=A2"},
            "programme : c’est une formule : collez sa valeur à la place (collage spécial, valeurs).",
        ),
    ],
)
def test_what_is_wrong_is_reported_with_its_row_and_its_column(write, given: dict[str, object], error: str) -> None:
    reading = read_inventory(write(row(reference_titre="VN-0"), row(**given)))
    assert [str(each) for each in reading.errors] == [f"Ligne 3, {error}"]
    assert [line.row for line in reading.lines] == [2]


def test_every_error_of_a_row_is_reported_and_blank_rows_keep_their_numbers() -> None:
    reading = read_inventory(as_xlsx({}, {}, row(usage="x", debut="y")))
    assert [(error.row, error.column) for error in reading.errors] == [(4, "debut"), (4, "usage")]
    assert (reading.rows, reading.lines) == (1, [])


def cells(**values: object) -> bytes:
    return as_xlsx(row(**values))


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (cells(nombre_logements="=1+0"), "c’est une formule : collez sa valeur à la place (collage spécial, valeurs)."),
        (cells(nombre_logements=True), "« vrai » ou « faux » n’est pas attendu ici : écrivez la valeur."),
        (cells(nombre_logements="#REF!"), "la cellule porte une erreur de calcul (#REF!) : écrivez sa valeur."),
    ],
)
def test_cell_of_a_workbook_that_holds_no_plain_value_is_refused(content: bytes, error: str) -> None:
    reading = read_inventory(content)
    assert [str(each) for each in reading.errors] == [f"Ligne 2, nombre_logements : {error}"]
    assert reading.lines == []


def packed(**parts: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(f"{name}.xml", content)
    return held.getvalue()


def with_part(name: str, content: bytes) -> bytes:
    """A workbook of which one part is replaced."""
    held = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(as_xlsx(row()))) as before, zipfile.ZipFile(held, "w") as after:
        for part in before.namelist():
            after.writestr(part, content if part == name else before.read(part))
    return held.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
BOMB = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><worksheet>&b;</worksheet>'


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "Le fichier est vide"),
        (b" \n ", "Le fichier est vide"),
        (b"\xd0\xcf\x11\xe0...", "C’est un ancien classeur"),
        (b"PK\x03\x04 and nothing more", "Ce classeur ne se lit pas"),
        (packed(hello=b"world"), "Ce classeur ne se lit pas"),
        (with_part(SHEET, BOMB), "Ce classeur ne se lit pas"),
        (with_part(SHEET, BOMB.decode().encode("utf-16")), "Ce classeur ne se lit pas"),
        (with_part(SHEET, b"<worksheet><sheetData><row>"), "Ce classeur ne se lit pas"),
        (packed(bomb=b"\0" * (61 * 1024 * 1024)), "Ce classeur est trop lourd une fois ouvert"),
        (packed(**{f"part{n}": b"" for n in range(201)}), "Ce classeur est trop lourd une fois ouvert"),
        (b"reference_titre", "Ce n’est pas un tableau"),
        (b"a\x81b;c\x81", "ni en UTF-8 ni en Windows"),
        (as_csv(row(), columns=[*COLUMNS, "montant"]), "Colonne inconnue : « montant »"),
        (as_csv(row(), columns=[*COLUMNS, "fin"]), "La colonne fin est donnée deux fois"),
        (as_csv(row(), columns=[name for name in COLUMNS if name != "debut"]), "Il manque la colonne debut"),
        (
            as_csv(row(), columns=["reference_titre", "siren_reservataire", "fondement", "debut"]),
            "Il manque la colonne reference_logement, ou les colonnes programme et nombre_logements",
        ),
        (as_csv(), "aucune ligne"),
    ],
)
def test_file_that_cannot_be_read_is_refused_whole(content: bytes, sentence: str) -> None:
    with pytest.raises(FileRefused, match=sentence):
        read_inventory(content)


def test_too_many_rows_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inventory, "MOST_ROWS", 2)
    assert len(read_inventory(as_csv(row(), row())).lines) == 2
    for content in (as_csv(row(), row(), row()), as_xlsx(row(), row(), row())):
        with pytest.raises(FileRefused, match="lignes : coupez-le"):
            read_inventory(content)


def test_empty_workbook_is_refused() -> None:
    held = io.BytesIO()
    Workbook().save(held)
    with pytest.raises(FileRefused, match="Le fichier est vide"):
        read_inventory(held.getvalue())


def test_cell_under_no_column_is_reported() -> None:
    reading = read_inventory(as_csv(row()).rstrip() + b";oublie")
    assert [str(error) for error in reading.errors] == [
        "Ligne 2, colonne 12 : cette cellule n’est sous aucun nom de colonne : videz-la."
    ]
