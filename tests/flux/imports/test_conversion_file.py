"""What rights in stock were worked out to be worth leaves as a file and comes back to the same share."""

from __future__ import annotations

from datetime import timedelta

import pytest

from flux.imports.conversion_file import Conversions
from flux.models import Conversion
from reservations.models import StockRight
from tests.flux.conversions import title, units, variant
from tests.reservations.imports.leaving import file_of
from tests.reservations.imports.test_party_files import counts, csv_of, faults, given, written
from tests.world import MORNING, World

CODE = Conversions.code
HEAD = "réservataire;contingent;périmètre;variante;début;fin;données"


@pytest.fixture(autouse=True)
def today(time_machine: object) -> None:
    time_machine.move_to(MORNING + timedelta(days=9))


def test_variants_leave_and_come_back_to_the_same_share(world: World) -> None:
    """A title by its reference, and one that has none."""
    stock = units(world, 6)
    title(world, *stock[:3])
    title(world, stock[4], reference="")
    ours = variant(world)
    content = file_of(world, CODE)
    assert counts(given(world, CODE, content)) == (0, 0, 1, 0)
    Conversion.objects.all().delete()
    StockRight.objects.filter(reference="").update(reference="T2")
    ours = variant(world)
    content = file_of(world, CODE)
    assert counts(given(world, CODE, content)) == (0, 0, 1, 0)
    for code in ("logements", "droits", CODE):
        written(world, code, content if code == CODE else file_of(world, code), person="zoe")
    assert file_of(world, CODE, "zoe") == content
    assert counts(given(world, CODE, content, person="zoe")) == (0, 0, 1, 0)
    there = Conversion.objects.get(landlord=world.other_landlord)
    assert (there.rate, there.share, there.label) == (ours.rate, ours.share, ours.label)
    named = {row["id"] for row in there.given["rights"]}
    assert named == set(StockRight.objects.filter(landlord=world.other_landlord).values_list("pk", flat=True))


def test_each_wrong_variant_is_named_by_line(world: World) -> None:
    title(world, *units(world, 3))
    variant(world)
    good = '"{""rights"": []}"'
    order = given(
        world,
        CODE,
        csv_of(
            HEAD,
            f"Ville d’Ys;;11262;A;01/01/2029;31/12/2031;{good}",
            f"Ville de Narbonne;;Nulle-Part;B;01/01/2029;31/12/2031;{good}",
            "Ville de Narbonne;;11262;C;01/01/2029;31/12/2031;[]",
            "Ville de Narbonne;;11262;D;01/01/2029;31/12/2031;pas des données",
            f"Ville de Narbonne;;11262;E;01/01/2029;31/12/2031;{good}",
            f"Ville de Narbonne;;11262;Première lecture;01/01/2029;31/12/2031;{good}",
        ),
    )
    assert [(line, column) for line, column, _ in faults(order)] == [
        (2, "réservataire"),
        (3, "périmètre"),
        (4, "données"),
        (5, "données"),
        (6, "données"),
        (7, "variante"),
    ]
