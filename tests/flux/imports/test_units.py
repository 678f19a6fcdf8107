"""The one door for files, through the landlord's RPLS file: read as it comes, checked, confirmed, written once."""

from __future__ import annotations

import hashlib
import io
import tracemalloc
import zipfile
from datetime import date
from decimal import Decimal

import openpyxl
import pytest
from django.urls import reverse

from flux.imports.unit_columns import ITEMS
from flux.models import Programme, Unit
from flux.operations.stock_import import import_stock
from reservations.imports.door import confirm, digest_of, receive_file, run, tell_columns
from reservations.imports.kept import parts
from reservations.imports.kinds import kind_of
from reservations.imports.table import FileRefused
from reservations.models import FileImport, HistoryEntry, ImportedLine, Landlord
from reservations.refusals import Refusal
from tests.flux.imports.files import COMMUNES, rpls
from tests.flux.imports.unit_files import LANDLORD, many, units
from tests.world import World

State = FileImport.State


OTHER = {"IDENT_REP": "1100000002", "IDENT_INT": "A-0002", "NUMAPPT": "22"}


def given(world: World, content: bytes, *, landlord: Landlord | None = None) -> FileImport:
    """A file received and checked."""
    organisation = (landlord or world.landlord).organisation
    order = receive_file(
        organisation=organisation, kind=kind_of("logements"), name="parc.csv", content=content, by=world.people["alice"]
    )
    return run(order)


def imported(world: World, content: bytes) -> FileImport:
    order = given(world, content)
    confirm(order=order, digest=digest_of(order), by=world.people["alice"])
    return run(order)


def counts(order: FileImport) -> tuple[int, int, int, int]:
    return order.new, order.changed, order.same, order.refused


def ods(*rows: list[str]) -> bytes:
    """A sheet of LibreOffice, as it writes one: repeated blanks up to its edges."""
    cells = [
        "".join(
            f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>' for cell in row
        )
        for row in rows
    ]
    lines = "".join(
        f'<table:table-row>{row}<table:table-cell table:number-columns-repeated="16000"/></table:table-row>'
        for row in cells
    )
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    content = (
        f'<office:document-content {spaces}><office:body><office:spreadsheet><table:table table:name="Parc">{lines}'
        '<table:table-row table:number-rows-repeated="1048000"><table:table-cell/></table:table-row>'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
    return held.getvalue()


def xlsx(*rows: list[str]) -> bytes:
    book, held = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(held)
    return held.getvalue()


def cells(content: bytes) -> list[list[str]]:
    return [line.split(";") for line in content.decode().splitlines()]


SHUFFLED = (*reversed(ITEMS),)


@pytest.mark.parametrize(
    "content",
    [
        units({}),
        units({}, record=False),
        units({}, names=False),
        units({}, record=False, names=False),
        units({}, encoding="cp1252"),
        units({}, encoding="utf-8-sig"),
        units({}, sign="\t"),
        units({}, sign=",", record=False),
        units({}, columns=SHUFFLED),
        units({"DEPCOM": "11262.0", "SURFHAB": "65.50", "NBPIECE": "T3", "ETAGE": "R+2", "BAIL": "2019-09"}),
        xlsx(*cells(units({}))),
        ods(*cells(units({}))),
    ],
    ids=[
        *("whole", "no record", "no names", "neither", "cp1252", "mark"),
        *("tabs", "commas", "order", "dirt", "xlsx", "ods"),
    ],
)
def test_a_unit_is_read_whole_whatever_the_shape_of_the_file(world: World, content: bytes) -> None:
    order = imported(world, content)
    assert (order.state, counts(order)) == (State.DONE, (1, 0, 0, 0)), order.failure
    unit = Unit.objects.select_related("programme", "commune").get(landlord=world.landlord)
    assert (unit.reference, unit.is_own_reference, unit.rpls_id) == ("A-0001", True, "1100000001")
    assert (unit.address, unit.commune, unit.postal_code) == ("12 rue Voltaire", world.places["Narbonne"], "11100")
    assert (unit.staircase, unit.floor, unit.door, unit.programme.name) == ("B", 2, "21", "LA POMMERAIE")
    assert (unit.rooms, unit.surface, unit.financing_code) == (3, Decimal("65.50"), "13")
    assert (unit.in_qpv, unit.construction_year, unit.is_house, unit.energy_class) == (False, 1984, False, "C")
    assert (unit.rent, unit.leased_since, unit.last_offered_on) == (
        Decimal("412.50"),
        date(2019, 9, 1),
        date(2019, 8, 15),
    )
    assert (unit.told_contingent, unit.left_on) == (7, None)


def test_every_fault_is_named_by_line_and_column_and_the_others_are_written(world: World) -> None:
    """go-live.md: « errors by line and column with the value and how to mend it »."""
    order = given(
        world,
        units(
            {},
            {"IDENT_INT": "A-0002", "IDENT_REP": "1100000002", "DEPCOM": "99999"},
            {"IDENT_REP": "1100000003"},
            {"IDENT_INT": "A-0004", "IDENT_REP": "1100000004", "NBPIECE": "beaucoup", "FINAN": "98"},
            {"IDENT_INT": "A-0005", "IDENT_REP": "1100000005", "ETAGE": "99", "CONTINGENT": "3"},
            {"IDENT_INT": "A-0006", "IDENT_REP": "1100000005"},
        ),
    )
    assert (order.state, counts(order), order.warned) == (State.CHECKED, (2, 0, 0, 4), 1)
    values = dict(ImportedLine.objects.exclude(remarks=[]).order_by("line").values_list("line", "remarks"))
    assert values == {
        4: [["commune", "99999", "aucune commune n’a ce code : écrivez un code INSEE, par exemple 11262.", True]],
        5: [["référence", "A-0001", "déjà donné à la ligne 3 : n’en gardez qu’une.", True]],
        6: [
            ["pièces", "beaucoup", "écrivez un nombre de pièces de 1 à 99.", True],
            ["financement", "98", "écrivez un code du RPLS (10, 13, 14…) ou PLAI, PLUS, PLS, PLI.", True],
        ],
        7: [["étage", "99", "écrivez un étage de −3 à 60 ; RDC ou 0 est le rez-de-chaussée.", False]],
        8: [["identifiant RPLS", "1100000005", "déjà donné à la ligne 7 : n’en gardez qu’une.", True]],
    }
    assert order.topics == {"réservés selon le RPLS : droits à vérifier": 1}
    assert not Unit.objects.exists()
    confirm(order=order, digest=digest_of(order), by=world.people["alice"])
    assert run(order).state == State.DONE
    assert set(Unit.objects.values_list("reference", "told_contingent")) == {("A-0001", 7), ("A-0005", 3)}


def test_twice_the_same_file_changes_nothing_and_the_next_year_updates_and_closes(world: World) -> None:
    content = units(*many(60))
    imported(world, content)
    before = list(Unit.objects.order_by("pk").values())
    again = given(world, content)
    assert counts(again) == (0, 0, 60, 0)
    with pytest.raises(Refusal, match="rien à importer"):
        confirm(order=again, digest=digest_of(again), by=None)
    assert list(Unit.objects.order_by("pk").values()) == before

    rows = many(60)
    rows[0] |= {"IDENT_INT": "NEUF-1", "LOYERPRINC": "450"}  # the software changed: RPLS still knows the unit
    rows[1] |= {"SORTIE": "4", "MODE": "9"}
    order = given(world, units(*rows[:-1]))
    assert counts(order) == (0, 2, 57, 0)
    assert order.topics == {"sortis du parc (vendus, démolis)": 1, "connus ici et absents du fichier (ils restent)": 1}
    changes = dict(ImportedLine.objects.filter(verdict="CHANGED", file_import=order).values_list("key", "changes"))
    assert changes["NEUF-1"] == {"reference": ["A-000001", "NEUF-1"], "rent": ["412.50", "450.00"]}
    confirm(order=order, digest=digest_of(order), by=world.people["alice"])
    run(order)
    renamed = Unit.objects.get(reference="NEUF-1")
    story = HistoryEntry.objects.about(renamed).values_list("details", "by")
    assert list(story) == [({"reference": ["A-000001", "NEUF-1"]}, world.people["alice"].pk)]
    gone = Unit.objects.get(reference="A-000002")
    assert (gone.left_why, gone.left_on is not None, Unit.objects.count()) == ("DEMOLISHED", True, 60)
    assert counts(given(world, units(*rows[:-1]))) == (0, 0, 59, 0)
    rows[1] |= {"SORTIE": "9", "MODE": "1"}
    imported(world, units(*rows[:-1]))
    gone.refresh_from_db()
    assert (gone.left_why, gone.left_on) == ("", None)


def test_a_stock_of_the_public_file_is_matched_and_not_doubled(world: World) -> None:
    from flux.imports.rpls import read_rpls

    lots = read_rpls(rpls({}, {"NBPIECE": "2", "nb": "2"}), communes=COMMUNES).lots
    import_stock(landlord=world.landlord, lots=lots)
    before = set(Unit.objects.values_list("pk", "rooms"))
    rows = many(6, NUMVOIE="12", NOMVOIE="VOLTAIRE", IMMEU="LA POMMERAIE")
    for place in (1, 3):
        rows[place]["NBPIECE"] = "2"
    order = imported(world, units(*rows))
    assert (counts(order), order.topics) == (
        (1, 5, 0, 0),
        {"rattachés à un logement déjà connu par son adresse": 5},
    )
    assert before < set(Unit.objects.values_list("pk", "rooms"))
    assert set(Unit.objects.values_list("reference", flat=True)) == {row["IDENT_INT"] for row in rows}
    assert sorted(Unit.objects.values_list("ordinal", flat=True)) == [1, 2, 3, 4, 5, 6]


def test_what_is_written_is_what_was_checked(world: World) -> None:
    """« confirm exactly what was checked »: another digest is refused, and so is the line that a stock that moved would
    have do something else; the others are written, once."""
    content = units(*many(3))
    order = given(world, content)
    with pytest.raises(Refusal, match="ce n’est plus ce que vous aviez lu"):
        confirm(order=order, digest="0" * 32, by=None)
    seen = digest_of(order)
    confirm(order=order, digest=seen, by=world.people["alice"])
    world.unit(reference="A-000002", is_own_reference=True)
    order = run(order)
    assert (order.state, order.moved, counts(order)) == (State.DONE, True, (2, 0, 0, 1))
    assert "a changé depuis la vérification" in str(ImportedLine.objects.get().remarks)
    assert Unit.objects.count() == 3
    with pytest.raises(Refusal, match="ce n’est plus ce que vous aviez lu"):
        confirm(order=order, digest=seen, by=None)


def test_a_file_is_never_whole_in_memory_neither_given_nor_read(world: World) -> None:
    """« 200,000 lines in flat memory »: kept and read again a megabyte at a time, whatever it weighs."""
    heavy = [row | {"LIBCOM": "NARBONNE " * 1_000} for row in many(1_400)]
    file = io.BytesIO(units(*heavy))
    size, kind = file.getbuffer().nbytes, kind_of("logements")
    tracemalloc.start()
    order = receive_file(organisation=world.landlord.organisation, kind=kind, name="parc.csv", content=file)
    _, given_at_most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size > 12 * 1024 * 1024 > given_at_most  # a part, and what writing one costs
    assert [len(part) for part in parts(order)][:-1] == [1024 * 1024] * (size // 1024**2)
    assert b"".join(parts(order)) == file.getvalue()
    assert (order.size, order.sha256) == (size, hashlib.sha256(file.getvalue()).hexdigest())
    assert counts(run(order)) == (1_400, 0, 0, 0)


def test_columns_are_notified_once_by_hand_and_remembered(world: World) -> None:
    content = b"Bien;Ville;Taille;Pret\nA-1;11262;3;13\n"
    kind = kind_of("logements")
    order = receive_file(organisation=world.landlord.organisation, kind=kind, name="x.csv", content=content)
    assert (order.state, order.mapping) == (State.CHOSEN, {})
    with pytest.raises(Refusal, match="Dites où est la colonne « commune »"):
        tell_columns(order=order, places={"référence": 0})
    with pytest.raises(Refusal, match="ne peut pas servir deux fois"):
        tell_columns(order=order, places={"commune": 1, "pièces": 1, "financement": 3})
    tell_columns(order=order, places={"référence": 0, "commune": 1, "pièces": 2, "financement": 3})
    assert counts(run(order)) == (1, 0, 0, 0)
    assert counts(given(world, b"Ville;Bien;Pret;Taille\n11262;A-2;13;2\n")) == (1, 0, 0, 0)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "Le fichier est vide"),
        (f"{LANDLORD}\n".encode(), "aucune ligne"),
        (units({}, columns=(*ITEMS, "IDENT_INT")), "« IDENT_INT » est donnée deux fois"),
        (b"%PDF-1.7", "C’est un PDF"),
    ],
)
def test_a_file_that_is_none_is_refused_at_once(world: World, content: bytes, sentence: str) -> None:
    with pytest.raises(FileRefused, match=sentence):
        given(world, content)
    assert not FileImport.objects.exists()


def test_rents_and_equipment_are_a_file_of_known_units(sign_in, world: World) -> None:
    """« Rents, equipment, accessibility »: a software's own export, by reference or by identifier, each fault named."""
    world.unit(reference="A-1", is_own_reference=True, told_contingent=3)
    world.unit(reference="A-2", is_own_reference=True, rpls_id="1100000002", rent=Decimal(300), told_contingent=9)
    lines = [
        "Réf;Id RPLS;Loyer HC;Provision charges;ETAGE;Asc;PMR;PLAI A",
        "A-1;;412,50;85,5;RDC;oui;non;",
        ";1100000002;300;;;;;",
        "A-9;;1;;;;;",
        "A-2;;1;;;;;",
        ";;1;;;;;",
        "A-1;;abc;;;;;",
        "A-3;;;;;;;oui",
    ]
    world.unit(reference="A-3", is_own_reference=True)
    content = "\n".join(lines).encode("cp1252")
    order = receive_file(
        organisation=world.landlord.organisation, kind=kind_of("loyers"), name="loyers.csv", content=content
    )
    order = run(order)
    assert counts(order) == (0, 1, 1, 5)
    refused = ImportedLine.objects.filter(verdict="REFUSED").order_by("line").values_list("line", "remarks__0__2")
    assert [(line, str(each)[:33]) for line, each in refused] == [
        (4, "aucun logement n’a cette référenc"),
        (5, "ce logement est déjà à la ligne 3"),
        (6, "donnez la référence du logement, "),
        (7, "écrivez un nombre de 0 à 9999, pa"),
        (8, "ce logement n’est pas PLAI (CCH, "),
    ]
    confirm(order=order, digest=digest_of(order), by=world.people["alice"])
    assert run(order).state == State.DONE
    unit = Unit.objects.get(reference="A-1")
    assert (unit.rent, unit.charges, unit.floor, unit.has_lift, unit.is_accessible) == (
        Decimal("412.50"),
        Decimal("85.50"),
        0,
        True,
        False,
    )
    entry = HistoryEntry.objects.about(unit).get()
    assert (entry.by, entry.details["rent"]) == (world.people["alice"], [None, "412.50"])

    client = sign_in("alice")
    page = client.get(reverse("unit-detail", args=[unit.pk])).text
    assert "3, Action Logement et employeurs, à vérifier dans vos titres" in page
    other = client.get(reverse("unit-detail", args=[Unit.objects.get(reference="A-2").pk])).text
    assert "9, à vérifier dans vos titres" in other
    found = client.get(reverse("unit-list"), {"told_contingent": "3"}).text
    assert ("A-1" in found, "A-3" in found) == (True, False)


def test_a_name_that_two_programmes_bear_but_for_case_is_asked_and_moves_no_unit(world: World) -> None:
    """The last registered won: a unit passed from one to the other without a word."""
    commune = world.places["Narbonne"]
    one, other = (
        Programme.objects.create(landlord=world.landlord, number=90 + rank, name=name, commune=commune)
        for rank, name in enumerate(("La Pommeraie", "LA POMMERAIE"))
    )
    order = given(world, units({"IMMEU": "la pommeraie"}, {"IMMEU": "LA POMMERAIE", **OTHER}))
    assert counts(order) == (1, 0, 0, 1)
    [refused] = ImportedLine.objects.filter(file_import=order, verdict="REFUSED")
    [[column, value, sentence, _]] = refused.remarks
    assert (column, value) == ("programme", "la pommeraie")
    assert "recopiez celui que vous voulez, « La Pommeraie » ou « LA POMMERAIE »." in sentence
    imported(world, units({"IMMEU": "La Pommeraie"}, {"IMMEU": "LA POMMERAIE", **OTHER}))
    assert [each.units.count() for each in (one, other)] == [1, 1]
    again = given(world, units({"IMMEU": "la pommeraie"}, {"IMMEU": "LA POMMERAIE", **OTHER}))
    assert counts(again) == (0, 0, 2, 0), "a unit stays where it is under a name that differs so"
    moved = imported(world, units({"IMMEU": "LA POMMERAIE"}, {"IMMEU": "LA POMMERAIE", **OTHER}))
    assert (counts(moved), other.units.count()) == ((0, 1, 1, 0), 2)
