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
    all_given_back: ("aline",),
    a_new_year: ("alice",),
}
#: Who reads them every night too: what they read of it is of pages that others of them open, and the net opens theirs
#: after the turn of a year (tests/house/test_net.py).
AT_NIGHT = {all_given_back: ("chloe",), a_new_year: ("emma",)}


@pytest.mark.parametrize("state", PEOPLE, ids=lambda state: state.__name__)
def test_every_page_and_every_link_opens(
    world: World, sign_in: SignIn, time_machine: Any, pytestconfig: pytest.Config, state: Callable[[World], None]
) -> None:
    time_machine.move_to(YEAR_2 if state is a_new_year else MORNING, tick=False)
    state(world)
    people = PEOPLE[state] + (AT_NIGHT.get(state, ()) if pytestconfig.getoption("all") else ())
    assert {person: wrong for person in people if (wrong := walk(sign_in(person)))} == {}
