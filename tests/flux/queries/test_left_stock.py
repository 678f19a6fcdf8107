"""A unit that left the stock (given, sold, demolished) is in no reading of it any more; a unit given is in one only.

What a right in stock is worth, what a share promises where too little fell vacant, a mix of needs, the cap of a loan
guarantee are all read from the stock of the landlord.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from attributions.bilan.queries.states import owners_in
from flux.models import Ledger, Unit
from flux.operations.stock_transfers import Given, accept_transfer, propose_transfer
from flux.pages.checks import stock_checks
from flux.pages.conversion import given_for
from flux.queries.conversion import Wish
from flux.queries.needs import expected
from flux.queries.shares import flows
from flux.queries.targets import split
from tests.flux.conversions import TERM, title
from tests.world import manager_of

if TYPE_CHECKING:
    from reservations.models import Landlord
    from tests.world import World


@pytest.fixture
def today() -> date:
    return timezone.localdate()


def read(world: World, landlord: Landlord, on: date) -> dict[str, int]:
    """The units of its stock in the Aude, by each reading."""
    aude = world.places["Aude"]
    base: list[dict[str, Any]] = given_for(Wish(landlord, world.holders["als"], aude, **TERM), on=on)["base"]
    flow = flows(landlord, until=on).get(aude)
    return {
        "conversion": sum(row["units"] for row in base),
        "feasibility": sum(flow.cells.values()) if flow else 0,
        "forecast": split(landlord, aude, on.year, until=on).total,
        "needs": expected(Ledger(landlord=landlord, departement=aude, exercise=on.year), on).units,
    }


def give(world: World, unit: Unit, on: date) -> None:
    transfer = propose_transfer(
        giver=world.landlord,
        given=Given(world.other_landlord, [unit.programme], on, "acte"),
        by=world.people["alice"],
    )
    accept_transfer(transfer=transfer, by=manager_of(world.other_landlord))


def test_what_was_given_is_in_the_stock_of_the_other_only(world: World, today: date) -> None:
    given, _kept = world.unit(), world.unit(commune="Coursan")
    world.unit()
    before = read(world, world.landlord, today)
    assert (before["conversion"], before["forecast"], before["needs"]) == (3, 3, 3)
    assert set(read(world, world.other_landlord, today).values()) == {0}
    give(world, given, today)
    ours, theirs = read(world, world.landlord, today), read(world, world.other_landlord, today)
    assert {name: ours[name] + theirs[name] for name in before} == before, "as many as before, each once"
    assert (ours["conversion"], theirs["conversion"]) == (1, 2)
    assert read(world, world.landlord, today - timedelta(days=1)) == before, "as it was the day before"


def test_what_was_sold_or_demolished_counts_no_more_in_its_programme(world: World, today: date) -> None:
    units = [world.unit() for _ in range(10)]
    title(world, units[0], units[1], ground="LOAN_GUARANTEE", ends_on=date(2040, 1, 1))
    assert stock_checks([world.landlord], on=today)[world.landlord.pk] == [], "2 of 10: exactly the cap"
    Unit.objects.filter(pk__in=[unit.pk for unit in units[3:]]).update(left_on=today, left_why="DEMOLISHED")
    [check] = stock_checks([world.landlord], on=today)[world.landlord.pk]
    assert check.what.replace("\u00a0", " ").startswith("2 logements sur 3 sont réservés contre une garantie")


def test_a_landlord_is_on_the_board_of_the_years_in_which_it_had_a_programme_there(world: World, today: date) -> None:
    """The one that gave, until that year; the one that received, from it on."""
    give(world, world.unit(), today)
    aude, eve, day = world.places["Aude"], today - timedelta(days=1), timedelta(days=1)
    assert [landlord for landlord, _ in owners_in(aude, eve, eve)] == [world.landlord.pk]
    assert {landlord for landlord, _ in owners_in(aude, eve, today)} == {world.landlord.pk, world.other_landlord.pk}
    assert [landlord for landlord, _ in owners_in(aude, today, today + day)] == [world.other_landlord.pk]
