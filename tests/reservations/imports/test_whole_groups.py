"""A convention and a programme enter whole or not at all, wherever their lines are in the file; what bears on writing
is asked again when it is written; and nobody confirms twice."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse

from flux.models import Allotment, Programme, Unit, Vacancy
from reservations.imports import door, slices, writing
from reservations.imports.door import confirm, digest_of, run
from reservations.imports.staging import BATCH
from reservations.models import Convention, FileImport, ImportedLine, Membership, Quota
from reservations.operations.party import register_organisation
from tests.guards import unguarded
from tests.reservations.imports.leaving import file_of
from tests.reservations.imports.test_party_files import counts, csv_of, faults, given, written
from tests.reservations.imports.written_as import percent, xlsx
from tests.world import MORNING, World, siren

HEAD = ("Réservataire", "contingent", "territoire", "taux", "début", "fin", "signature")
DAYS = ("01/01/2029", "31/12/2031", "15/12/2028")
SINCE = "taux à partir de"
PARTS = "programme;commune;livré le;logements prévus;réservataire;contingent;logements"


def confirmed(world: World, order: FileImport, *, person: str = "alice") -> FileImport:
    confirm(order=order, digest=digest_of(order), by=world.people[person])
    return FileImport.objects.get(pk=order.pk)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches of two lines, slices of one group."""
    monkeypatch.setattr(door, "BATCH", 2)
    monkeypatch.setattr(writing, "BATCH", 2)
    monkeypatch.setattr(writing, "FIRST", 1)
    for module in (slices, writing):
        monkeypatch.setattr(module, "LONGEST", 0)


@pytest.mark.parametrize("first", ["city", "state"])
def test_a_convention_that_straddles_a_batch_is_whole(world: World, small: None, first: str) -> None:
    """The State's two contingents, one before the boundary, one after, or the other end of the file, by its name."""
    state = [(world.state.siren, "2", "11", "20", *DAYS), (world.state.name, "1", "11", "5", *DAYS)]
    others = [
        (world.city.siren, "", "", "10", *DAYS),
        (world.epci.siren, "", "", "10", *DAYS),
        (world.als.siren, "", "11", "10", *DAYS),
    ]
    lines = [others[0], state[0], *others[1:], state[1]] if first == "city" else [state[0], *others, state[1]]
    order = written(world, "conventions", csv_of(*map(";".join, [HEAD, *lines])))
    assert counts(order) == (5, 0, 0, 0)
    [convention] = Convention.objects.filter(organisation=world.state, starts_on="2029-01-01")
    assert sorted(convention.quotas.values_list("share", flat=True)) == [50_000, 200_000]


def test_a_convention_of_which_a_line_is_refused_is_absent(world: World, small: None) -> None:
    """Unreadable in one cell, or named as two organisations are: no half of it is signed, and the others are."""
    elsewhere = world.places["Coursan"]
    register_organisation(siren=siren(72), name=world.state.name, kind=world.city.kind, territory=elsewhere)
    lines = (
        (world.state.siren, "2", "11", "20", *DAYS),
        (world.city.siren, "", "", "10", *DAYS),
        (world.state.name, "1", "11", "5", *DAYS),
        (world.epci.siren, "", "", "10", *DAYS),
        (world.als.siren, "", "11", "10", "2029", *DAYS[1:]),
        (world.als.siren, "", "11", "10", *DAYS),
    )
    order = given(world, "conventions", csv_of(*map(";".join, [HEAD, *lines])))
    values = {line: each for line, _, each in faults(order)}
    assert sorted(values) == [2, 4, 6, 7]
    assert "plusieurs organisations portent ce nom" in values[4]
    assert "une autre ligne de cette convention est refusée (ligne 4)" in values[2]
    assert "une autre ligne de cette convention est refusée (ligne 6)" in values[7]
    run(confirmed(world, order))
    assert set(Convention.objects.filter(starts_on="2029-01-01").values_list("organisation", flat=True)) == {
        world.city.pk,
        world.epci.pk,
    }


def test_what_a_file_promises_is_summed_across_its_batches_and_its_slices(world: World, small: None) -> None:
    """80 % then 30 % of the same flow: the second is refused, though the first was undone before it was tried."""
    lines = (
        (world.city.siren, "", "", "80", *DAYS),
        (world.als.siren, "", "34", "10", *DAYS),
        (world.epci.siren, "", "", "30", *DAYS),
    )
    [(line, column, result)] = faults(given(world, "conventions", csv_of(*map(";".join, [HEAD, *lines]))))
    assert (line, column, "atteignent 110" in result) == (4, "taux", True), result


def test_a_programme_of_which_a_part_is_refused_is_absent_and_another_is_whole(world: World, small: None) -> None:
    common = "30/06/2027;24"
    content = csv_of(
        PARTS,
        f"Les Tamaris;11262;{common};Ville de Narbonne;;4",
        f"Le Mail;11262;{common};Ville de Narbonne;;3",
        f"Le Mail;11262;{common};Personne;;2",
        f"Les Tamaris;Narbonne;{common};{world.als.siren};;5",
    )
    order = given(world, "repartitions", content)
    assert sorted(line for line, _, _ in faults(order)) == [3, 4]
    run(confirmed(world, order))
    assert list(Programme.objects.values_list("name", flat=True)) == ["Les Tamaris"]
    assert sorted(Allotment.objects.values_list("units", flat=True)) == [4, 5]


def test_2001_lines_enter_whole_or_are_asked(world: World) -> None:
    """At the real size: the State's convention is cut by line 2,000 of what is read; those that nobody knows are
    asked."""
    others = [(f"Commune {number}", "", "", percent(6.25), *DAYS) for number in range(1_998)]
    state = [(world.state.siren, code, "11", percent(rate), *DAYS) for code, rate in (("2", 20.5), ("1", 4.75))]
    lines = [(world.city.siren, "", "", percent(12.5), *DAYS), *others, *state]
    assert len(lines) == BATCH + 1
    order = given(world, "conventions", xlsx(HEAD, *lines))
    assert counts(order) == (3, 0, 0, 1_998)
    order = run(confirmed(world, order))
    assert (order.state, counts(order)) == ("DONE", (3, 0, 0, 1_998))
    found = Quota.objects.filter(convention__starts_on="2029-01-01").order_by("share")
    assert list(found.values_list("convention__organisation", "share")) == [
        (world.state.pk, 47_500),
        (world.city.pk, 125_000),
        (world.state.pk, 205_000),
    ]
    assert Convention.objects.filter(starts_on="2029-01-01").count() == 2


PAST = "Date de congé;Référence;Réservataire;Date de proposition"


def test_the_guard_of_the_year_is_asked_again_when_it_is_written(world: World, time_machine: object) -> None:
    """Checked and confirmed on 31 December, written on 1 January: another year's account, which nobody confirmed."""
    evening = datetime(2026, 12, 31, 23, 30, tzinfo=ZoneInfo("Europe/Paris"))
    time_machine.move_to(evening)
    content = csv_of(PAST, f"02/03/2026;{world.unit().reference};Ville de Narbonne;09/03/2026")
    order = given(world, "orientations-passees", content)
    assert counts(order) == (1, 0, 0, 0)
    order = confirmed(world, order)
    time_machine.move_to(evening + timedelta(hours=1))
    order = run(order)
    assert (order.state, counts(order), order.written) == ("DONE", (0, 0, 0, 1), 0)
    [(_, column, result)] = faults(order)
    assert column == "exercice confirmé"
    assert "écrivez oui" in result
    assert not Vacancy.objects.exists()


@pytest.mark.parametrize("lost", ["role", "account"])
def test_the_role_of_who_confirmed_is_asked_again_when_it_is_written(world: World, lost: str) -> None:
    content = csv_of(";".join(HEAD), ";".join((world.city.siren, "", "", "10", *DAYS)))
    order = confirmed(world, given(world, "conventions", content))
    if lost == "role":
        Membership.objects.filter(user=world.people["alice"]).update(role=Membership.Role.LANDLORD_STAFF)
    else:
        type(world.people["alice"]).objects.filter(pk=world.people["alice"].pk).update(is_active=False)
    order = run(order)
    assert (order.state, order.written) == ("CHECKED", 0)
    assert "n’a plus ici le rôle qu’il faut" in order.failure
    assert not Convention.objects.filter(starts_on="2029-01-01").exists()


def test_a_file_that_stopped_half_way_says_so_and_is_given_up_as_it_is(
    world: World, sign_in: Callable[[str], Client]
) -> None:
    order = given(world, "conventions", csv_of(";".join(HEAD), ";".join((world.city.siren, "", "", "10", *DAYS))))
    FileImport.objects.filter(pk=order.pk).update(written=1, new=2)
    client = sign_in("alice")
    page = client.get(reverse("file-import", args=[order.pk])).content.decode()
    assert "Une partie est écrite." in page
    assert "Importer 1 ligne" in page
    dropped = client.post(reverse("file-import-drop", args=[order.pk]), follow=True).content.decode()
    assert "rien de plus n’en est écrit" in dropped


def test_what_is_not_written_yet_is_stated_of_a_file_that_waits_for_a_person_only(
    world: World, sign_in: Callable[[str], Client]
) -> None:
    """« Rien n’est encore écrit » stayed above « Importé », which the page of a file at work writes below by itself."""
    order = given(world, "conventions", csv_of(";".join(HEAD), ";".join((world.city.siren, "", "", "10", *DAYS))))
    client, page = sign_in("alice"), reverse("file-import", args=[order.pk])
    values = {}
    for state in ("CHECKED", "WRITING", "CHECKING", "DROPPED"):
        FileImport.objects.filter(pk=order.pk).update(state=state)
        values[state] = client.get(page).content.decode()
    assert [state for state, html in values.items() if "Rien n’est encore écrit." in html] == ["CHECKED"]
    assert [state for state, html in values.items() if "Rien n’en est écrit." in html] == ["DROPPED"]


def rooms_given(world: World, rooms: int) -> bytes:
    """The stock as it leaves, every unit of so many rooms, and one more."""
    rows = list(csv.DictReader(file_of(world, "logements").decode("utf-8-sig").splitlines(), delimiter=";"))
    new = rows[0] | {"référence": "RH-NEUF", "identifiant RPLS": "", "voie": "Neuve", "numéro": "1"}
    found = [row | {"pièces": str(rooms)} for row in [*rows, new]]
    return csv_of(";".join(rows[0]), *(";".join(row.values()) for row in found))


def test_what_moved_refuses_its_lines_alone_and_nobody_confirms_twice(
    world: World, sign_in: Callable[[str], Client]
) -> None:
    """Between the check and the writing, one unit is changed otherwise, another in part as the file says, a third in
    all: the rest is written, without a second confirmation."""
    one, two, three = (world.unit(rooms=3) for _ in range(3))
    content = rooms_given(world, 5)
    order = given(world, "logements", content)
    assert (order.new, order.changed) == (1, 3), faults(order)
    order = confirmed(world, order)
    Unit.objects.filter(pk=one.pk).update(rooms=4)
    Unit.objects.filter(pk=two.pk).update(rooms=5)
    Unit.objects.filter(pk=three.pk).update(rooms=5, is_own_reference=True)
    order = run(order)
    assert (order.state, counts(order), order.moved) == ("DONE", (1, 1, 1, 1), True)
    [(line, _, result)] = faults(order)
    assert (line, "a changé depuis la vérification" in result) == (2, True)
    assert [Unit.objects.get(pk=each.pk).rooms for each in (one, two, three)] == [4, 5, 5]
    assert Unit.objects.filter(reference="RH-NEUF").exists()
    page = sign_in("alice").get(reverse("file-import", args=[order.pk])).content.decode()
    assert "Des données ont changé entre la vérification et l’écriture" in page


def test_a_file_that_a_check_was_overtaken_during_waits_for_nobody(world: World, small: None) -> None:
    """Rows move all day: a check is not begun again for it."""
    for _ in range(3):
        world.unit(rooms=3)
    order = given(world, "logements", rooms_given(world, 5))
    FileImport.objects.filter(pk=order.pk).update(mark="19990101")
    order = run(confirmed(world, FileImport.objects.get(pk=order.pk)))
    assert (order.state, order.new, order.changed, order.moved) == ("DONE", 1, 3, False)


def test_a_line_that_its_act_refuses_when_it_is_written_is_reported_and_the_others_are_written(
    world: World, small: None, time_machine: object
) -> None:
    time_machine.move_to(MORNING)
    units = [world.unit() for _ in range(4)]
    content = csv_of(PAST, *(f"02/03/2026;{unit.reference};Ville de Narbonne;09/03/2026" for unit in units))
    order = confirmed(world, given(world, "orientations-passees", content))
    FileImport.objects.filter(pk=order.pk).update(written=1)  # as if the first had been, before the worker was killed
    with unguarded("reservations_convention.end_kept"):
        closed = Convention.objects.filter(organisation=world.city).update(ends_on="2026-02-01")
    assert closed
    order = run(FileImport.objects.get(pk=order.pk))
    assert (order.state, order.new, order.refused, Vacancy.objects.count()) == ("DONE", 0, 4, 0)
    assert all("n’avait pas de droit" in each for _, _, each in faults(order))
    assert not ImportedLine.objects.filter(file_import=order).exclude(verdict="REFUSED").exists()


def test_lines_are_tried_for_200_milliseconds_at_most(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """« Lines tried in transactions of at most 200 ms »: each takes 150 here, so that two are tried together."""
    now = count(0, 15)
    monkeypatch.setattr(slices, "clock", lambda: next(now) / 100)
    begun: list[int] = []

    def begin() -> None:
        begun.append(1)

    found = list(slices.tried(range(6), lambda line, _: line, begin))
    assert found == [(line, line) for line in range(6)]
    assert len(begun) == 3
