"""A unit is described from a day on: a change moves no figure, an error takes the past along and leaves a trace."""

from __future__ import annotations

import io
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from flux.models import FlowCell, FlowCount, FlowEntry, Ledger, Unit, UnitDescription, Vacancy
from flux.models.description import MIRRORED
from flux.operations.description import DescriptionRefused, change_unit, correct_unit
from flux.operations.routing import confirm_recommendations, route_waiting_vacancies
from flux.operations.stock import classify_programme
from flux.operations.stock_import import import_stock
from flux.operations.units import UnitFacts, UnitRefused, describe_unit
from flux.queries.controls.folds import drift
from reservations.models import HistoryEntry
from reservations.refusals import Refusal
from tests.flux.imports.files import rpls
from tests.flux.operations.test_stock_import import lots
from tests.world import MORNING, World
from tests.world_again import kept

TODAY = MORNING.date()
LATER = TODAY + timedelta(120)
DECREE = "décret n° 2023-1314 du 28 décembre 2023"


@pytest.fixture
@kept
def vacancy(world: World) -> Vacancy:
    """One unit of the flow, out of any QPV, routed today."""
    found = world.vacancy()
    assert found.ledger_id is not None
    route_waiting_vacancies(ledger_id=found.ledger_id, now=MORNING)
    confirm_recommendations(vacancies=[found.pk], by=world.people["aline"], now=MORNING)
    return Vacancy.objects.select_related("unit").get(pk=found.pk)


def enter(vacancy: Vacancy, stage: str, on: date, quantity: int = 1) -> FlowEntry:
    """One more entry, in the account of the unit, for whom it went to."""
    holder = vacancy.routings.get().holder
    return FlowEntry.objects.create(
        ledger_id=vacancy.ledger_id, holder=holder, vacancy=vacancy, stage=stage, quantity=quantity, on=on
    )


def counted(stage: str) -> dict[bool | None, int]:
    """What the cells say of a stage, in and out of the districts."""
    rows = FlowCell.objects.order_by("pk").values_list("in_qpv", stage)
    return {where: sum(units for here, units in rows if here == where) for where in {here for here, _ in rows}}


def values(unit: Unit, **other: object) -> dict[str, object]:
    """A description that says what the unit is, but for what is given."""
    by_key = {name: getattr(unit, name) for name in MIRRORED} | {"recorded_at": MORNING, "source": "relevé"}
    return by_key | other


def enter_district(world: World, unit: Unit, since: date, today: date = LATER) -> UnitDescription:
    by_key = {"in_qpv": True, "qpv_code": "QN01102M"}
    return change_unit(unit=unit, since=since, changes=by_key, source=DECREE, by=world.people["aline"], today=today)


def test_change_counts_from_its_day_on_and_moves_nothing_before(world: World, vacancy: Vacancy) -> None:
    before = list(FlowCell.objects.order_by("pk").values())
    written = enter_district(world, vacancy.unit, LATER)
    assert list(FlowCell.objects.order_by("pk").values()) == before
    assert (written.qpv_list, written.act, written.source) == (2024, "CHANGE", DECREE)
    vacancy.unit.refresh_from_db()
    assert vacancy.unit.in_qpv is True
    enter(vacancy, "ALLOCATED", LATER)
    assert (counted("offered"), counted("allocated")) == ({False: 1, True: 0}, {False: 0, True: 1})
    assert drift() == {}


def test_act_recorded_late_counts_under_the_description_of_its_day(world: World, vacancy: Vacancy) -> None:
    enter_district(world, vacancy.unit, LATER)
    enter(vacancy, "ALLOCATED", LATER - timedelta(1))
    assert counted("allocated") == {False: 1}


def test_change_that_is_learnt_late_leaves_what_was_counted_meanwhile(world: World, vacancy: Vacancy) -> None:
    enter(vacancy, "ALLOCATED", TODAY + timedelta(10))
    enter_district(world, vacancy.unit, TODAY + timedelta(5))
    assert counted("allocated") == {False: 1}
    enter(vacancy, "LEASED", TODAY + timedelta(10))
    assert counted("leased") == {False: 0, True: 1}
    assert drift() == {}


def test_what_undoes_an_act_leaves_the_cell_that_this_act_is_in(world: World, vacancy: Vacancy) -> None:
    enter(vacancy, "LEASED", TODAY)
    enter_district(world, vacancy.unit, TODAY + timedelta(5))
    enter(vacancy, "LEASED", LATER, -1)
    assert counted("leased") == {False: 0}
    enter(vacancy, "LEASED", LATER)
    enter(vacancy, "LEASED", LATER, -1)
    assert set(counted("leased").values()) == {0}
    assert drift() == {}


def test_error_since_a_day_takes_along_what_was_counted_since(world: World, vacancy: Vacancy) -> None:
    """A change that nobody stated in time: the description was false since that day."""
    enter(vacancy, "ALLOCATED", TODAY + timedelta(10))
    correct_unit(
        description=vacancy.unit.descriptions.get(),
        since=TODAY + timedelta(5),
        changes={"in_qpv": True},
        source="relevé du quartier",
        by=world.people["aline"],
        today=LATER,
    )
    assert (counted("offered"), counted("allocated")) == ({False: 1, True: 0}, {False: 0, True: 1})
    assert list(vacancy.unit.descriptions.values_list("act", "in_qpv")) == [("RECORDED", False), ("ERROR", True)]
    assert drift() == {}


def test_error_from_the_beginning_moves_the_units_that_fell_vacant_too(world: World, vacancy: Vacancy) -> None:
    unit, coursan = vacancy.unit, world.places["Coursan"]
    correct_unit(
        description=unit.descriptions.get(),
        since=date.min,
        changes={"commune_id": coursan.pk},
        source="cadastre",
        by=world.people["aline"],
    )
    assert dict(FlowCount.objects.exclude(units=0).values_list("commune__name", "units")) == {"Coursan": 1}
    assert set(FlowCell.objects.exclude(offered=0).values_list("commune__name", flat=True)) == {"Coursan"}
    assert Unit.objects.get(pk=unit.pk).commune == coursan
    entry = HistoryEntry.objects.about(unit).get()
    assert (entry.why, entry.by) == ("erreur corrigée, depuis le début : cadastre", world.people["aline"])
    assert entry.details == {"commune_id": [world.places["Narbonne"].pk, coursan.pk]}
    assert drift() == {}


def test_false_value_is_put_right_where_it_is_repeated_and_no_further(world: World, vacancy: Vacancy) -> None:
    unit, by = vacancy.unit, world.people["aline"]
    enter_district(world, unit, TODAY + timedelta(5))
    change_unit(
        unit=unit, since=TODAY + timedelta(9), changes={"financing_code": "10"}, source="avenant", by=by, today=LATER
    )
    first = unit.descriptions.order_by("since", "pk")[0]
    by_key = {"construction_year": 1972, "financing_code": "14"}
    correct_unit(description=first, since=date.min, changes=by_key, source="permis", by=by)
    found = unit.descriptions.order_by("since", "pk").values_list(
        "act", "in_qpv", "construction_year", "financing_code"
    )
    assert list(found) == [
        ("RECORDED", False, 1984, "13"),
        ("ERROR", False, 1972, "14"),
        ("CHANGE", True, 1984, "13"),
        ("ERROR", True, 1972, "14"),
        ("CHANGE", True, 1984, "10"),
        ("ERROR", True, 1972, "10"),
    ]
    again = Unit.objects.get(pk=unit.pk)
    assert (again.construction_year, again.financing_code, again.in_qpv) == (1972, "10", True)
    with pytest.raises(DescriptionRefused, match="a déjà été corrigée"):
        correct_unit(description=first, since=date.min, changes={"rooms": 4}, source="visite", by=by)


def test_two_changes_of_one_day_keep_their_order_when_the_first_is_corrected(world: World, vacancy: Vacancy) -> None:
    unit, by = vacancy.unit, world.people["aline"]
    first = change_unit(unit=unit, since=TODAY, changes={"rooms": 4}, source="plan", by=by, today=TODAY)
    change_unit(unit=unit, since=TODAY, changes={"rooms": 5}, source="plan", by=by, today=TODAY)
    correct_unit(description=first, since=TODAY, changes={"rooms": 2}, source="visite", by=by, today=TODAY)
    assert Unit.objects.get(pk=unit.pk).rooms == 5
    assert UnitDescription.objects.on(unit, TODAY).rooms == 5


def test_what_was_not_known_is_known_of_the_past_too_and_what_is_known_is_dated(world: World) -> None:
    unit = world.unit(in_qpv=None)
    by = world.people["aline"]
    describe_unit(unit=unit, facts=UnitFacts(), classed={"in_qpv": True}, by=by)
    assert list(unit.descriptions.order_by("pk").values_list("act", "in_qpv", "since")) == [
        ("RECORDED", None, date.min),
        ("COMPLETED", True, date.min),
    ]
    with pytest.raises(UnitRefused, match="corrigez une erreur ou datez un changement"):
        describe_unit(unit=unit, facts=UnitFacts(), classed={"in_qpv": False}, by=by)


def test_what_a_file_says_otherwise_is_a_change_and_what_it_adds_was_always_so(world: World) -> None:
    import_stock(landlord=world.landlord, lots=lots({"nb": "1", "QPV": ""}))
    since = date(2026, 1, 1)
    import_stock(landlord=world.landlord, lots=lots({"nb": "1", "QPV": "1", "FINAN": "10"}), since=since)
    rows = UnitDescription.objects.order_by("pk").values_list("act", "since", "in_qpv", "financing_code", "source")
    assert list(rows) == [
        ("RECORDED", date.min, None, "13", ""),
        ("COMPLETED", date.min, True, "13", "fichier RPLS"),
        ("CHANGE", since, True, "10", "fichier RPLS"),
    ]
    unit = Unit.objects.get()
    assert (unit.in_qpv, unit.financing_code) == (True, "10")


def test_one_statement_describes_many_units_and_each_takes_its_own_past_along(world: World) -> None:
    """The rules of one unit, once for a file of many (docs/triggers.md): none of them runs row by row."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgtype & 1 = 1 AND tgname ~ 'describe|follow'"
            " AND tgrelid IN ('flux_unit'::regclass, 'flux_unitdescription'::regclass)"
        )
        assert cursor.fetchall() == []
    wrong, changed, alone = (world.unit(construction_year=1960) for _ in range(3))
    vacancies = [world.vacancy(unit=each, now=MORNING) for each in (wrong, changed, alone)]
    first = {row.unit_id: row for row in UnitDescription.objects.filter(unit__in=[wrong, changed, alone])}
    rows = [
        UnitDescription(unit=wrong, since=date.min, act="ERROR", corrects=first[wrong.pk], **values(wrong, rooms=2)),
        UnitDescription(unit=wrong, since=date(2020, 1, 1), act="CHANGE", **values(wrong, rooms=5)),
        UnitDescription(unit=changed, since=date(2020, 1, 1), act="CHANGE", **values(changed, rooms=6)),
    ]
    UnitDescription.objects.bulk_create(rows)
    mirrored = dict(Unit.objects.values_list("pk", "rooms"))
    assert [mirrored[each.pk] for each in (wrong, changed, alone)] == [5, 6, alone.rooms]
    kept = [Vacancy.objects.get(pk=each.pk).description_id for each in vacancies]
    assert kept == [rows[0].pk, first[changed.pk].pk, first[alone.pk].pk]
    Unit.objects.update(construction_year=1961)  # beside any act: an error corrected, of all of them at once
    errors = UnitDescription.objects.filter(act="ERROR", construction_year=1961)
    assert set(errors.values_list("unit", "corrects")) >= {
        (wrong.pk, rows[1].pk),
        (changed.pk, rows[2].pk),
        (alone.pk, first[alone.pk].pk),
    }


def test_class_of_a_programme_is_that_of_the_day(world: World, vacancy: Vacancy) -> None:
    for chosen in ("A", "C"):
        programme = Unit.objects.get(pk=vacancy.unit_id).programme
        classify_programme(programme=programme, attractiveness=chosen, by=world.people["alice"])
    rows = vacancy.unit.descriptions.order_by("pk").values_list("act", "attractiveness")
    assert list(rows) == [("RECORDED", ""), ("COMPLETED", "A"), ("CHANGE", "C")]
    assert Vacancy.objects.get(pk=vacancy.pk).description.attractiveness == "A"


REFUSED = [
    ({"since": LATER + timedelta(1)}, "Choisissez un jour jusqu’à aujourd’hui"),
    ({"source": "  "}, "Dites d’où vient ce fait"),
    ({"changes": {}}, "Cette description dit déjà cela"),
    ({"changes": {"financing_code": "9x"}}, "Choisissez un financement de la liste"),
    ({"changes": {"rooms": 0}}, "de 1 à 99 pièces"),
    ({"changes": {"in_qpv": True, "qpv_list": 1996}}, "La première liste de quartiers est celle de 2015"),
    ({"changes": {"in_qpv": True, "qpv_code": "QN-1"}}, "Le code d’un quartier a huit signes"),
]


@pytest.mark.parametrize(("given", "sentence"), REFUSED)
def test_what_cannot_be_is_refused_with_what_to_do(
    world: World, vacancy: Vacancy, given: dict[str, object], sentence: str
) -> None:
    known = {"since": TODAY, "changes": {"rooms": 4}, "source": "plan", "by": world.people["aline"], "today": LATER}
    with pytest.raises(Refusal, match=sentence):
        change_unit(unit=vacancy.unit, **(known | given))
    assert vacancy.unit.descriptions.count() == 1


def test_change_before_the_last_description_and_error_out_of_its_own_are_refused(
    world: World, vacancy: Vacancy
) -> None:
    unit, by = vacancy.unit, world.people["aline"]
    enter_district(world, unit, TODAY)
    with pytest.raises(DescriptionRefused, match="déjà décrit à compter du"):
        change_unit(unit=unit, since=TODAY - timedelta(1), changes={"rooms": 4}, source="plan", by=by, today=LATER)
    first = unit.descriptions.order_by("since")[0]
    with pytest.raises(DescriptionRefused, match="depuis le début, jusqu’au"):
        correct_unit(description=first, since=TODAY, changes={"rooms": 4}, source="plan", by=by, today=LATER)


def test_adapted_plai_stays_a_plai(world: World) -> None:
    unit = world.unit(financing_code="10", is_adapted_plai=True)
    with pytest.raises(DescriptionRefused, match="D331-25-1"):
        change_unit(unit=unit, since=TODAY, changes={"financing_code": "13"}, source="plan", by=None, today=TODAY)


def test_no_act_writes_over_a_description_nor_over_the_one_an_entry_keeps(world: World, vacancy: Vacancy) -> None:
    other = enter_district(world, vacancy.unit, TODAY)
    for rows, values in (
        (UnitDescription.objects, {"rooms": 9}),
        (FlowEntry.objects, {"description": other}),
        (FlowEntry.objects, {"quantity": 1}),
    ):
        with pytest.raises(DatabaseError, match="rule append_only"), transaction.atomic():
            rows.update(**values)
    stale = Vacancy.objects.get(pk=vacancy.pk)
    stale.description = None
    stale.save()
    assert Vacancy.objects.get(pk=vacancy.pk).description == vacancy.description
    assert Ledger.objects.ordinary().get().entries.exclude(description=vacancy.description).count() == 0


def test_command_says_from_which_day_on_a_file_changes_the_stock(world: World, tmp_path: Path) -> None:
    path, out = tmp_path / "rpls.csv", io.StringIO()
    for row, arguments in (({}, []), ({"NBPIECE": "4"}, ["--since", "2026-01-01"])):
        path.write_bytes(rpls(row | {"nb": "1"}))
        siren = world.landlord.organisation.siren
        call_command("import_rpls", str(path), "--landlord", siren, *arguments, stdout=out)
    unit = Unit.objects.get()
    assert list(unit.descriptions.order_by("pk").values_list("since", "rooms")) == [
        (date.min, 3),
        (date(2026, 1, 1), 4),
    ]
