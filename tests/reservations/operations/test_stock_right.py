"""Titles of the stock: which may be, when they end, how they are put right and ended."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from reservations.models import HistoryEntry, LegalParameter, StockRight
from reservations.operations.stock_right import (
    StockRightRefused,
    TitleTerms,
    correct_stock_right,
    end_stock_right,
    record_stock_right,
    years_after,
)
from reservations.refusals import Refusal
from tests.world import MORNING

if TYPE_CHECKING:
    from tests.world import World

TODAY = MORNING.date()
START = date(2008, 3, 1)


def record(world: World, holder: str = "city", ground: str = "LAND", **given: object) -> StockRight:
    terms = TitleTerms(**({"holder": world.holders[holder], "ground": ground, "starts_on": START} | given))
    return record_stock_right(landlord=world.landlord, terms=terms, by=world.people["alice"], today=TODAY)


@pytest.mark.parametrize(
    ("holder", "grounds"),
    [
        ("priority", {"STATE", "DEFENCE", "INTERNAL_SECURITY", "UNCONVERTED"}),
        ("agents", {"STATE", "DEFENCE", "INTERNAL_SECURITY", "UNCONVERTED"}),
        ("city", {"LAND", "FUNDING", "LOAN_GUARANTEE", "UNCONVERTED"}),
        ("als", {"LAND", "FUNDING", "LOAN_GUARANTEE", "UNCONVERTED"}),
        ("landlord", set()),
    ],
)
def test_ground_goes_with_the_holder(world: World, holder: str, grounds: set[str]) -> None:
    taken, fields = set(), set()
    for ground in StockRight.Ground.values:
        try:
            record(world, holder, ground, ends_on=date(2040, 1, 1))
        except StockRightRefused as refused:
            fields.add(refused.field)
        else:
            taken.add(ground)
    assert (taken, StockRight.objects.count()) == (grounds, len(grounds))
    assert fields == ({"holder"} if holder == "landlord" else {"ground"})


def test_guarantee_ends_so_many_years_after_its_loan_and_keeps_them(world: World) -> None:
    right = record(world, ground="LOAN_GUARANTEE", loan_ends_on=date(2028, 2, 29))
    assert (right.ends_on, right.extension_years) == (date(2033, 2, 28), 5)
    LegalParameter.objects.filter(code="GUARANTEE_EXTENSION_YEARS").update(value=2)
    terms = TitleTerms(world.holders["city"], "LOAN_GUARANTEE", START, reference="R", loan_ends_on=date(2030, 1, 1))
    corrected = correct_stock_right(right=right, terms=terms, by=world.people["alice"], today=TODAY)
    assert (corrected.ends_on, corrected.extension_years) == (date(2035, 1, 1), 5)
    assert HistoryEntry.objects.about(right).last().details == {
        "reference": ["", "R"],
        "ends_on": ["2033-02-28", "2035-01-01"],
        "loan_ends_on": ["2028-02-29", "2030-01-01"],
    }


def test_guarantee_may_end_before_but_never_after(world: World) -> None:
    loan = {"ground": "LOAN_GUARANTEE", "loan_ends_on": date(2030, 1, 1)}
    assert record(world, ends_on=date(2031, 1, 1), **loan).ends_on == date(2031, 1, 1)
    with pytest.raises(StockRightRefused, match="le 01/01/2035 au plus tard") as refused:
        record(world, ends_on=date(2035, 1, 2), **loan)
    assert (refused.value.field, StockRight.objects.count()) == ("ends_on", 1)


def test_guarantee_without_its_loan_has_an_end_of_its_own(world: World) -> None:
    right = record(world, ground="LOAN_GUARANTEE", ends_on=date(2031, 1, 1))
    assert (right.ends_on, right.loan_ends_on, right.extension_years) == (date(2031, 1, 1), None, None)
    with pytest.raises(StockRightRefused) as refused:
        record(world, ground="LOAN_GUARANTEE")
    assert refused.value.field == "loan_ends_on"


def test_guarantee_asks_for_the_parameter_that_nobody_recorded(world: World) -> None:
    LegalParameter.objects.filter(code="GUARANTEE_EXTENSION_YEARS").delete()
    with pytest.raises(StockRightRefused, match="demandez à l’administrateur") as refused:
        record(world, ground="LOAN_GUARANTEE", loan_ends_on=date(2030, 1, 1))
    assert (refused.value.field, StockRight.objects.count()) == ("loan_ends_on", 0)


def test_reference_is_the_landlords_own_once(world: World) -> None:
    record(world, reference=" VN  1 ")
    with pytest.raises(Refusal, match="Ce bailleur a déjà un droit en stock de cette référence"):
        record(world, reference="VN 1")
    record(world), record(world)
    assert sorted(StockRight.objects.values_list("reference", flat=True)) == ["", "", "VN 1"]


def test_recording_is_reported_with_what_the_title_says(world: World) -> None:
    right = record(world, reference="VN-1", use="SINGLE")
    entry = HistoryEntry.objects.about(right).get()
    assert (entry.act, entry.by, entry.details["holder"], entry.details["use"]) == (
        "RECORDED",
        world.people["alice"],
        [None, "Ville de Narbonne"],
        [None, "SINGLE"],
    )


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"why": " "}, "why"),
        ({"ends_on": date(2008, 2, 29)}, "ends_on"),
        ({"ends_on": date(2030, 12, 31)}, "ends_on"),
        ({"ends_on": date(2031, 1, 1)}, "ends_on"),
    ],
)
def test_end_refused_changes_nothing(world: World, given: dict[str, object], field: str) -> None:
    right = record(world, ends_on=date(2030, 12, 31))
    with pytest.raises(StockRightRefused) as refused:
        end_stock_right(
            right=right, by=world.people["alice"], **({"ends_on": TODAY, "why": "La ville y renonce."} | given)
        )
    assert (refused.value.field, StockRight.objects.get().ends_on) == (field, date(2030, 12, 31))


def test_title_converted_into_flow_no_longer_changes(world: World) -> None:
    right = record(world)
    StockRight.objects.update(converted_in=world.conventions["city"])
    with pytest.raises(StockRightRefused, match="converti en flux par la convention avec la Ville de Narbonne"):
        end_stock_right(right=right, ends_on=TODAY, why="Essai.", by=world.people["alice"])


def test_correction_that_changes_nothing_is_not_reported(world: World) -> None:
    right = record(world)
    terms = TitleTerms(world.holders["city"], "LAND", START)
    assert correct_stock_right(right=right, terms=terms, by=world.people["alice"], today=TODAY) == right
    assert HistoryEntry.objects.about(right).count() == 1


@pytest.mark.parametrize(
    ("day", "years", "last"),
    [
        (date(2028, 2, 29), 4, date(2032, 2, 29)),
        (date(2028, 2, 29), 5, date(2033, 2, 28)),
        (date(2096, 2, 29), 4, date(2100, 2, 28)),
        (date(2030, 12, 31), 5, date(2035, 12, 31)),
    ],
)
def test_years_after_a_day(day: date, years: int, last: date) -> None:
    assert years_after(day, years) == last
