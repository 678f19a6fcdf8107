"""Households kept by one file, before any unit awaits them: each fault on its line, given twice it changes nothing."""

from __future__ import annotations

from datetime import date

from attributions.households.imports.candidates import Candidates
from attributions.households.imports.households import Households
from attributions.households.models import AccessRecord, Application
from reservations.imports.kinds import kind_of
from reservations.takeaway import leaving_kinds
from tests.attributions.households.candidates import number, priority
from tests.attributions.households.named import household
from tests.reservations.imports.leaving import file_of
from tests.reservations.imports.test_party_files import counts, csv_of, faults, given, written
from tests.world import World

KIND = Households.code
HEAD = "NUD;Nom;né le;adultes;RFR;communes;pièces;PMR;DALO;labellisé le;fin du label;dossier"


def line(rank: int, name: str = "Durand Amina", **given: str) -> str:
    values = {
        "born": "12/03/1984",
        "adults": "2",
        "income": "18000",
        "communes": "Narbonne, Coursan",
        "rooms": "3",
        "accessible": "oui",
        "dalo": "oui",
        "on": "03/02/2026",
        "until": "03/02/2027",
        "papers": "complet",
    }
    return ";".join((number(rank), name, *(values | given).values()))


def test_households_come_by_one_file_with_what_they_look_for(world: World) -> None:
    content = csv_of(HEAD, line(1), line(2, communes="", rooms="", accessible="", dalo="", on="", until="", papers=""))
    written(world, KIND, content, person="chloe")
    one, two = Application.objects.order_by("pk")
    assert sorted(one.wanted_communes) == sorted([world.places["Narbonne"].code, world.places["Coursan"].code])
    assert (one.least_rooms, one.needs_accessible, one.documents) == (3, True, "COMPLETE")
    assert (one.labelled_on, one.labelled_until) == (date(2026, 2, 3), date(2027, 2, 3))
    assert (one.priority, one.has_priority, one.adults) == (priority(), True, 2)
    assert (two.wanted_communes, two.least_rooms, two.needs_accessible, two.documents) == ([], None, None, "")
    assert {each.organisations.get() for each in (one, two)} == {world.city}
    records = AccessRecord.objects.filter(what=AccessRecord.What.IMPORT)
    assert list(records.values_list("subject", "files")) == [("fichier de ménages", 2)]
    assert counts(given(world, KIND, content, person="chloe")) == (0, 0, 2, 0)
    again = csv_of(HEAD, line(1, "", born="", papers="à compléter"), line(2))
    assert counts(given(world, KIND, again, person="chloe")) == (0, 2, 0, 0)
    written(world, KIND, again, person="chloe")
    one.refresh_from_db()
    assert (one.documents, one.name) == ("LACKING", "Durand Amina")


def test_each_fault_is_on_its_line(world: World) -> None:
    household(world, 7, organisation=world.als, number=number(7))
    content = csv_of(
        HEAD,
        line(1, communes="Nullepart"),
        line(2, name=""),
        line(3, rooms="12"),
        line(4, until="03/02/1980"),
        line(5, adults="0"),
        line(6, born="01/01/2020"),
        line(7),
        line(8),
    )
    result = faults(given(world, KIND, content, person="chloe"))
    assert [(at, column) for at, column, _ in result] == [
        (2, "communes souhaitées"),
        (3, "nom"),
        (4, "pièces"),
        (5, "label jusqu’au"),
        (6, "adultes"),
        (7, "né le"),
        (8, "numéro unique"),
    ]
    assert Application.objects.count() == 1


def test_dalo_no_is_as_an_empty_cell_and_is_not_asked(world: World) -> None:
    """CCH, L441-1: a household that is not DALO may have priority by another category, which the column does not ask
    for; a no takes nothing from one that is."""
    for kind in (Households.code, Candidates.code):
        asked = next(column for column in kind_of(kind).columns if column.name == "DALO")
        assert "« non » ne change rien" in asked.says
    written(world, KIND, csv_of(HEAD, line(1, dalo="non", on="", until=""), line(2)), person="chloe")
    assert list(Application.objects.order_by("pk").values_list("has_priority", flat=True)) == [None, True]
    same = csv_of(HEAD, line(1, dalo="", on="", until=""), line(2, dalo="non"))
    assert counts(given(world, KIND, same, person="chloe")) == (0, 0, 2, 0)


def test_they_go_out_as_they_came(world: World) -> None:
    written(world, KIND, csv_of(HEAD, line(1), line(2, dalo="", accessible="non", papers="")), person="chloe")
    member = world.member("chloe")
    assert kind_of(KIND) in leaving_kinds(member)
    back = given(world, KIND, file_of(world, KIND, "chloe"), person="chloe")
    assert counts(back) == (0, 0, 2, 0)
    assert list(kind_of(KIND).recorded(world.member("aline"))) == []
    assert not kind_of(KIND).may(world.member("aline"))
