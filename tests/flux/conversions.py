"""A stock to convert: the city's titles on Narbonne, one that bears elsewhere too, and a variant of it."""

from __future__ import annotations

from datetime import date
from typing import Any

from flux.models import Conversion, Programme, Unit
from flux.operations.conversions import work_out
from flux.operations.stock_rights import assign_programme, assign_unit
from flux.pages.conversion import given_for
from flux.queries.conversion import Wish
from reservations.models import StockRight
from reservations.operations.stock_right import TitleTerms, record_stock_right
from tests.world import MORNING, World

TODAY = MORNING.date()
TERM = {"starts_on": date(2029, 1, 1), "ends_on": date(2031, 12, 31)}


def title(world: World, *bearers: Unit | tuple[Programme, int], holder: str = "city", **terms: Any) -> StockRight:
    """A title on land without end, recorded and borne by these units, or so many of a programme."""
    usual = {"ground": StockRight.Ground.LAND, "starts_on": date(2010, 1, 1), "reference": "T1"}
    by = world.people["alice"]
    right = record_stock_right(
        landlord=world.landlord, terms=TitleTerms(world.holders[holder], **(usual | terms)), by=by, today=TODAY
    )
    for bearer in bearers:
        if isinstance(bearer, Unit):
            assign_unit(right=right, unit=bearer, by=by)
        else:
            assign_programme(right=right, programme=bearer[0], units=bearer[1], by=by)
    return right


def units(world: World, count: int, commune: str = "Narbonne") -> list[Unit]:
    return [world.unit(commune=commune) for _ in range(count)]


def wish(world: World, holder: str = "city", perimeter: str = "Narbonne", **term: date) -> Wish:
    return Wish(world.landlord, world.holders[holder], world.places[perimeter], **(TERM | term))


def variant(world: World, label: str = "Première lecture", about: Wish | None = None, **changes: Any) -> Conversion:
    """A variant as the database gives it, one vacancy in five units a year unless `changes` say otherwise."""
    about = about or wish(world)
    given = given_for(about, on=TODAY)
    rotation = [{"weight": 100, "rate": 20, "source": "rapport"}]
    return work_out(wish=about, label=label, given=given | {"rotation": rotation} | changes, by=world.people["alice"])
