"""Old rights by the one door for files; units and rights go out as they come in."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client
from django.urls import reverse

from reservations.imports.kinds import kind_of
from reservations.models import FileImport, StockRight
from tests.flux.imports.inventories import example
from tests.flux.imports.unit_files import units
from tests.reservations.imports.test_party_files import counts, csv_of, faults, given, written
from tests.world import World

SignIn = Callable[[str], Client]
HEAD = "titre;SIREN;fondement;usage;début;fin;fin emprunt;logement;programme;nombre"


def test_rights_come_in_on_units_and_programmes_and_the_same_file_changes_nothing(world: World) -> None:
    """A guarantee on two units, land on two of a programme; a holder by its name or its SIREN."""
    one, two, three = (world.unit() for _ in range(3))
    number = three.programme.number
    content = csv_of(
        HEAD,
        f"GE-1;{world.city.siren};garantie;;01/03/2008;;31/12/2038;{one.reference};;",
        f"GE-1;ville de narbonne;garantie d’emprunt;suite;01/03/2008;;31/12/2038;{two.reference};;",
        f"TE-2;Le Grand Narbonne;terrain;unique;01/01/2010;31/12/2040;;;{number};1",
    )
    order = written(world, "droits", content)
    assert (order.state, counts(order)) == (FileImport.State.DONE, (3, 0, 0, 0))
    assert sorted(StockRight.objects.values_list("reference", "holder__organisation__name", "use")) == [
        ("GE-1", "Ville de Narbonne", "RECURRING"),
        ("TE-2", "Le Grand Narbonne", "SINGLE"),
    ]
    again = given(world, "droits", content)
    assert (counts(again), again.topics) == ((0, 0, 3, 0), {})
    fewer = given(world, "droits", csv_of(HEAD, content.decode("utf-8-sig").split("\r\n")[1]))
    assert fewer.topics == {"rattachés à ces titres et absents du fichier (ils le restent)": 1}


def test_the_example_of_the_documentation_comes_in_under_its_own_columns(world: World) -> None:
    for _ in range(5):
        world.unit()
    order = written(world, "droits", example())
    assert counts(order) == (4, 0, 0, 0)
    assert StockRight.objects.count() == 3


def test_each_wrong_right_is_named_by_line_and_column(world: World) -> None:
    """As the inventory says it, on the columns of this file."""
    unit, held = world.unit(), world.unit()
    written(world, "droits", csv_of(HEAD, f"AN-1;{world.city.siren};terrain;;01/03/2008;;;{held.reference};;"))
    good = f"{world.city.siren};terrain;;01/03/2008;;"
    order = given(
        world,
        "droits",
        csv_of(
            HEAD,
            f"A;Inconnu;terrain;;01/03/2008;;;{unit.reference};;",
            f"B;{world.state.siren};état;;01/03/2008;;;{unit.reference};;",
            f"C;{good};;;;",
            f"D;{good};;Nulle part;3",
            f"E;{good};NULLE;;",
            f"F;{good};{unit.reference};;4",
            f"G;{world.city.siren};cadeau;;01/03/2008;;;{unit.reference};;",
            f"H;{good};{held.reference};;",
            f"AN-1;{world.city.siren};terrain;;02/03/2008;;;{held.reference};;",
        ),
    )
    assert [(line, column) for line, column, _ in faults(order)] == [
        (2, "réservataire"),
        (3, "contingent"),
        (4, "référence du logement"),
        (5, "programme"),
        (6, "référence du logement"),
        (7, "nombre de logements"),
        (8, "fondement"),
        (9, "référence du logement"),
        (10, "début"),
    ]
    assert StockRight.objects.count() == 1


def test_units_and_rights_that_go_out_come_in_again_and_change_nothing(world: World, sign_in: SignIn) -> None:
    written(world, "logements", units({}, {"IDENT_INT": "A-0002", "IDENT_REP": "1100000002"}))
    content = csv_of(HEAD, f"GE-1;{world.city.siren};terrain;;01/03/2008;;;A-0002;;")
    written(world, "droits", content)
    alice = sign_in("alice")
    for kind, lines in (("logements", 2), ("droits", 1)):
        taken = b"".join(alice.get(reverse("kind-export", args=[kind])).streaming_content)
        order = given(world, kind, taken)
        assert (faults(order), counts(order)) == ([], (0, 0, lines, 0)), kind
    assert sign_in("aline").get(reverse("kind-export", args=["droits"])).status_code == 403
    assert alice.get(reverse("kind-export", args=["rien"])).status_code == 404


def test_a_stock_taken_from_one_installation_is_the_same_in_another(world: World) -> None:
    """What Robine takes away, another landlord gives: every column of every unit is the same."""
    written(world, "logements", units({}, {"IDENT_INT": "A-0002", "IDENT_REP": "1100000002", "NBPIECE": "5"}))
    kind = kind_of("logements")
    head = [column.name for column in kind.columns]
    rows = list(kind.recorded(world.member("alice")))
    content = csv_of(";".join(head), *(";".join(line.get(name, "") for name in head) for line in rows))
    written(world, "logements", content, person="zoe")
    assert list(kind.recorded(world.member("zoe"))) == rows
