"""Projection of an account, read from its months and from the flow of past years."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from flux.models import AccountMonth, CarriedOver, FlowCount, Ledger, Vacancy
from flux.operations.routing import route_waiting_vacancies
from flux.queries.accounts import account
from flux.queries.projection import Projected, outlook
from reservations.models import ReservationHolder
from reservations.models.convention import UNIT
from reservations.models.ground import ShareGround
from tests.flux.quotas import promise
from tests.world import MORNING, World, territory

MIDYEAR = date(2026, 6, 30)


def flow(world: World, year: int, months: range, units: int, commune: str = "Narbonne") -> None:
    """So many units of the flow in each of these months, as the vacancies would count them."""
    for month in months:
        FlowCount.objects.create(
            landlord=world.landlord,
            commune=world.places[commune],
            month=date(year, month, 1),
            kind=Vacancy.Kind.IN_FLOW,
            units=units,
            decided=units,
        )


def opened(world: World) -> Ledger:
    return Ledger.objects.create(landlord=world.landlord, departement=world.places["Aude"], exercise=2026)


def credit(ledger: Ledger, holder: ReservationHolder, due: int, received: int, carried: int = 0) -> None:
    AccountMonth.objects.create(
        ledger=ledger,
        holder=holder,
        month=date(2026, 6, 1),
        due=due,
        routed=received,
        received=received,
        carried=carried,
    )


def of(ledger: Ledger, holder: ReservationHolder, on: date = MIDYEAR) -> Projected:
    return next(each for each in outlook(ledger, on).lines if each.line.holder == holder)


@pytest.mark.django_db
def test_half_a_year_is_projected_to_the_whole(world: World) -> None:
    """120 units in six months, no past: as many to come, a fifth of them due to Action Logement."""
    ledger = opened(world)
    flow(world, 2026, range(1, 7), 20)
    credit(ledger, world.holders["als"], 24 * UNIT, 24)
    found = outlook(ledger, MIDYEAR)
    assert (found.seen, found.waiting, found.days_left, found.past) == (120, 0, 184, ())
    assert not found.season.from_past
    assert 118 < found.to_come.expected < 126
    assert found.to_come.low < 110
    assert found.to_come.high > 135
    als = of(ledger, world.holders["als"])
    assert abs(als.found.due[1] - (24 * UNIT + found.to_come.expected * UNIT / 5)) < 2
    assert als.found.received[1] in (48, 49)
    assert als.missing == als.found.received[1] - 24
    assert als.a_month == Fraction(als.missing * 365, 12 * 184)


@pytest.mark.django_db
def test_units_a_year_stop_at_their_number_whatever_ends_meanwhile(world: World) -> None:
    """Thirty units a year, of which a guarantee ended in March gave half: two rights, thirty units (CCH, R441-6)."""
    ledger = opened(world)
    flow(world, 2026, range(1, 7), 20)
    credit(ledger, world.holders["als"], 24 * UNIT, 24)
    loan = ShareGround("LOAN_GUARANTEE", 100_000, date(2021, 3, 31), 5, units=15)
    kept = [loan.as_json(), ShareGround("LAND", 100_000, units=15).as_json()]
    promise(world, "als", grounds=kept, yearly_units=30, planned_flow=150, share=200_000)
    als = of(ledger, world.holders["als"])
    assert len(als.line.rights) == 2
    assert als.found.due[1:] == (30 * UNIT, 30 * UNIT)


@pytest.mark.django_db
def test_the_season_is_read_in_the_past_years_of_the_landlord(world: World) -> None:
    """Three quarters of the two years before fell after June."""
    ledger = opened(world)
    flow(world, 2026, range(1, 7), 10)
    for year in (2024, 2025):
        flow(world, year, range(1, 7), 10)
        flow(world, year, range(7, 13), 30)
    found = outlook(ledger, MIDYEAR)
    assert found.past == ((2024, 240), (2025, 240))
    assert found.season.from_past
    assert found.season.left > Fraction(7, 10)
    assert 150 < found.to_come.expected < 190


@pytest.mark.django_db
def test_a_year_whose_beginning_is_unknown_states_no_season(world: World) -> None:
    ledger = opened(world)
    flow(world, 2025, range(9, 13), 50)
    flow(world, 2026, range(1, 7), 10)
    found = outlook(ledger, MIDYEAR)
    assert (found.past, found.season.from_past) == ((), False)


@pytest.mark.django_db
def test_on_31_december_the_projection_is_the_account(world: World) -> None:
    for _ in range(6):
        world.vacancy()
    ledger = Ledger.objects.ordinary().get()
    route_waiting_vacancies(ledger_id=ledger.pk, now=MORNING)
    found = outlook(ledger, date(2027, 2, 1))
    assert (found.is_over, found.on, found.to_come.high) == (True, date(2026, 12, 31), 0)
    lines = {line.holder: line.figures for line in account(ledger, date(2026, 12, 31)).lines}
    assert {each.line.holder for each in found.lines} == set(lines)
    for each in found.lines:
        figures = lines[each.line.holder]
        assert each.found.due == (figures.due,) * 3
        assert each.found.received == (figures.received,) * 3
        assert each.a_month is None


@pytest.mark.django_db
def test_units_that_wait_are_due_to_come(world: World) -> None:
    ledger = opened(world)
    flow(world, 2026, range(1, 7), 20)
    before = of(ledger, world.holders["als"]).found.due
    FlowCount.objects.filter(month=date(2026, 6, 1)).update(decided=10)
    found = outlook(ledger, MIDYEAR)
    assert found.waiting == 10
    assert [a - b for a, b in zip(of(ledger, world.holders["als"]).found.due, before, strict=True)] == [2 * UNIT] * 3


@pytest.mark.django_db
def test_what_is_given_back_and_offered_again_credits_once_more(world: World) -> None:
    """120 units credited 132 so far: the units to come will do so too."""
    ledger = opened(world)
    flow(world, 2026, range(1, 7), 20)
    for name, due in (("als", 24), ("priority", 108)):
        credit(ledger, world.holders[name], due * UNIT, due)
    found = outlook(ledger, MIDYEAR)
    assert found.again == Fraction(11, 10)
    als = of(ledger, world.holders["als"]).found
    assert abs(als.due[1] - (24 * UNIT + found.to_come.expected * UNIT * Fraction(11, 50))) < 2


@pytest.mark.django_db
def test_a_city_is_due_a_share_of_its_own_territory(world: World) -> None:
    """Nothing falls in Narbonne: nothing comes to the city but what a hundredth of a chance would bring."""
    ledger = opened(world)
    flow(world, 2026, range(1, 7), 20, commune="Coursan")
    flow(world, 2025, range(1, 13), 20, commune="Coursan")
    city = of(ledger, world.holders["city"])
    assert city.found.due[1] < UNIT // 4
    assert of(ledger, world.holders["als"]).found.due[1] > 20 * UNIT


@pytest.mark.django_db
def test_the_dues_to_come_of_all_make_the_flow_to_come(world: World) -> None:
    """One commune: every holder has the same flow, and the landlord what is left of it."""
    ledger = opened(world)
    flow(world, 2026, range(1, 7), 20)
    found = outlook(ledger, MIDYEAR)
    assert abs(sum(each.found.due[1] for each in found.lines) - found.to_come.expected * UNIT) < 10


@pytest.mark.django_db
def test_a_right_that_ends_meanwhile_counts_for_its_days(world: World) -> None:
    ledger = opened(world)
    flow(world, 2026, range(1, 7), 20)
    whole = of(ledger, world.holders["als"]).found.due[1]
    world.end(world.conventions["als"], date(2026, 9, 30))
    half = of(ledger, world.holders["als"]).found.due[1]
    assert abs(half - whole * Fraction(92, 184)) < 2


@pytest.mark.django_db
def test_what_a_year_still_gives_back_is_due(world: World) -> None:
    ledger = opened(world)
    flow(world, 2026, range(1, 7), 20)
    credit(ledger, world.holders["als"], 24 * UNIT, 24, carried=UNIT // 4)
    without = of(ledger, world.holders["als"]).found.due[1]
    CarriedOver.objects.create(
        ledger=ledger,
        holder=world.holders["als"],
        convention=world.conventions["als"],
        amount=UNIT,
        planned=160,
    )
    assert of(ledger, world.holders["als"]).found.due[1] - without == 3 * UNIT // 4
    own = next(each for each in outlook(ledger, MIDYEAR).lines if each.line.holder.is_not_reserved)
    assert own.found.due[1] > 0


@pytest.mark.django_db
@pytest.mark.parametrize("more", [0, 8])
def test_it_costs_three_queries_whatever_there_is(world: World, more: int, django_assert_num_queries: Any) -> None:
    ledger = opened(world)
    flow(world, 2026, range(1, 7), 20)
    for number in range(more):
        place = territory("COMMUNE", f"119{number:02d}", f"Commune {number}", departement=world.places["Aude"])
        world.places[place.name] = place
        flow(world, 2026, range(1, 3), 5, commune=place.name)
    with django_assert_num_queries(3):
        outlook(ledger, MIDYEAR)
