"""Vacancies of units in stock: the unit's own right, the programme's, and rights used up by one letting."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from flux.models import Return, StockAssignment, Vacancy
from flux.operations.stock import keep_in_stock
from flux.operations.stock_rights import assign_programme
from flux.operations.vacancy import declare_vacancy
from flux.queries.units import programme_places, stock_of
from reservations.models import StockRight
from reservations.operations.stock_right import TitleTerms, record_stock_right
from reservations.refusals import Refusal
from tests.leases import let
from tests.world import MORNING, convention

if TYPE_CHECKING:
    from tests.world import World

TODAY = MORNING.date()
Kind = Vacancy.Kind


def title(world: World, holder: str = "als", **given: object) -> StockRight:
    terms = {"holder": world.holders[holder], "ground": "FUNDING", "starts_on": date(2008, 1, 1)} | given
    return record_stock_right(landlord=world.landlord, terms=TitleTerms(**terms), by=world.people["alice"], today=TODAY)


def borne_by_programme(world: World, units: int, holder: str = "als", **given: object) -> StockRight:
    right = title(world, holder, **given)
    assign_programme(right=right, programme=world.unit().programme, units=units, by=world.people["alice"])
    return right


def declare(world: World, unit: object, *, now: datetime = MORNING, **given: object) -> Vacancy:
    today = timezone.localdate(now)
    terms = {"kind": Kind.STOCK, "notice_on": today, "available_on": today} | given
    return declare_vacancy(unit=unit, by=world.people["aline"], now=now, **terms)


def leased(world: World, unit: object, years: int) -> Vacancy:
    """Declared in the flow so many years later, and let that day."""
    return let(world, declare(world, unit, now=later(years), kind=Kind.IN_FLOW), now=later(years))


def later(years: int) -> datetime:
    return MORNING.replace(year=MORNING.year + years)


def test_vacancy_of_a_unit_in_stock_keeps_the_title_it_went_under(world: World) -> None:
    unit = world.unit()
    kept = keep_in_stock(
        unit=unit, holder=world.holders["als"], ground="FUNDING", starts_on=TODAY, by=world.people["alice"]
    )
    vacancy = declare(world, unit, kind=Kind.IN_FLOW)
    assert (vacancy.stock_right, vacancy.routings.get().holder) == (kept.right, world.holders["als"])


def test_recurring_right_binds_its_unit_at_each_vacancy(world: World) -> None:
    unit = world.unit()
    keep_in_stock(unit=unit, holder=world.holders["als"], ground="FUNDING", starts_on=TODAY, by=world.people["alice"])
    kinds = [leased(world, unit, years).kind for years in range(3)]
    assert kinds == ["STOCK", "STOCK", "STOCK"]


def test_single_right_is_used_up_by_its_first_letting(world: World) -> None:
    unit = world.unit()
    keep_in_stock(
        unit=unit,
        holder=world.holders["als"],
        ground="FUNDING",
        use="SINGLE",
        starts_on=TODAY,
        by=world.people["alice"],
    )
    kinds = [leased(world, unit, years).kind for years in range(2)]
    assert kinds == ["STOCK", "IN_FLOW"]
    assert stock_of(unit, on=TODAY - timedelta(days=1)) is None  # not begun
    assert [StockAssignment.objects.living(day).count() for day in (TODAY, later(1).date())] == [0, 0]


def test_single_right_given_back_uncounted_is_not_used_up(world: World) -> None:
    unit = world.unit()
    keep_in_stock(
        unit=unit,
        holder=world.holders["als"],
        ground="FUNDING",
        use="SINGLE",
        starts_on=TODAY,
        by=world.people["alice"],
    )
    vacancy = declare(world, unit)
    Return.objects.create(
        routing=vacancy.routings.get(),
        reason=Return.Reason.WORKS,
        counted=False,
        returned_at=MORNING,
        returned_by=world.people["aline"],
    )
    assert StockAssignment.objects.living(TODAY).count() == 1


def test_unit_of_a_programme_in_stock_stays_in_the_flow_unless_the_landlord_says_so(world: World) -> None:
    right = borne_by_programme(world, 1)
    assert declare(world, world.unit(), kind=Kind.IN_FLOW).kind == "IN_FLOW"
    kept = declare(world, world.unit())
    assert (kept.kind, kept.stock_right, kept.ledger) == ("STOCK", right, None)
    assert kept.routings.get().holder == world.holders["als"]


def test_oldest_title_with_a_unit_left_is_proposed(world: World) -> None:
    world.unit(), world.unit()
    young = borne_by_programme(world, 1, "city", starts_on=date(2015, 1, 1))
    old = borne_by_programme(world, 1, "als", starts_on=date(2001, 1, 1))
    unit = world.unit()
    assert [(place.assignment.right, place.left) for place in programme_places(unit, on=TODAY)] == [
        (old, 1),
        (young, 1),
    ]
    assert [declare(world, world.unit()).stock_right for _ in range(2)] == [old, young]
    with pytest.raises(Refusal, match="Ce logement ne porte aucun droit en stock") as refused:
        declare(world, world.unit())
    assert refused.value.field == "kind"


def test_landlord_chooses_another_title_of_the_programme(world: World) -> None:
    borne_by_programme(world, 1, "als", starts_on=date(2001, 1, 1))
    young = borne_by_programme(world, 1, "city", starts_on=date(2015, 1, 1))
    assert declare(world, world.unit(), stock_right=young).routings.get().holder == world.holders["city"]
    with pytest.raises(Refusal, match="Ce titre n’a plus de logement à prendre dans ce programme") as refused:
        declare(world, world.unit(), stock_right=young)
    assert refused.value.field == "stock_right"
    assert Vacancy.objects.count() == 1


def test_recurring_right_of_a_programme_follows_the_units_it_took(world: World) -> None:
    right = borne_by_programme(world, 1)
    taken, other = world.unit(), world.unit()
    let(world, declare(world, taken))
    assert programme_places(other, on=TODAY) == []
    assert [place.assignment.right for place in programme_places(taken, on=TODAY)] == [right]
    assert declare(world, taken, now=later(1)).stock_right == right


def test_single_right_of_a_programme_is_used_up_by_as_many_lettings(world: World) -> None:
    unit = world.unit()
    borne_by_programme(world, 2, use="SINGLE")
    let(world, declare(world, unit))
    assert [place.left for place in programme_places(unit, on=TODAY)] == [1]
    declare(world, unit, now=later(1))
    assert programme_places(unit, on=later(1).date()) == []
    assert StockAssignment.objects.living(later(1).date()).count() == 0


def test_title_stated_for_a_vacancy_that_cannot_use_it_is_refused(world: World) -> None:
    elsewhere = title(world, "city", reference="AUTRE")
    unit = world.unit()
    with pytest.raises(Refusal, match="Un titre ne sert qu’à un logement gardé en stock") as refused:
        declare(world, unit, kind=Kind.IN_FLOW, stock_right=elsewhere)
    assert refused.value.field == "stock_right"
    keep_in_stock(unit=unit, holder=world.holders["als"], ground="LAND", starts_on=TODAY, by=world.people["alice"])
    with pytest.raises(Refusal, match="Ce logement porte lui-même un droit d’Action Logement Services"):
        declare(world, unit, stock_right=elsewhere)
    assert Vacancy.objects.count() == 0


def test_right_converted_by_a_convention_that_has_begun_binds_no_more(world: World) -> None:
    kept = keep_in_stock(
        unit=world.unit(), holder=world.holders["city"], ground="LAND", starts_on=TODAY, by=world.people["alice"]
    )
    years = {"starts_on": date(2029, 1, 1), "ends_on": date(2031, 12, 31)}
    flow = convention(world.landlord, world.city, world.places["Narbonne"], (world.holders["city"], "12", 4), **years)
    StockRight.objects.update(converted_in=flow)
    living = [StockAssignment.objects.living(day).count() for day in (date(2028, 12, 31), date(2029, 1, 1))]
    assert (living, kept.unit.reference) == ([1, 0], "RH-01-001")
