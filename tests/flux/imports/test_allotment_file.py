"""How first lettings are shared leaves as a file and comes back the same; each wrong line is named."""

from __future__ import annotations

from datetime import timedelta

import pytest

from flux.imports.allotment_file import Allotments
from flux.models import Allotment, AllottedUnit, Programme
from flux.operations.allotment import agree_allotment
from reservations.takeaway import leaving_kinds
from tests.flux.programmes import agreed, drafted, planned, unit_of
from tests.reservations.imports.leaving import file_of
from tests.reservations.imports.test_party_files import counts, csv_of, faults, given, written
from tests.world import MORNING, World

CODE = Allotments.code
HEAD = "programme;commune;livré le;logements prévus;réservataire;contingent;logements;logements désignés;convenue le"


@pytest.fixture(autouse=True)
def today(time_machine: object) -> None:
    time_machine.move_to(MORNING + timedelta(days=9))


def test_parts_of_new_programmes_leave_and_come_back_the_same(world: World) -> None:
    """A part agreed with two units named, a draft, and a programme that nobody shared yet."""
    named = planned(world, units=8, name="Les Tamaris", commune="Coursan")
    one, two = unit_of(world, named), unit_of(world, named)
    drafted(world, named, ("city", 3, [one, two]), ("als", 2, ()))
    agree_allotment(programme=named, agreed_on=MORNING.date(), by=world.people["alice"], now=MORNING)
    agreed(world, ("priority", 2, ()), units=4)
    drafted(world, planned(world, units=6, name="Le Mail"), ("city", 1, ()))
    planned(world, units=9, name="Plus tard")

    assert CODE in {kind.code for kind in leaving_kinds(world.member("alice"))}
    content = file_of(world, CODE)
    assert len(content.decode("utf-8-sig").splitlines()) == 1 + 2 + 1 + 1 + 1
    assert counts(given(world, CODE, content)) == (0, 0, 5, 0)
    written(world, "logements", file_of(world, "logements"), person="zoe")
    written(world, CODE, content, person="zoe")
    assert file_of(world, CODE, "zoe").decode("utf-8-sig").splitlines() == content.decode("utf-8-sig").splitlines()
    assert counts(given(world, CODE, content, person="zoe")) == (0, 0, 5, 0)
    there = Programme.objects.filter(landlord=world.other_landlord)
    assert there.exclude(allotment_agreed_on=None).count() == 2
    assert AllottedUnit.objects.filter(allotment__programme__in=there).count() == 2


def test_a_draft_is_written_again_and_what_is_agreed_stays(world: World) -> None:
    programme = planned(world, units=6, name="Le Mail")
    drafted(world, programme, ("city", 1, ()))
    line = "Le Mail;11262;{:%d/%m/%Y};6;Ville de Narbonne;;{};;{}"
    order = written(world, CODE, csv_of(HEAD, line.format(programme.delivered_on, 4, "")))
    assert (counts(order), Allotment.objects.get().units) == ((0, 1, 0, 0), 4)
    order = written(world, CODE, csv_of(HEAD, line.format(programme.delivered_on, 4, "24/11/2026")))
    programme.refresh_from_db()
    assert programme.allotment_agreed_on == MORNING.date()
    for units, on in ((5, "24/11/2026"), (4, "25/11/2026"), (4, "")):
        order = given(world, CODE, csv_of(HEAD, line.format(programme.delivered_on, units, on)))
        assert counts(order) == (0, 0, 0, 1)
    assert counts(given(world, CODE, csv_of(HEAD, line.format(programme.delivered_on, 4, "24/11/2026")))) == (
        0,
        0,
        1,
        0,
    )
    later = csv_of(HEAD, line.format(programme.delivered_on + timedelta(days=9), 4, "24/11/2026"))
    assert counts(written(world, CODE, later)) == (0, 1, 0, 0)


def test_each_wrong_part_is_named_by_line(world: World) -> None:
    elsewhere = world.unit().reference
    order = given(
        world,
        CODE,
        csv_of(
            HEAD,
            "A;Nulle-Part;30/06/2027;6;;;;;",
            "B;11262;30/06/2027;6;Ville de Narbonne;;;;",
            "C;11262;30/06/2027;6;Ville d’Ys;;2;;",
            "D;11262;30/06/2027;6;Ville de Narbonne;;7;;",
            f"E;11262;30/06/2027;6;Ville de Narbonne;;2;{elsewhere};",
            "F;11262;30/06/2027;6;Ville de Narbonne;;2;INCONNU;",
            "G;11262;30/06/2027;6;Ville de Narbonne;;2;;01/01/2030",
            "H;11262;30/06/2027;6;Ville de Narbonne;;2;;",
            "H;11262;30/06/2027;7;Action Logement Services;;2;;",
            "I;11262;30/06/2027;6;Ville de Narbonne;;2;;",
        ),
    )
    assert [(line, column) for line, column, _ in faults(order)] == [
        (2, "commune"),
        (3, "logements"),
        (4, "réservataire"),
        (5, "logements prévus"),
        (6, "programme"),
        (7, "programme"),
        (8, "répartition convenue le"),
        (9, "programme"),
        (10, "programme"),
    ]
    assert not Programme.objects.filter(name="I").exists()


def line(name: str, units: str = "2", *, planned: str = "6") -> str:
    return f"{name};11262;30/06/2027;{planned};Ville de Narbonne;;{units};;"


def test_a_programme_written_in_another_case_is_the_only_one_so_called(world: World) -> None:
    """It was a second programme, of which the landlord saw the first without its parts."""
    planned(world, units=6, name="Résidence des Lices")
    written(world, CODE, csv_of(HEAD, line("RESIDENCE DES LICES")))
    assert Allotment.objects.get().programme == Programme.objects.get()


def test_a_name_that_two_programmes_bear_but_for_case_or_accents_is_asked(world: World) -> None:
    one, other = (planned(world, units=6, name=name) for name in ("Les Lices", "LES LICES"))
    [(at, column, sentence)] = faults(given(world, CODE, csv_of(HEAD, line("les lices"))))
    assert (at, column) == (2, "programme")
    assert "recopiez celui que vous voulez, « Les Lices » ou « LES LICES »." in sentence
    order = written(world, CODE, csv_of(HEAD, line("LES LICES", "3"), line("Les Lices", "1")))
    assert counts(order) == (0, 2, 0, 0)
    assert [each.allotments.get().units for each in (one, other)] == [1, 3]
    planned(world, units=6, name="les lices", commune="Coursan")
    assert faults(given(world, CODE, csv_of(HEAD, line("LES LICES", "2")))) == [], "each commune has its own"


def test_two_new_programmes_that_differ_by_accents_alone_are_asked(world: World) -> None:
    content = csv_of(HEAD, line("Les Pêchers"), line("LES PECHERS", "1"), line("Le Mail"))
    order = given(world, CODE, content)
    assert [(at, column) for at, column, _ in faults(order)] == [(2, "programme"), (3, "programme")]
    assert "« Les Pêchers » et « LES PECHERS » : un seul programme, ou plusieurs ?" in faults(order)[0][2]
    assert order.new == 1
