"""A right ends within a year: what is left due, or in advance, goes to its successor, else to the landlord."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from flux.engine.wording import units
from flux.models import FlowEntry, Ledger, LedgerLine
from flux.operations.routing import route_waiting_vacancies
from flux.operations.stock_rights import settle_ended_rights
from flux.tasks import settle
from reservations.operations.convention_end import SuccessorRefused
from reservations.operations.party import register_organisation
from tests.flux.books import check_books
from tests.flux.operations.test_returning import agree, give_back, send
from tests.world import MORNING, convention, end_convention, siren
from tests.world_again import kept

if TYPE_CHECKING:
    from tests.world import World

TODAY = MORNING.date()
#: The thirty days of grace over.
NEXT_DAY = MORNING + timedelta(31)


def gap(world: World, holder: str) -> int:
    line = LedgerLine.objects.get(ledger__exercise=2026, holder=world.holders[holder])
    return line.due - 1_000_000 * line.received


@pytest.fixture
@kept
def ledger(world: World) -> Ledger:
    """Twenty units vacated in Narbonne and routed."""
    for number in range(20):
        vacancy = world.vacancy(rooms=2 + number % 3)
    route_waiting_vacancies(ledger_id=vacancy.ledger_id, now=MORNING)
    return vacancy.ledger


def end(world: World, name: str, **given: object) -> None:
    end_convention(
        convention=world.conventions[name],
        ends_on=TODAY,
        why="Accord des parties.",
        today=TODAY,
        by=world.people["alice"],
        **given,
    )


def test_what_is_left_due_goes_to_the_landlord_the_day_after(world: World, ledger: Ledger) -> None:
    end(world, "city")
    left, own = gap(world, "city"), gap(world, "landlord")
    assert left
    assert settle_ended_rights(now=MORNING) == 0, "its last day is not over"
    assert settle_ended_rights(now=MORNING + timedelta(30)) == 0, "a renewal may still be signed"
    assert settle_ended_rights(now=NEXT_DAY) == 1
    assert (gap(world, "city"), gap(world, "landlord")) == (0, own + left)
    moves = FlowEntry.objects.filter(stage="TRANSFERRED").order_by("pk").values_list("holder", "quantity", "vacancy")
    assert list(moves) == [(world.holders["city"].pk, -left, None), (world.holders["landlord"].pk, left, None)]
    check_books(ledger)
    assert settle_ended_rights(now=NEXT_DAY) == 0, "twice is once"


def test_every_lack_goes_with_it(world: World, ledger: Ledger) -> None:
    end(world, "city")
    settle_ended_rights(now=NEXT_DAY)
    profile = LedgerLine.objects.get(ledger=ledger, holder=world.holders["city"]).profile
    assert {due - 1_000_000 * got for categories in profile.values() for due, got in categories.values()} == {0}


def test_successor_takes_it_over(world: World, ledger: Ledger) -> None:
    """The intercommunalité that signs for the commune."""
    end(world, "city", successor=world.epci)
    left, epci, own = gap(world, "city"), gap(world, "epci"), gap(world, "landlord")
    assert settle_ended_rights(now=NEXT_DAY) == 1
    assert (gap(world, "city"), gap(world, "epci"), gap(world, "landlord")) == (0, epci + left, own)
    check_books(ledger)


def test_successor_without_the_same_contingent_leaves_it_to_the_landlord(world: World, ledger: Ledger) -> None:
    end(world, "als", successor=world.epci)
    left, own = gap(world, "als"), gap(world, "landlord")
    settle_ended_rights(now=NEXT_DAY)
    assert (gap(world, "als"), gap(world, "landlord")) == (0, own + left)


def test_successor_needs_a_convention_of_its_own(world: World) -> None:
    stranger = register_organisation(
        name="Ville de Sigean", article="la", siren=siren(77), kind="COMMUNE", territory=world.places["Sigean"]
    )
    for nobody in (stranger, world.city):
        with pytest.raises(SuccessorRefused) as refused:
            end(world, "city", successor=nobody)
        assert refused.value.field == "successor"
    world.conventions["city"].refresh_from_db()
    assert (world.conventions["city"].status, world.conventions["city"].successor) == ("SIGNED", None)


def test_holder_whose_next_right_begins_later_in_the_year_keeps_its_account(world: World, ledger: Ledger) -> None:
    end(world, "city")
    convention(
        world.landlord,
        world.city,
        world.places["Narbonne"],
        (world.holders["city"], "10", 4),
        starts_on=date(2026, 12, 10),
        ends_on=date(2028, 12, 31),
    )
    before = gap(world, "city")
    assert settle_ended_rights(now=NEXT_DAY) == 0
    assert gap(world, "city") == before


def test_right_that_ends_with_the_year_is_carried_over_instead(world: World, ledger: Ledger) -> None:
    agree(world.conventions["city"], ends_on=date(2026, 12, 31))
    assert settle_ended_rights(now=datetime(2027, 1, 2, 8, tzinfo=UTC)) == 0


def test_unit_given_back_after_the_end_moves_the_account_again(world: World, ledger: Ledger) -> None:
    routing = send(world, "city")
    end(world, "city")
    settle_ended_rights(now=NEXT_DAY)
    give_back(world, routing, "ERROR", now=NEXT_DAY)
    assert gap(world, "city") == 1_000_000
    assert settle_ended_rights(now=NEXT_DAY + timedelta(1)) == 1
    assert gap(world, "city") == 0
    check_books(ledger)


def test_worker_settles_what_ended(world: World, ledger: Ledger, time_machine) -> None:
    end(world, "city")
    time_machine.move_to(NEXT_DAY)
    assert settle() == 1


def test_page_of_the_account_states_the_transfer(world: World, ledger: Ledger, sign_in, time_machine) -> None:
    end(world, "city")
    time_machine.move_to(NEXT_DAY)
    settle_ended_rights()
    for who in ("aline", "chloe"):
        page = sign_in(who).get(f"/comptes/{ledger.pk}/{world.holders['city'].pk}/")
        assert "à la fin d’un droit" in page.content.decode()
    where = reverse("statement-units", args=[ledger.pk, world.holders["city"].pk])
    due = re.sub(r"<[^>]+>", "", sign_in("aline").get(f"{where}?stage=DUE").content.decode())
    moved = FlowEntry.objects.get(stage="TRANSFERRED", holder=world.holders["city"]).quantity
    assert f"dans 20 logements libérés, et {units(moved, 1_000_000, signed=True)} transféré à la fin d’un droit" in due
