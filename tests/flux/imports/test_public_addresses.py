"""The public RPLS, a line an address, by the one door for files: what changed is stated before it is written, the same
file twice changes nothing, and a file sorted otherwise is the same."""

from __future__ import annotations

import html
from collections.abc import Callable

from django.test import Client
from django.urls import reverse

from flux.imports.public_addresses import PublicAddresses
from flux.imports.rpls import read_rpls
from flux.models import Programme, Unit
from flux.operations.stock_import import preview_stock
from reservations.models import ImportedLine, Territory
from tests.flux.imports.files import EXTRACT, ROW, rpls
from tests.reservations.imports.test_party_files import counts, faults, given, written
from tests.world import World

SignIn = Callable[[str], Client]
KIND = PublicAddresses.code


def stock(world: World) -> set[tuple[object, ...]]:
    return set(
        Unit.objects.filter(landlord=world.landlord).values_list(
            "street_name", "street_number", "ordinal", "rooms", "financing_code", "in_qpv", "programme__name"
        )
    )


def test_the_public_file_says_what_changes_and_is_written_as_the_command_writes_it(
    world: World, sign_in: SignIn
) -> None:
    """The real extract of Narbonne: 500 lines, 2 630 units, of which three addresses are given twice."""
    content = EXTRACT.read_bytes()
    order = given(world, KIND, content)
    assert (counts(order), order.topics) == ((500, 0, 0, 0), {"logements nouveaux": 2630})
    assert not Unit.objects.exists()
    written(world, KIND, content)
    assert (Unit.objects.count(), Programme.objects.count()) == (2630, 86)
    lots = read_rpls(content, communes=Territory.objects.communal_codes()).lots
    known = preview_stock(landlord=world.landlord, lots=lots)
    assert (known.created, known.updated, known.unchanged) == (0, 0, 2630)
    before = stock(world)
    head, *lines = content.decode("utf-8-sig").splitlines()
    again = given(world, KIND, "\n".join([head, *reversed(lines)]).encode())
    assert (counts(again), stock(world)) == ((0, 0, 500, 0), before)


def test_what_an_address_has_otherwise_is_reported_and_brought_up_to_date(world: World, sign_in: SignIn) -> None:
    written(world, KIND, rpls({"nb": "5", "SURFHAB": "325"}, {"NUMVOIE": "20"}))
    later = rpls({"QPV": "1", "FINAN": "10"}, {"NUMVOIE": "20", "nb": "4", "SURFHAB": "260"}, {"NUMVOIE": "14"})
    order = given(world, KIND, later)
    assert (counts(order), order.topics) == (
        (1, 2, 0, 0),
        {
            "logements nouveaux": 4,
            "logements modifiés": 3,
            "logements connus à ces adresses que le fichier ne compte plus, gardés": 2,
        },
    )
    changes = ImportedLine.objects.filter(file_import=order).order_by("line").values_list("changes", flat=True)
    assert list(changes) == [{"FINAN": ["13", "10"], "QPV": [False, True]}, {"nb": [3, 4]}, {}]
    page = html.unescape(sign_in("alice").get(reverse("file-import", args=[order.pk])).text)
    assert "logements que le fichier ne compte plus" not in page
    assert "logements connus à ces adresses que le fichier ne compte plus, gardés" in page
    written(world, KIND, later)
    assert sorted(Unit.objects.values_list("street_number", "in_qpv")) == [
        *[("12", False)] * 2,
        *[("12", True)] * 3,
        *[("14", False)] * 3,
        *[("20", False)] * 4,
    ]
    assert counts(given(world, KIND, later)) == (0, 0, 3, 0)


def test_each_wrong_line_is_named_with_its_column_and_what_is_odd_is_kept(world: World) -> None:
    content = rpls(
        {"FINAN": "98"},
        {"DEPCOM": "99999"},
        {"nb": "0"},
        {"NBPIECE": "T3"},
        {"nb": "9998", "NUMVOIE": "7"},
        {"nb": "9998", "NUMVOIE": "7", "QPV": ""},
        {"NUMVOIE": "8", "QPV": "3", "DPEENERGIE": "Z"},
        {"NUMVOIE": "9"},
        {"NUMVOIE": "9"},
    )
    order = given(world, KIND, content)
    assert [(at, column) for at, column, _ in faults(order)] == [
        (2, "FINAN"),
        (3, "DEPCOM"),
        (4, "nb"),
        (5, "NBPIECE"),
        (6, "nb"),
    ]
    assert faults(order)[0][2] == "financement inconnu : FINAN « 98 » n’est pas un code du RPLS."
    odd = ImportedLine.objects.filter(file_import=order, line__in=[8, 10]).order_by("line")
    assert [[column for column, *_ in line.remarks] for line in odd] == [["QPV", "DPEENERGIE"], ["NUMVOIE"]]
    assert (order.new, order.refused) == (4, 5)
    without = rpls(ROW, columns=[name for name in ROW if name != "FINAN"])
    assert given(world, KIND, without).state == "CHOSEN"


def test_a_building_that_two_programmes_may_be_is_asked(world: World) -> None:
    for rank, name in enumerate(("Les Lices", "LES LICES")):
        Programme.objects.create(landlord=world.landlord, number=90 + rank, name=name, commune=world.places["Narbonne"])
    order = given(world, KIND, rpls({"IMMEU": "les lices"}, {"IMMEU": "LES LICES", "NUMVOIE": "20"}))
    assert [(line, column) for line, column, _ in faults(order)] == [(2, "IMMEU")]
    assert "« Les Lices » ou « LES LICES »" in faults(order)[0][2]
    assert order.new == 1
