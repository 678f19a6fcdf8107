"""One reader: every door by which a table comes in takes every writing of it, and reads the same rows.

RPLS refused the « CSV » that a French spreadsheet writes (cp1252, `;`), commas, tabs and workbooks.
"""

from __future__ import annotations

import csv
import io
import tracemalloc
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from openpyxl import Workbook

from attributions.bilan.forms.reconciliation import ReconciliationForm
from attributions.bilan.imports.reconciliation import read_compared
from attributions.bilan.reconciliation import Source
from flux.imports.inventory import read_inventory
from flux.imports.rpls import read_rpls
from reservations.forms.files import FileForm, TableFileField
from reservations.imports.table import FileRefused, read_rows
from tests.attributions.bilan.imports.test_reconciliation import SNE, SYPLO
from tests.attributions.households.sne_files import APPLICANTS, BROKEN, HOUSED, applicant, read_sne
from tests.flux.imports.files import COMMUNES, ROW
from tests.flux.imports.inventories import COLUMNS, row
from tests.world import MORNING

TODAY = MORNING.date()
Grid = list[list[Any]]


def grid(names: Sequence[str], *rows: dict[str, object]) -> Grid:
    return [list(names), *([each.get(name) for name in names] for each in rows)]


STREET = {"NOMVOIE": "DE L’ÉGLISE", "IMMEU": "Œillets, façade « est »"}
EXPORT = grid(APPLICANTS, applicant(1), applicant(2, units="1,5"))
EXPORT[0] = [BROKEN.get(name, name) for name in APPLICANTS]

#: Each door: how it reads, and a table that is right for it.
DOORS: dict[str, tuple[Callable[[bytes], Any], Grid]] = {
    "rpls": (lambda content: read_rpls(content, communes=COMMUNES), grid(list(ROW), ROW, ROW | STREET)),
    "inventory": (read_inventory, grid(COLUMNS, row(), row(reference_titre="VN-2", debut="01/04/2009"))),
    "sne": (read_sne, EXPORT),
    "housed": (lambda content: read_compared(Source.SNE, content, today=TODAY), grid(HOUSED, SNE)),
    "syplo": (lambda content: read_compared(Source.SYPLO, content, today=TODAY), grid(list(SYPLO), SYPLO)),
}


def text(table: Grid, sign: str, encoding: str, end: str = "\r\n") -> bytes:
    held = io.StringIO(newline="")
    writer = csv.writer(held, delimiter=sign, lineterminator=end)
    writer.writerows([["" if cell is None else cell for cell in cells] for cells in table])
    return held.getvalue().encode(encoding)


def workbook(table: Grid) -> bytes:
    book, held = Workbook(), io.BytesIO()
    for cells in table:
        book.active.append(cells)
    book.save(held)
    return held.getvalue()


WRITINGS: dict[str, Callable[[Grid], bytes]] = {
    "xlsx": workbook,
    **{
        f"{encoding} {sign!r}": (lambda table, sign=sign, encoding=encoding: text(table, sign, encoding))
        for encoding in ("utf-8", "utf-8-sig", "cp1252", "utf-16")
        for sign in (";", ",", "\t")
    },
    "unix": lambda table: text(table, ";", "utf-8", "\n"),
    "old mac": lambda table: text(table, ";", "utf-8", "\r"),
}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("writing", WRITINGS)
def test_every_door_reads_the_same_rows_from_every_writing(door: str, writing: str) -> None:
    read, table = DOORS[door]
    found = read(WRITINGS[writing](table))
    assert found == read(text(table, ";", "utf-8"))
    lines = found.lots if door == "rpls" else found.lines if door == "inventory" else getattr(found, "rows", found)
    assert len(lines) == len(table) - 1
    assert not getattr(found, "refused", [])
    assert not getattr(found, "errors", [])


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "Le fichier est vide : choisissez-en un qui a des lignes."),
        (b"\xef\xbb\xbf\r\n", "Le fichier est vide : choisissez-en un qui a des lignes."),
        (b"%PDF-1.7", "C’est un PDF : choisissez un classeur .xlsx ou un fichier CSV."),
        (
            b"\xd0\xcf\x11\xe0...",
            "C’est un ancien classeur (.xls) : enregistrez-le au format « Classeur Excel (.xlsx) ».",
        ),
        (
            b"a;b\n1;\x81\n",
            "Le fichier n’est ni en UTF-8 ni en Windows (première erreur à la ligne 2) : enregistrez-le au format "
            "« CSV UTF-8 », puis choisissez-le de nouveau.",
        ),
        (
            b"PK\x03\x04 and nothing more",
            "Ce classeur ne se lit pas : enregistrez-le de nouveau au format « Classeur Excel (.xlsx) » ou « CSV "
            "UTF-8 ».",
        ),
    ],
)
def test_every_door_refuses_in_the_same_words(door: str, content: bytes, sentence: str) -> None:
    with pytest.raises(FileRefused) as refused:
        DOORS[door][0](content)
    assert str(refused.value) == sentence


ACCENTS = "RÉSIDENCE DE LA LIBERTÉ"


def of_one_line(table: Grid, *, accents: bool) -> Grid:
    """The same table, each row on a line of its own, with or without what ASCII does not have."""
    kept = "utf-8" if accents else "ascii"
    return [
        [
            "".join(cell.split("\n")).encode(kept, "ignore").decode(kept) if isinstance(cell, str) else cell
            for cell in cells
        ]
        for cells in table
    ]


def spoilt(table: Grid, encoding: str) -> bytes:
    """A file of two more rows, the last pasted from Windows: its accents are of another encoding."""
    return (
        text(of_one_line(table, accents=True), ";", encoding)
        + f"{ACCENTS}\r\n".encode()
        + ACCENTS.encode("cp1252")
        + b"\r\n"
    )


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_one_stray_byte_does_not_turn_every_accent_of_a_file_into_another_letter(door: str, encoding: str) -> None:
    """« LIBERTÉ » became « LIBERTA‰ », and was kept so."""
    read, table = DOORS[door]
    with pytest.raises(FileRefused) as refused:
        read(spoilt(table, encoding))
    assert str(refused.value) == (
        f"Le fichier est en UTF-8, sauf à la ligne {len(table) + 2} : corrigez les accents de cette ligne, "
        "enregistrez-le au format « CSV UTF-8 », puis choisissez-le de nouveau."
    )


def test_a_file_that_says_it_is_in_utf_8_is_read_in_nothing_else() -> None:
    with pytest.raises(FileRefused, match="Le fichier est en UTF-8, sauf à la ligne 2 : "):
        read_rows(b"\xef\xbb\xbfa;b\r\n" + ACCENTS.encode("cp1252"))


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("encoding", ["mac-roman", "cp850"])
@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_the_accents_of_another_machine_are_not_taken_for_other_letters(door: str, encoding: str, end: str) -> None:
    read, table = DOORS[door]
    plain = of_one_line(table, accents=False)
    with pytest.raises(FileRefused) as refused:
        read(text([*plain, ["Résidence de la liberté"]], ";", encoding, end))
    assert str(refused.value) == (
        f"Les accents du fichier ne se lisent pas (ligne {len(table) + 1}) : enregistrez-le au format « CSV UTF-8 », "
        "puis choisissez-le de nouveau."
    )


def test_what_french_writes_in_windows_is_read() -> None:
    """Every letter of French, in both cases, beside the signs of its typography."""
    written = "àâæçéèêëîïôœùûüÿ ÀÂÆÇÉÈÊËÎÏÔŒÙÛÜŸ L’ÎLE – « été »… 12 € — ½ n° 3 ; ‘un’ “deux” 5 ‰ •"
    assert list(read_rows(f"a\tb\n{written}\t1\n".encode("cp1252")))[1] == (2, [written, "1"])


@pytest.mark.parametrize("door", ["rpls", "sne", "housed", "syplo", "inventory"])
def test_a_formula_is_refused_by_line_and_column(door: str) -> None:
    read, table = DOORS[door]
    formula = [list(cells) for cells in table]
    names = [" ".join(name.split()) for name in table[0]]
    place = names.index({"rpls": "NBPIECE", "inventory": "debut"}.get(door, "Numéro Unique"))
    formula[1][place] = "=1+1"
    try:
        found = read(workbook(formula))
        sentence = " ".join(map(str, found.errors if door == "inventory" else found.refused))
    except FileRefused as refused:
        sentence = str(refused)
    assert "c’est une formule : collez sa valeur à la place" in sentence
    assert names[place] in sentence
    assert "igne 2" in sentence or "line=2" in sentence


def test_a_door_has_one_field_for_its_file() -> None:
    for form in (FileForm, ReconciliationForm):
        assert isinstance(form.base_fields["file"], TableFileField), form
        assert form.base_fields["file"].error_messages["required"] == "Choisissez un fichier."


@pytest.mark.parametrize("write", [lambda table: text(table, ";", "cp1252"), workbook], ids=["text", "xlsx"])
def test_rows_are_read_as_a_stream(write: Callable[[Grid], bytes]) -> None:
    """What is held does not grow with the rows: four times as many take no more memory."""
    peaks = []
    for count in (5_000, 20_000):
        content = write([["é", "b"], *([n, "é" * 40] for n in range(count))])
        tracemalloc.start()
        try:
            assert sum(1 for _ in read_rows(content)) == count + 1
            peaks.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
    assert peaks[1] < 2 * peaks[0] + 2**21
