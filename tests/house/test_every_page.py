"""Every page that a person can reach opens, and each link that it shows, in the worlds that real use makes: nothing
declared yet, nobody with a share, everything given back… None of them may break a page, or lead to a refusal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from flux.operations.routing import route_waiting_vacancies
from tests.flux.before_the_rule import decided_without_convention
from tests.flux.operations.test_carry_over import YEAR_1, YEAR_2, live
from tests.flux.operations.test_returning import give_back, send
from tests.house.walk import walk
from tests.world import MORNING, World, convention

SignIn = Callable[[str], Client]


def nothing(world: World) -> None:
    """The day after the installation."""


def nobody_has_a_share(world: World) -> None:
    """A landlord without a convention: two units fall vacant, decided when that was done."""
    for _ in range(2):
        decided_without_convention(world.vacancy(landlord=world.other_landlord, commune="Béziers"))


def even(world: World) -> None:
    """Half of two units is due to one holder, which has received one."""
    convention(world.other_landlord, world.als, world.places["Hérault"], (world.holders["als"], "50", 1))
    for _ in range(2):
        vacancy = world.vacancy(landlord=world.other_landlord, commune="Béziers")
    route_waiting_vacancies(ledger_id=vacancy.ledger_id, now=MORNING)


def all_given_back(world: World) -> None:
    """Each reason once, and one that its delay has ended."""
    for reason in ("DECLINED", "WITHDRAWN", "WORKS", "ERROR"):
        give_back(world, send(world, "city"), reason)
    send(world, "city", now=MORNING - timedelta(days=60))


def a_new_year(world: World) -> None:
    """The first units of January, after a year that left something."""
    live(world, YEAR_1, 6)
    live(world, YEAR_2, 3)


PEOPLE = {
    nothing: ("alice", "chloe", "adam"),
    nobody_has_a_share: ("zoe",),
    even: ("zoe",),
    all_given_back: ("aline", "chloe"),
    a_new_year: ("alice", "emma"),
}
#: Read every night: of units given back and of the turn of a year, an ordinary run opens what the net opens, after a
#: life that has both, and it follows the same links (tests/house/test_net.py).
AT_NIGHT = (all_given_back, a_new_year)


@pytest.mark.parametrize(
    "state",
    [pytest.param(state, marks=pytest.mark.nightly if state in AT_NIGHT else ()) for state in PEOPLE],
    ids=lambda state: state.__name__,
)
def test_every_page_and_every_link_opens(
    world: World, sign_in: SignIn, time_machine: Any, state: Callable[[World], None]
) -> None:
    time_machine.move_to(YEAR_2 if state is a_new_year else MORNING, tick=False)
    state(world)
    assert {person: wrong for person in PEOPLE[state] if (wrong := walk(sign_in(person)))} == {}
