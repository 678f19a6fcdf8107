"""Balances beside a count of their acts made apart: on 5,000 vacancies that the engine routed, and after whatever moves
a unit from a category to another, takes it back, or takes it out."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from attributions.households.models import Lease
from attributions.households.operations.lease import record_outside_lease
from attributions.households.operations.withdrawals import record_outside_allocation, record_outside_answer
from benchmarks.service import by_acts
from flux.models import (
    AccountMonth,
    FlowCell,
    FlowEntry,
    Ledger,
    Programme,
    Recommendation,
    Return,
    Routing,
    Unit,
    UnitDescription,
    Vacancy,
)
from flux.operations.cancellation import cancel_vacancy
from flux.operations.returning import return_vacancy
from flux.operations.routing import route_elsewhere, route_waiting_vacancies
from flux.queries.balance import FigureUnits
from flux.queries.cells import Axis, Measures
from flux.queries.controls.folds import drift
from reservations.models.convention import UNIT
from tests.attributions.bilan.same_totals import check_same_totals
from tests.flux.queries.test_account import more_holders
from tests.house.test_states import automatic
from tests.world import MORNING, World
from tests.world_again import kept

LATER = MORNING + timedelta(60)
COUNT = 5_000
#: What an ordinary run lives of them: each act, some five times.
FEW = 120


@pytest.fixture(autouse=True)
def morning(time_machine: Any) -> None:
    time_machine.move_to(LATER, tick=False)


def fall_vacant(world: World, wanted: int) -> Ledger:
    """Units of every description, some of it missing, in nine communes; written at once, to be routed by the engine."""
    chance = random.Random(20261126)
    more_holders(world, 6)
    names = ["Narbonne", "Coursan", "Sigean", *(f"Commune {number}" for number in range(6))]
    programmes = {
        name: Programme.objects.create(
            landlord=world.landlord, name=f"Résidence {name}", commune=world.places[name], number=1 + number
        )
        for number, name in enumerate(names)
    }
    units = Unit.objects.bulk_create(
        Unit(
            landlord=world.landlord,
            programme=programmes[name],
            commune=world.places[name],
            reference=f"RH-{ordinal:05d}",
            street_number=str(ordinal),
            street_type="RUE",
            street_name="VOLTAIRE",
            ordinal=ordinal,
            rooms=chance.choice((1, 2, 3, 3, 4, 5, 6, 7)),
            financing_code=chance.choice(("", "10", "12", "13", "13", "16", "49")),
            in_qpv=chance.choice((None, True, False, False)),
            construction_year=chance.choice((None, 1900, 1948, 1949, 1974, 1975, 1999, 2000, 2015)),
        )
        for ordinal, name in enumerate(chance.choices(names, [9, 3, 3, 1, 1, 1, 1, 1, 1], k=wanted), 1)
    )
    ledger, _ = Ledger.objects.get_or_create(
        landlord=world.landlord, departement=world.places["Aude"], exercise=MORNING.year
    )
    Vacancy.objects.bulk_create(
        Vacancy(
            unit=unit,
            kind=Vacancy.Kind.IN_FLOW,
            ledger=ledger,
            notice_on=MORNING.date(),
            available_on=MORNING.date() + timedelta(30),
            registered_at=MORNING,
            registered_on=MORNING.date(),
            registered_by=world.people["aline"],
        )
        for unit in units
    )
    return ledger


def analyse() -> None:
    """What autovacuum does between two transactions: here all is written in one, that began with empty tables."""
    written = (
        Unit,
        UnitDescription,
        Vacancy,
        Recommendation,
        Routing,
        Return,
        FlowEntry,
        FlowCell,
        AccountMonth,
        Lease,
    )
    written = (*written, Lease)
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {', '.join(model._meta.db_table for model in written)}")


def live(world: World, sample: int) -> None:
    """What becomes of some of them: candidates, allocations, leases, returns of both kinds, re-routings."""
    by, routings = world.people["aline"], list(Routing.objects.order_by("pk").select_related("vacancy", "holder"))
    chosen = iter(random.Random(7).sample(routings, 8 * sample))
    held = (routing for routing in chosen if not routing.holder.is_not_reserved)
    for _ in range(sample):
        record_outside_answer(vacancy=next(held).vacancy, on=MORNING.date(), by=by, now=LATER)
        record_outside_allocation(vacancy=next(chosen).vacancy, on=MORNING.date(), by=by, now=LATER)
        record_outside_lease(vacancy=next(chosen).vacancy, signed_on=MORNING.date(), facts={}, by=by, now=LATER)
        return_vacancy(routing=next(held), reason="NO_CANDIDATE", text="", by=None, now=LATER)
        return_vacancy(routing=next(held), reason="WORKS", text="Toiture.", by=by, now=LATER)


@pytest.mark.parametrize("count", [FEW, pytest.param(COUNT, marks=pytest.mark.nightly)])
def test_thousands_of_vacancies_are_what_their_acts_add_up_to(world: World, count: int) -> None:
    automatic(world)
    ledger, sample = fall_vacant(world, count), min(25, count // 24)
    analyse()
    assert route_waiting_vacancies(ledger_id=ledger.pk, now=MORNING) == count
    live(world, sample)
    analyse()
    read = check_same_totals(world.landlord, MORNING.year)
    became, after = read.cohort.total(), check_same_totals(world.landlord, LATER.year).measures
    assert (became.returned, became.lapsed, became.leased) == (2 * sample, sample, sample)
    assert (after.returned, read.measures.returned, read.measures.leased) == (2 * sample, 0, sample)
    assert sum(by_acts.vacated(world.landlord.pk, MORNING.year).values()) == count
    for axis in (Axis.FINANCING, Axis.QPV, Axis.PERIOD):
        assert any("" in row for row in read.cells.of(axis).values())


@pytest.fixture
@kept
def few(world: World) -> World:
    """Forty of them, lived too."""
    automatic(world)
    route_waiting_vacancies(ledger_id=fall_vacant(world, 60).pk, now=MORNING)
    live(world, 2)
    return world


def cells_of(unit: Unit) -> set[tuple[object, ...]]:
    """The cells with a figure, among units described as this one, in both kinds of account."""
    names = ("commune", "rooms", "financing_code", "in_qpv", "construction_year")
    like = {name: getattr(unit, name) for name in names}
    return {
        (cell.ledger.kind, cell.holder_id, cell.offered)
        for cell in FlowCell.objects.filter(**like).select_related("ledger")
        if cell.offered
    }


def test_unit_that_is_described_otherwise_takes_its_past_along(few: World) -> None:
    unit = Vacancy.objects.filter(routings__closed_at=None).order_by("pk")[0].unit
    unit.financing_code, unit.construction_year, unit.rooms = "16", 1850, 9
    unit.save()
    assert [offered for _, _, offered in cells_of(unit)] == [1]
    unit.commune = few.places["Béziers"]
    unit.save()
    assert [offered for _, _, offered in cells_of(unit)] == [1]
    assert AccountMonth.objects.filter(commune=few.places["Béziers"], offered=1, routed=1).exists()
    check_same_totals(few.landlord, MORNING.year)


def test_first_letting_moves_in_its_own_account_and_counts_in_no_cell_of_the_yearly_one(few: World) -> None:
    unit = few.unit(rooms=8)
    firsts = Ledger.objects.create(
        landlord=few.landlord, departement=few.places["Aude"], exercise=MORNING.year, kind="FIRST_LETTING"
    )
    vacancy = Vacancy.objects.create(
        unit=unit,
        kind="FIRST_LETTING",
        ledger=firsts,
        notice_on=MORNING.date(),
        available_on=MORNING.date(),
        registered_at=MORNING,
        registered_on=MORNING.date(),
        registered_by=few.people["aline"],
    )
    yearly = Ledger.objects.ordinary().get()
    holder = few.holders["als"]
    Routing.objects.create(vacancy=vacancy, holder=holder, routed_at=MORNING)
    for ledger in (firsts, yearly):  # a convention that counts first lettings in its share
        FlowEntry.objects.bulk_create(
            FlowEntry(ledger=ledger, holder=holder, vacancy=vacancy, stage=stage, quantity=count, on=MORNING.date())
            for stage, count in (("DUE", UNIT), ("ROUTED", 1), *([("OFFERED", 1)] if ledger == firsts else []))
        )
    assert cells_of(unit) == {("FIRST_LETTING", holder.pk, 1)}
    unit.rooms, unit.in_qpv = 10, True
    unit.save()
    assert cells_of(unit) == {("FIRST_LETTING", holder.pk, 1)}
    read = check_same_totals(few.landlord, MORNING.year)
    assert (read.measures.first_lettings, read.flow.counted_first_lettings) == (1, 1)


def test_cancelled_unit_is_out_of_every_cell(few: World) -> None:
    before = check_same_totals(few.landlord, MORNING.year)
    gone = few.vacancy(rooms=8, now=LATER)
    assert gone.ledger_id is not None
    route_waiting_vacancies(ledger_id=gone.ledger_id, now=LATER)
    assert cells_of(gone.unit)
    cancel_vacancy(vacancy=gone, reason="DECLARED_BY_MISTAKE", text="Erreur.", by=few.people["aline"], now=LATER)
    after = check_same_totals(few.landlord, MORNING.year)
    assert cells_of(gone.unit) == set()
    assert (after.measures, after.flow.by_kind) == (before.measures, before.flow.by_kind)


def test_unit_routed_elsewhere_is_offered_to_one_only(few: World) -> None:
    routing = Routing.objects.filter(closed_at=None, holder=few.holders["als"]).order_by("pk")[0]
    before = check_same_totals(few.landlord, MORNING.year)
    route_elsewhere(
        vacancy=routing.vacancy,
        holder=few.holders["priority"],
        motive="HOLDER_AGREEMENT",
        motive_text="Accord.",
        by=few.people["aline"],
        now=LATER,
    )
    after = check_same_totals(few.landlord, MORNING.year)
    assert after.cohort.total() == before.cohort.total()
    assert after.measures.offered == before.measures.offered - 1, "offered elsewhere the year after"
    assert after.cells.holder(few.holders["als"].pk).offered == before.cells.holder(few.holders["als"].pk).offered - 1
    assert check_same_totals(few.landlord, LATER.year).cells.holder(few.holders["priority"].pk).offered


def test_correction_of_a_balance_moves_its_figure_and_no_account(few: World) -> None:
    """A memo entry of the opposite sign, as a correction writes: the figure moves, what is due and received stay."""
    routing = Routing.objects.filter(closed_at=None).order_by("pk")[0]
    before = check_same_totals(few.landlord, MORNING.year)
    FlowEntry.objects.create(
        ledger=before.ledgers[0],
        holder=routing.holder,
        vacancy=routing.vacancy,
        stage="OFFERED",
        quantity=-1,
        on=LATER.date(),
    )
    behind = FigureUnits(before.acts, None, "offered", routing.holder_id, acted_in=MORNING.year)
    after = behind.figure()
    assert after.times == before.cells.holder(routing.holder_id).offered - 1
    assert routing.vacancy_id not in behind.seen_by(few.member("aline")).values_list("pk", flat=True)
    assert drift() == {}


def test_transfer_bears_on_no_unit_and_on_months_only(few: World) -> None:
    ledger, on = Ledger.objects.ordinary().get(), LATER.date()
    before = FlowCell.objects.count()
    FlowEntry.objects.bulk_create(
        FlowEntry(ledger=ledger, holder=few.holders[name], stage="TRANSFERRED", quantity=quantity, on=on)
        for name, quantity in (("als", -7), ("city", 7))
    )
    assert FlowCell.objects.count() == before
    months = AccountMonth.objects.filter(ledger=ledger, commune=None, month=on.replace(day=1)).order_by("due")
    assert [month.due for month in months] == [-7, 7]
    assert drift() == {}


def test_every_axis_adds_up_to_the_same(few: World) -> None:
    read = check_same_totals(few.landlord, MORNING.year)
    for axis in Axis:
        whole = sum((read.cells.category(axis, each) for each in read.cells.categories(axis)), Measures())
        assert whole == read.measures
        for category in read.cells.categories(axis):
            figure = FigureUnits(read.acts, None, "offered", None, axis, category, MORNING.year).figure()
            assert figure.times == read.cells.category(axis, category).offered
            figure = FigureUnits(read.ledgers, None, "offered", None, axis, category).figure()
            assert figure.times == read.cohort.category(axis, category).offered
