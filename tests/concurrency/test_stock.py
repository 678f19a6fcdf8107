"""Two units of a programme, one right left: it is used once. Two titles, one unit left: it is borne once."""

from __future__ import annotations

from datetime import date

import pytest

from flux.models import StockAssignment, Unit, Vacancy
from flux.operations.stock_right import assign_programme
from reservations.models import StockRight
from reservations.operations.stock_right import TitleTerms, record_stock_right
from reservations.refusals import Refusal
from tests.concurrency.together import at_once
from tests.world import MORNING, World

pytestmark = pytest.mark.django_db(transaction=True)


def title(world: World, holder: str) -> StockRight:
    return record_stock_right(
        landlord=world.landlord,
        terms=TitleTerms(world.holders[holder], "FUNDING", date(2008, 1, 1), use="SINGLE"),
        by=world.people["alice"],
        today=MORNING.date(),
    )


def declare_two(world: World) -> list[Vacancy | Exception]:
    units = [world.unit(), world.unit()]
    assign_programme(right=title(world, "als"), programme=units[0].programme, units=1, by=world.people["alice"])
    return at_once(
        *(lambda unit=unit: world.vacancy(unit, kind=Vacancy.Kind.STOCK) for unit in units), before="flux_vacancy"
    )


def bear_twice(world: World) -> list[StockAssignment | Exception]:
    unit: Unit = world.unit()
    rights = [title(world, "als"), title(world, "city")]
    return at_once(
        *(
            lambda right=right: assign_programme(
                right=right, programme=unit.programme, units=1, by=world.people["alice"]
            )
            for right in rights
        ),
        before="flux_stockassignment",
    )


@pytest.mark.usefixtures("without_row_locks")
def test_without_locks_the_last_right_of_a_programme_would_be_used_twice(world: World) -> None:
    assert [type(outcome) for outcome in declare_two(world)] == [Vacancy, Vacancy]


def test_last_right_of_a_programme_is_used_once(world: World) -> None:
    outcomes = declare_two(world)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Vacancy", "VacancyRefused"]
    assert [vacancy.kind for vacancy in Vacancy.objects.order_by("pk")] == ["STOCK"]


@pytest.mark.usefixtures("without_row_locks")
def test_without_locks_a_programme_would_bear_more_rights_than_units(world: World) -> None:
    assert [type(outcome) for outcome in bear_twice(world)] == [StockAssignment, StockAssignment]


def test_programme_bears_no_more_rights_than_units(world: World) -> None:
    outcomes = bear_twice(world)
    [refusal] = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert isinstance(refusal, Refusal)
    assert StockAssignment.objects.count() == 1
