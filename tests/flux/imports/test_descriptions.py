"""A file of corrected units: each line is a change from a day on, or an error since one (docs/decisions/0037)."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine

from flux.models import Unit, UnitDescription
from flux.operations.description import change_unit
from reservations.imports.door import confirm, digest_of, receive_file, run
from reservations.imports.kinds import kind_of
from reservations.models import FileImport, ImportedLine
from tests.reservations.imports.leaving import file_of
from tests.reservations.imports.test_party_files import counts, written
from tests.reservations.imports.test_party_files import given as by_the_door
from tests.world import MORNING, World

pytestmark = pytest.mark.django_db

HEAD = "référence;nature;depuis;source;pièces;financement;QPV;code du quartier;année d’achèvement"


def given(world: World, *lines: str) -> FileImport:
    content = "\n".join((HEAD, *lines)).encode()
    order = receive_file(
        organisation=world.landlord.organisation,
        kind=kind_of("descriptions"),
        name="corrections.csv",
        content=content,
        by=world.people["alice"],
    )
    return run(order)


def descriptions_of(unit: Unit) -> list[tuple[str, date, int, bool | None, str]]:
    rows = UnitDescription.objects.filter(unit=unit).order_by("pk")
    return [(row.act, row.since, row.rooms, row.in_qpv, row.source) for row in rows]


@time_machine.travel(MORNING, tick=False)
def test_each_line_is_the_act_that_it_says_from_its_day(world: World) -> None:
    changed, wrong, late, same = (world.unit(in_qpv=False) for _ in range(4))
    since = date(2024, 1, 1)
    change_unit(unit=late, since=since, changes={"rooms": 4}, source="travaux", by=None, today=MORNING.date())
    order = given(
        world,
        f"{changed.reference};changement;01/01/2024;décret n° 2023-1314;;;;QN01109M;",
        f"{wrong.reference};erreur;;relevé sur place;2;;;;",
        f"{late.reference};Erreur;01/06/2024;relevé sur place;5;;;;",
        f"{same.reference};changement;01/01/2024;relevé sur place;3;;non;;1984",
    )
    assert (order.state, order.new, order.changed, order.same, order.refused) == ("CHECKED", 0, 3, 1, 0)
    assert order.topics == {"changements : les bilans passés restent": 1, "erreurs : ils suivent": 2}
    confirm(order=order, digest=digest_of(order), by=world.people["alice"])
    assert run(order).state == FileImport.State.DONE, order.failure
    assert descriptions_of(changed)[1:] == [("CHANGE", since, 3, True, "décret n° 2023-1314")]
    assert UnitDescription.objects.get(unit=changed, act="CHANGE").qpv_list == 2024
    assert descriptions_of(wrong)[1:] == [("ERROR", date.min, 2, False, "relevé sur place")]
    assert descriptions_of(late)[1:] == [
        ("CHANGE", since, 4, False, "travaux"),
        ("ERROR", date(2024, 6, 1), 5, False, "relevé sur place"),
    ]
    assert len(descriptions_of(same)) == 1


@time_machine.travel(MORNING, tick=False)
def test_a_line_that_no_act_would_do_is_refused_by_its_column(world: World) -> None:
    unit, later = world.unit(), world.unit()
    change_unit(
        unit=later, since=date(2025, 1, 1), changes={"rooms": 4}, source="travaux", by=None, today=MORNING.date()
    )
    given(
        world,
        "RH-99-999;erreur;;visite;2;;;;",
        f"{unit.reference};changement;;visite;2;;;;",
        f"{unit.reference}X;erreur;01/01/2099;visite;2;;;;",
        f"{later.reference};changement;01/01/2024;visite;2;;;;",
        f"{unit.reference};erreur;;visite;;;;;",
        f"{unit.reference};erreur;;visite;;;;QP1;",
        f"{unit.reference};erreur;01/01/2027;visite;2;;;;",
        f"{later.reference};vente;;visite;2;;;;",
    )
    lines = ImportedLine.objects.order_by("line")
    assert [line.remarks[0][0] for line in lines if line.remarks] == [
        *("référence", "depuis", "référence", "depuis", "nature", "code du quartier", "depuis", "nature")
    ]
    assert not UnitDescription.objects.filter(act="ERROR").exists()


@pytest.mark.parametrize(("person", "may"), [("alice", True), ("aline", False), ("chloe", False), ("adam", False)])
def test_it_is_for_the_manager_of_the_landlord(world: World, person: str, *, may: bool) -> None:
    assert kind_of("descriptions").may(world.member(person)) is may
    assert kind_of("descriptions").after() == "unit-list"


@time_machine.travel(MORNING, tick=False)
def test_the_past_of_units_leaves_and_comes_back_from_its_days(world: World) -> None:
    """Works, then another list of districts; what never changed goes with the stock alone."""
    world.unit(in_qpv=False)
    unit = world.unit(in_qpv=False, rooms=2)
    for since, each in ((date(2024, 1, 1), {"rooms": 4}), (date(2025, 1, 1), {"in_qpv": True, "qpv_code": "QN01109M"})):
        change_unit(unit=unit, since=since, changes=each, source="travaux", by=None, today=MORNING.date())
    content = file_of(world, "descriptions")
    assert [line.split(";")[1:5] for line in content.decode("utf-8-sig").splitlines()[1:]] == [
        ["erreur", "", "à l’enregistrement", "2"],
        ["changement", "01/01/2024", "travaux", "4"],
        ["changement", "01/01/2025", "travaux", "4"],
    ]
    assert counts(by_the_door(world, "descriptions", content)) == (0, 0, 3, 0)
    written(world, "logements", file_of(world, "logements"), person="zoe")
    order = written(world, "descriptions", content, person="zoe")
    assert counts(order) == (0, 3, 0, 0)
    assert file_of(world, "descriptions", "zoe") == content
    assert counts(by_the_door(world, "descriptions", content, person="zoe")) == (0, 0, 3, 0)
    there = Unit.objects.get(landlord=world.other_landlord, reference=unit.reference)
    for day, rooms, in_qpv in ((date(2020, 1, 1), 2, False), (date(2024, 6, 1), 4, False), (date(2026, 1, 1), 4, True)):
        row = UnitDescription.objects.on(there, day)
        assert (row.rooms, row.in_qpv) == (rooms, in_qpv)


@time_machine.travel(MORNING, tick=False)
def test_what_the_line_before_made_true_is_left(world: World) -> None:
    """Read alone it would change something; after the first it does not."""
    unit = world.unit(rooms=2)
    order = given(
        world,
        f"{unit.reference};erreur;;visite;3;;;;",
        f"{unit.reference};changement;01/01/2024;travaux;3;;;;",
    )
    assert (order.changed, order.same, order.refused) == (2, 0, 0)
    confirm(order=order, digest=digest_of(order), by=world.people["alice"])
    assert run(order).state == FileImport.State.DONE, order.failure
    assert [row[:3] for row in descriptions_of(unit)[1:]] == [("ERROR", date.min, 3)]
