"""Folds are what they sum: the database keeps them, says no to what they cannot be, and states what drifted."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, models, transaction

from flux.controls import CONTROLS, run_controls
from flux.models import (
    AccountMonth,
    AwaitedDecision,
    ChoiceCount,
    FlowCell,
    FlowCount,
    FlowEntry,
    Ledger,
    PlaceCell,
    PlaceCount,
    Recommendation,
    Routing,
    RoutingCount,
    Unit,
    UnitReader,
    Vacancy,
)
from flux.operations.audit import audit_ledgers
from flux.operations.cancellation import cancel_vacancy, reclassify_vacancy
from flux.operations.routing import confirm_recommendations, route_elsewhere, route_waiting_vacancies
from flux.operations.units import UnitFacts, describe_unit
from flux.queries.controls.accounts import Check
from flux.queries.controls.folds import drift
from tests.world import MORNING, World
from tests.world_again import kept

TODAY = MORNING.date()


@pytest.fixture
@kept
def routed(world: World) -> World:
    """Three units of the flow, routed."""
    for _ in range(3):
        ledger = world.vacancy().ledger_id
    assert ledger is not None
    route_waiting_vacancies(ledger_id=ledger, now=MORNING)
    waiting = list(Vacancy.objects.order_by("pk").values_list("pk", flat=True))
    confirm_recommendations(vacancies=waiting, by=world.people["aline"], now=MORNING)
    return world


def entry(world: World, **given: object) -> FlowEntry:
    known = {
        "ledger": Ledger.objects.ordinary().get(),
        "holder": world.holders["als"],
        "vacancy": Vacancy.objects.order_by("pk")[0],
        "stage": "REFUSED",
        "side": "APPLICANT",
        "quantity": 1,
        "on": TODAY,
    }
    return FlowEntry(**(known | given))


def again(row: models.Model) -> models.Model:
    """The same row once more."""
    row.pk = None
    return row


BROKEN: list[tuple[str, Callable[[World], models.Model]]] = [
    ("flow_entry_side", lambda world: entry(world, side="")),
    ("flow_entry_side", lambda world: entry(world, stage="OFFERED")),
    ("flow_entry_quantity", lambda world: entry(world, quantity=2)),
    ("flow_entry_vacancy", lambda world: entry(world, vacancy=None)),
    ("flow_cell_unique", lambda _: again(FlowCell.objects.order_by("pk")[0])),
    ("account_month_unique", lambda _: again(AccountMonth.objects.order_by("pk")[0])),
    ("flow_count_unique", lambda _: again(FlowCount.objects.order_by("pk")[0])),
    ("place_cell_unique", lambda _: again(PlaceCell.objects.order_by("pk")[0])),
    ("unit_reader_unique", lambda _: again(UnitReader.objects.order_by("pk")[0])),
    ("place_count_unique", lambda _: again(PlaceCount.objects.order_by("pk")[0])),
    ("choice_count_unique", lambda _: again(ChoiceCount.objects.order_by("pk")[0])),
    ("routing_count_unique", lambda _: again(RoutingCount.objects.order_by("pk")[0])),
]


@pytest.mark.parametrize(("name", "broken"), BROKEN)
def test_constraint_is_held_by_the_database(routed: World, name: str, broken: Callable[[World], models.Model]) -> None:
    row = broken(routed)
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        row.save(force_insert=True)
    assert refused.value.__cause__.diag.constraint_name == name


def test_cell_of_an_unknown_description_is_one_cell_too(world: World) -> None:
    """NULL is a category: two units that lack it are in the same cell, not in two."""
    for _ in range(2):
        ledger = world.vacancy(in_qpv=None, construction_year=None, financing_code="").ledger_id
    assert ledger is not None
    route_waiting_vacancies(ledger_id=ledger, now=MORNING)
    for vacancy in Vacancy.objects.order_by("pk"):
        FlowEntry.objects.create(
            ledger_id=ledger, holder=world.holders["als"], vacancy=vacancy, stage="OFFERED", quantity=1, on=TODAY
        )
    assert list(FlowCell.objects.values_list("offered", "in_qpv", "construction_year").order_by()) == [(2, None, None)]


def test_flow_is_counted_by_class_month_and_commune(routed: World) -> None:
    routed.vacancy(kind="EXCLUDED", exclusion="URBAN_RENEWAL", commune="Coursan", now=MORNING + timedelta(40))
    gone = routed.vacancy(kind="TECHNICAL")
    cancel_vacancy(vacancy=gone, reason="DECLARED_BY_MISTAKE", text="Erreur.", by=routed.people["aline"], now=MORNING)
    moved = routed.vacancy(kind="TECHNICAL")
    reclassify_vacancy(vacancy=moved, kind="IN_FLOW", text="Se loue.", by=routed.people["aline"], now=MORNING)
    later = (TODAY + timedelta(40)).replace(day=1)
    assert sorted(
        FlowCount.objects.exclude(units=0).values_list(
            "commune__name", "month", "kind", "exclusion", "units", "decided"
        )
    ) == [
        ("Coursan", later, "EXCLUDED", "URBAN_RENEWAL", 1, 0),
        ("Narbonne", TODAY.replace(day=1), "IN_FLOW", "", 4, 3),
    ]
    assert drift() == {}


def test_count_follows_a_unit_that_changes_commune(routed: World) -> None:
    unit = Vacancy.objects.order_by("pk")[0].unit
    unit.commune = routed.places["Coursan"]
    unit.save()
    assert dict(FlowCount.objects.values_list("commune__name", "units").order_by()) == {"Narbonne": 2, "Coursan": 1}
    assert drift() == {}


def test_places_count_what_stands_where_units_are_today(routed: World) -> None:
    """By landlord, commune, year and account; what moves or is cancelled leaves the count where it was."""
    routed.vacancy(kind="EXCLUDED", exclusion="URBAN_RENEWAL", commune="Coursan", now=MORNING - timedelta(400))
    gone = routed.vacancy(kind="TECHNICAL")
    cancel_vacancy(vacancy=gone, reason="DECLARED_BY_MISTAKE", text="Erreur.", by=routed.people["aline"], now=MORNING)
    vacancy = Vacancy.objects.exclude(ledger=None).order_by("pk")[0]
    vacancy.unit.commune = routed.places["Coursan"]
    vacancy.unit.save()
    vacancy.refresh_from_db()
    assert vacancy.commune == routed.places["Coursan"]
    counted = PlaceCount.objects.exclude(units=0).values_list("commune__name", "year", "ledger", "units")
    assert sorted(counted, key=str) == [
        ("Coursan", TODAY.year - 1, None, 1),
        ("Coursan", TODAY.year, vacancy.ledger_id, 1),
        ("Narbonne", TODAY.year, vacancy.ledger_id, 2),
    ]
    assert drift() == {}


def held() -> dict[tuple[str, int | None], int]:
    """What holders have now, by class, of all and then of what the accounts of an exercise count."""
    rows = RoutingCount.objects.exclude(units=0).values_list("kind", "exercise").annotate(sum=models.Sum("units"))
    return {(kind, exercise): units for kind, exercise, units in rows.order_by()}


def test_what_a_holder_has_now_is_counted_by_month(routed: World) -> None:
    """Of all, then of what its accounts count: a unit closed leaves both, one routed outside the flow is in the first
    alone, one that goes to another account takes its counts along; an entry more of the same exercise counts once."""
    assert held() == {("IN_FLOW", None): 3, ("IN_FLOW", 2026): 3}
    assert set(RoutingCount.objects.values_list("month", flat=True)) == {TODAY.replace(day=1)}
    first, second, third = Routing.objects.order_by("pk")
    Routing.objects.filter(pk=first.pk).update(closed_at=MORNING)
    assert held() == {("IN_FLOW", None): 2, ("IN_FLOW", 2026): 2}
    apart = routed.vacancy(kind="TECHNICAL")
    later = Routing.objects.create(vacancy=apart, holder=routed.holders["city"], routed_at=MORNING)
    assert held() == {("IN_FLOW", None): 2, ("IN_FLOW", 2026): 2, ("TECHNICAL", None): 1}
    for _ in range(2):
        entry(routed, holder=later.holder, vacancy=apart, stage="ROUTED", side="").save()
    assert held()["TECHNICAL", 2026] == 1
    Vacancy.objects.filter(pk=apart.pk).update(kind="EXCLUDED", exclusion="URBAN_RENEWAL")
    assert {kind for kind, _ in held()} == {"IN_FLOW", "EXCLUDED"}
    vacancy = Vacancy.objects.get(pk=second.vacancy_id)
    vacancy.unit.landlord = routed.other_landlord
    vacancy.unit.save()
    moved = RoutingCount.objects.filter(landlord=routed.other_landlord).exclude(units=0)
    assert {each.exercise: each.units for each in moved} == {None: 1, 2026: 1}
    assert drift() == {}
    assert third.closed_at is None


def test_what_was_decided_of_recommendations_is_counted_by_motive_and_person(routed: World) -> None:
    """A unit sent elsewhere counts once more, by its motive; one closed was decided all the same; nothing of what no
    recommendation led to."""
    aline, als = routed.people["aline"], routed.holders["als"]
    first = Routing.objects.select_related("vacancy", "holder").order_by("pk")[0]
    other = next(each for each in routed.holders.values() if each.pk != first.holder_id and not each.is_not_reserved)
    route_elsewhere(vacancy=first.vacancy, holder=other, motive="OTHER", motive_text="Ailleurs.", by=aline, now=MORNING)
    Routing.objects.create(vacancy=routed.vacancy(kind="TECHNICAL"), holder=als, routed_at=MORNING)
    counted = ChoiceCount.objects.order_by("pk").values_list("motive", "routed_by", "ledger")
    rows = list(counted.annotate(sum=models.Sum("routings")).order_by("motive"))
    assert rows == [("", aline.pk, first.vacancy.ledger_id, 3), ("OTHER", aline.pk, first.vacancy.ledger_id, 1)]
    assert ChoiceCount.objects.get(motive="OTHER").holder == other
    assert drift() == {}
    ChoiceCount.objects.update(routings=7)
    assert list(drift()) == ["flux_choicecount"]


def test_what_a_holder_has_that_drifted_is_reported(routed: World) -> None:
    RoutingCount.objects.update(units=7)
    assert list(drift()) == ["flux_routingcount"]


def readers() -> set[tuple[int, int, str]]:
    """Who opens which unit, and under which reference it is listed."""
    return set(UnitReader.objects.values_list("organisation", "unit", "reference"))


def opened() -> set[tuple[int, int, str]]:
    """The same, by the routings that are open now."""
    found = Routing.objects.filter(closed_at=None).values_list("vacancy__unit", "vacancy__unit__reference")
    by_holder = found.values_list("holder__organisation", "vacancy__unit", "vacancy__unit__reference")
    for_others = found.exclude(acting=None).values_list("acting", "vacancy__unit", "vacancy__unit__reference")
    return {*by_holder, *for_others}


def test_a_unit_is_opened_by_whom_it_is_routed_to_now(routed: World) -> None:
    """By who acts for its holder too, once whatever opens it twice; no more once the last of its routings is closed.
    Renamed, moved to another programme or commune, it is listed so."""
    first, second, third = Routing.objects.order_by("pk")
    assert len(readers()) == 3
    assert readers() == opened()
    acting, apart = routed.conventions["epci"].organisation, routed.vacancy(kind="TECHNICAL")
    Routing.objects.create(vacancy=apart, holder=routed.holders["landlord"], acting=acting, routed_at=MORNING)
    assert readers() == opened()
    assert {organisation for organisation, unit, _ in readers() if unit == apart.unit_id} == {
        acting.pk,
        routed.landlord.organisation_id,
    }
    subtracted = {"kind": "EXCLUDED", "exclusion": "URBAN_RENEWAL"}
    Vacancy.objects.filter(pk=first.vacancy_id).update(closed_on=MORNING.date())  # as an upgrade closes it
    twice = routed.vacancy(first.vacancy.unit, **subtracted, now=MORNING + timedelta(200))
    Routing.objects.create(vacancy=twice, holder=first.holder, routed_at=MORNING)
    assert UnitReader.objects.get(unit=first.vacancy.unit, organisation=first.holder.organisation).routings == 2
    for routing, left in ((first, 1), (second, 0)):
        Routing.objects.filter(pk=routing.pk).update(closed_at=MORNING)
        kept_by = UnitReader.objects.filter(unit=routing.vacancy.unit, organisation=routing.holder.organisation)
        assert [each.routings for each in kept_by] == [left][:left]
        assert readers() == opened()
    other = routed.unit(commune="Coursan")
    unit = first.vacancy.unit
    Unit.objects.filter(pk=unit.pk).update(reference="AUTREMENT", programme=other.programme, commune=other.commune)
    [result] = UnitReader.objects.filter(unit=unit)
    assert (result.reference, result.programme, result.commune) == ("AUTREMENT", other.programme, other.commune)
    Vacancy.objects.filter(pk=third.vacancy_id).update(unit=other)
    assert {unit for _, unit, _ in readers()} == {unit.pk, apart.unit_id, other.pk}
    assert readers() == opened()
    assert "flux_unitreader" not in drift()


def test_cells_of_a_commune_add_up_all_that_its_units_are(world: World) -> None:
    """Two units of one commune, of which one lacks what the decree asks, then one elsewhere; completed since, the
    description moves its cell, and what the commune has stays."""
    unknown = world.unit(financing_code="", in_qpv=None, construction_year=None)
    for unit in (unknown, world.unit(), world.unit(commune="Coursan")):
        ledger = world.vacancy(unit).ledger_id
    assert ledger is not None
    route_waiting_vacancies(ledger_id=ledger, now=MORNING)
    waiting = list(Vacancy.objects.order_by("pk").values_list("pk", flat=True))
    confirm_recommendations(vacancies=waiting, by=world.people["aline"], now=MORNING)

    def folded() -> dict[str, tuple[int, int, int]]:
        rows = PlaceCell.objects.order_by().values_list("commune__name")
        sums = rows.annotate(sum=models.Sum("offered"), whole=models.Sum("described"), out=models.Sum("outside_qpv"))
        return {name: tuple(figures) for name, *figures in sums}

    assert folded() == {"Narbonne": (2, 1, 1), "Coursan": (1, 1, 1)}
    assert drift() == {}
    known = {"financing_code": "13", "in_qpv": True, "construction_year": 1960}
    describe_unit(unit=unknown, facts=UnitFacts(), classed=known, by=world.people["aline"])
    assert folded() == {"Narbonne": (2, 2, 1), "Coursan": (1, 1, 1)}
    gone = Vacancy.objects.get(unit=unknown)
    cancel_vacancy(vacancy=gone, reason="DECLARED_BY_MISTAKE", text="Erreur.", by=world.people["aline"], now=MORNING)
    assert folded() == {"Narbonne": (1, 1, 1), "Coursan": (1, 1, 1)}
    FlowCell.objects.all().delete()
    assert set(folded().values()) == {(0, 0, 0)}


def test_a_unit_that_awaits_a_decision_names_whom_it_is_recommended_to(world: World) -> None:
    """Nobody as long as nothing is recommended; sent elsewhere, or confirmed, it awaits nothing."""
    waits, elsewhere, confirmed = (world.vacancy() for _ in range(3))
    assert set(AwaitedDecision.objects.values_list("vacancy", "holder")) == {
        (each.pk, None) for each in (waits, elsewhere, confirmed)
    }
    assert waits.ledger_id is not None
    route_waiting_vacancies(ledger_id=waits.ledger_id, now=MORNING)
    recommended = set(Recommendation.objects.order_by().values_list("vacancy", "holder"))
    assert set(AwaitedDecision.objects.values_list("vacancy", "holder")) == recommended
    assert len({holder for _, holder in recommended}) > 1
    assert drift() == {}
    aline = world.people["aline"]
    confirm_recommendations(vacancies=[confirmed.pk], by=aline, now=MORNING)
    named = Recommendation.objects.get(vacancy=elsewhere).holder_id
    other = next(each for each in world.holders.values() if each.pk != named and not each.is_not_reserved)
    route_elsewhere(vacancy=elsewhere, holder=other, motive="OTHER", motive_text="Ailleurs.", by=aline, now=MORNING)
    assert [each.vacancy_id for each in AwaitedDecision.objects.all()] == [waits.pk]
    assert drift() == {}
    AwaitedDecision.objects.update(holder=None)
    assert list(drift()) == ["flux_awaiteddecision"]


def test_reader_or_commune_that_drifted_is_reported(routed: World) -> None:
    UnitReader.objects.update(reference="AUTREMENT")
    PlaceCell.objects.update(described=7)
    assert list(drift()) == ["flux_placecell", "flux_unitreader"]


def test_place_that_drifted_is_reported(routed: World) -> None:
    PlaceCount.objects.update(units=7)
    assert list(drift()) == ["flux_placecount"]


def test_unit_completed_by_its_landlord_leaves_what_is_not_known(world: World) -> None:
    unit = world.unit(financing_code="", in_qpv=None, construction_year=None)
    vacancy = world.vacancy(unit)
    assert vacancy.ledger_id is not None
    route_waiting_vacancies(ledger_id=vacancy.ledger_id, now=MORNING)
    confirm_recommendations(vacancies=[vacancy.pk], by=world.people["aline"], now=MORNING)
    known = {"financing_code": "13", "in_qpv": True, "construction_year": 1960}
    describe_unit(unit=unit, facts=UnitFacts(), classed=known, by=world.people["aline"])
    [cell] = FlowCell.objects.exclude(offered=0)
    assert (cell.financing_code, cell.in_qpv, cell.construction_year) == ("13", True, 1960)
    assert drift() == {}


def acts_by_year() -> dict[int, int]:
    """{year: leases that stand}, whatever the account."""
    rows = FlowCell.objects.order_by().values_list("year").annotate(leased=models.Sum("leased")).exclude(leased=0)
    return dict(rows)


def test_what_undoes_an_act_leaves_the_year_of_that_act(routed: World) -> None:
    """« au cours de l’année » (CCH, R441-5-1): a lease of December undone in January was never one of January."""
    december, january = date(2026, 12, 30), date(2027, 1, 8)
    entry(routed, stage="LEASED", side="", on=december).save()
    entry(routed, stage="LEASED", side="", quantity=-1, on=january).save()
    assert acts_by_year() == {}
    entry(routed, stage="LEASED", side="", on=january).save()
    assert acts_by_year() == {2027: 1}
    days = FlowEntry.objects.filter(stage="LEASED").order_by("pk").values_list("acted_on", flat=True)
    assert list(days) == [december, december, january]
    assert drift() == {}


def test_one_statement_that_undoes_several_acts_closes_each_once(routed: World) -> None:
    """The latest act that stands first, as brackets close; with nothing left to undo, the day it is written."""
    days = [date(2025, 12, 1), date(2026, 2, 1), date(2026, 3, 1)]
    for day in days:
        entry(routed, on=day).save()
    FlowEntry.objects.bulk_create([entry(routed, quantity=-1, on=date(2027, 1, 5)) for _ in range(4)])
    undone = FlowEntry.objects.filter(stage="REFUSED", quantity=-1).order_by("pk").values_list("acted_on", flat=True)
    assert list(undone) == [*reversed(days), date(2027, 1, 5)]
    assert drift() == {}


def test_drift_states_the_row_as_it_is_and_as_it_should_be(
    routed: World, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Somebody wrote behind the triggers: the audit says so, the night keeps an alert of it, and neither repairs."""
    out = io.StringIO()
    call_command("audit_routing", "--json", stdout=out)
    assert json.loads(out.getvalue())["folds"] == []
    FlowCell.objects.update(offered=5)
    [(table, rows)] = drift().items()
    assert (table, {row[8] for row in rows}) == ("flux_flowcell", {5, 1, 2, 3} & {row[8] for row in rows})
    out = io.StringIO()
    with pytest.raises(SystemExit, match=r"^1$"):
        call_command("audit_routing", "--json", stdout=out)
    read: dict[str, Any] = json.loads(out.getvalue())
    assert (read["different"], {each["table"] for each in read["folds"]}) == (0, {"flux_flowcell"})
    with pytest.raises(SystemExit, match=r"^1$"):
        call_command("audit_routing")
    assert "cumul qui diffère de ce qu’il additionne" in capsys.readouterr().out
    assert audit_ledgers() == []
    assert run_controls(controls=[CONTROLS[Check.COUNTS]]) == 1
    assert "Fold flux_flowcell" in caplog.text
    assert FlowCell.objects.filter(offered=5).exists()


def test_figures_of_a_month_are_dated_by_their_entries(routed: World) -> None:
    ledger, als = Ledger.objects.ordinary().get(), routed.holders["als"]
    first, second = date(2026, 5, 3), date(2026, 6, 1)
    FlowEntry.objects.bulk_create(
        [
            entry(routed, on=first, side="COMMITTEE"),
            entry(routed, on=first, side="UNIT"),
            entry(routed, on=second, side="COMMITTEE", quantity=-1),
            entry(routed, on=second, stage="LAPSED", side=""),
        ]
    )
    rows = AccountMonth.objects.filter(ledger=ledger, holder=als, month__in=[date(2026, 5, 1), date(2026, 6, 1)])
    assert list(rows.order_by("month").values_list("refused_committee", "refused_unit", "lapsed")) == [
        (1, 1, 0),
        (-1, 0, 1),
    ]
    assert drift() == {}
