"""Two units of a programme, one right left: it is used once. Two titles, one unit left: it is borne once.

A declaration, an allotment and a title may name the same unit at the same time: none waits for ever for another.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from flux.imports.inventory import read_inventory
from flux.models import StockAssignment, Unit, Vacancy
from flux.operations.allotment import Share, set_allotment
from flux.operations.stock_inventory import import_inventory
from flux.operations.stock_rights import assign_programme, assign_unit, end_title
from reservations.models import StockRight
from reservations.operations.stock_right import TitleTerms, record_stock_right
from reservations.refusals import Refusal
from tests.concurrency.together import at_once, second
from tests.flux.imports.inventories import as_csv, row
from tests.flux.programmes import planned, unit_of
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


def declare_and_end(world: World) -> list[Any]:
    unit, right = world.unit(), title(world, "als")
    assign_unit(right=right, unit=unit, by=world.people["alice"])
    month_ago = MORNING.date() - timedelta(days=30)
    return at_once(
        lambda: world.vacancy(unit),
        second(lambda: end_title(right=right, ends_on=month_ago, why="Rendu.", by=world.people["alice"])),
        before="flux_vacancy",
    )


@pytest.mark.usefixtures("without_row_locks")
def test_without_locks_a_unit_would_go_to_a_title_that_ended(world: World) -> None:
    assert [type(outcome) for outcome in declare_and_end(world)] == [Vacancy, StockRight]
    assert Vacancy.objects.get().stock_right == StockRight.objects.get(ends_on__lt=MORNING.date())


def test_title_does_not_end_under_a_declaration(world: World) -> None:
    declared, refused = declare_and_end(world)
    assert declared.kind == Vacancy.Kind.STOCK
    assert str(refused).startswith("Un logement libéré a usé de ce droit")
    assert StockRight.objects.get().ends_on is None


def test_unit_is_declared_while_a_title_comes_to_name_it(world: World) -> None:
    unit, right = world.unit(), title(world, "als")
    outcomes = at_once(
        lambda: assign_unit(right=right, unit=unit, by=world.people["alice"]),
        second(lambda: world.vacancy(unit)),
        before="flux_stockassignment",
    )
    assert [type(outcome) for outcome in outcomes] == [StockAssignment, Vacancy]


def test_unit_is_declared_while_an_allotment_comes_to_name_it(world: World) -> None:
    programme = planned(world, units=3)
    unit, share = unit_of(world, programme), world.holders["als"]
    made, refused = at_once(
        lambda: set_allotment(programme=programme, shares=[Share(share, 1, (unit,))], by=world.people["alice"]),
        second(lambda: world.vacancy(unit, kind=Vacancy.Kind.FIRST_LETTING)),
        before="flux_allottedunit",
    )
    assert [allotment.units for allotment in made] == [1]
    assert str(refused).startswith("La répartition du programme")


def test_unit_is_declared_while_an_inventory_comes_to_name_it(world: World) -> None:
    unit = world.unit()
    lines = read_inventory(as_csv(row(reference_logement=unit.reference))).lines
    outcomes = at_once(
        lambda: import_inventory(landlord=world.landlord, lines=lines, by=world.people["alice"], today=MORNING.date()),
        second(lambda: world.vacancy(unit)),
        before="flux_stockassignment",
    )
    assert [type(outcome).__name__ for outcome in outcomes] == ["InventoryPlan", "Vacancy"]
