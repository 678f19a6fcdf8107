"""First lettings in the balance: out of the net flow, in the shares of the conventions that count them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attributions.queries.balance import balance
from attributions.queries.home import landlord_home
from flux.operations.routing import sweep_waiting_vacancies
from reservations.models.convention import UNIT
from tests.flux.programmes import agreed, count_first_lettings, let
from tests.world import MORNING

if TYPE_CHECKING:
    from tests.world import World


def test_balance_reads_the_year_and_says_which_first_lettings_count(world: World) -> None:
    count_first_lettings(world.conventions["city"])
    programme = agreed(world, ("als", 1, []), units=2, commune="Narbonne")
    let(world, programme)
    let(world, agreed(world, ("als", 1, []), units=1, name="Les Salins", commune="Coursan"))
    world.vacancy()
    sweep_waiting_vacancies(now=MORNING)
    world.vacancy()
    read = balance(world.landlord, 2026)
    assert (read.flow.first_lettings, read.flow.counted_first_lettings, read.flow.net, read.waiting) == (2, 1, 2, 1)
    assert read.total.due == 2 * UNIT


def test_home_of_the_landlord_reads_the_yearly_accounts_only(world: World) -> None:
    let(world, agreed(world, ("als", 1, []), units=1))
    assert landlord_home(world.landlord, today=MORNING.date()).ledgers == []
    vacancy = world.vacancy()
    [(ledger, _)] = landlord_home(world.landlord, today=MORNING.date()).ledgers
    assert ledger == vacancy.ledger
