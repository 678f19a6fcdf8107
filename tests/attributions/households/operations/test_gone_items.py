"""A unit that goes elsewhere while it is put to the vote: its ballot closes, and the session goes on."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from attributions.households.models import AgendaItem, Ballot
from attributions.households.operations.agenda import add_to_agenda, postpone_item, refresh_item
from attributions.households.operations.ballot import open_ballot
from attributions.households.operations.calls import cancel_followed, release_left_behind
from attributions.households.operations.session import cancel_session, close_session
from flux.operations.departures import HoldRefused
from reservations.canonical import verify
from tests.attributions.households.sittings import HOUR, House, candidates, elsewhere, house, lines
from tests.world import MORNING, World
from tests.world_again import kept

pytestmark = pytest.mark.django_db

NOON = MORNING + 2 * HOUR


@pytest.fixture
@kept
def at(world: World) -> House:
    return house(world)


def put_to_the_vote(at: House) -> AgendaItem:
    item = at.opened()
    open_ballot(item=item, lines=lines(item, "RANKED 1", "RANKED 2", "NOT_ALLOCATED SIZE"), by=at.secretary, now=NOON)
    return item


def swept(at: House, item: AgendaItem) -> None:
    elsewhere(at.world, item.vacancy, now=NOON)
    release_left_behind(now=NOON)


def cancelled(at: House, item: AgendaItem) -> None:
    cancel_followed(
        vacancy=item.vacancy, reason="DECLARED_BY_MISTAKE", text="Erreur.", by=at.world.people["aline"], now=NOON
    )


def put_elsewhere(at: House, item: AgendaItem) -> None:
    elsewhere(at.world, item.vacancy, now=NOON)
    candidates(at.world, item.vacancy, now=NOON)
    add_to_agenda(session=at.session(now=NOON), vacancies=[item.vacancy], by=at.secretary, now=NOON)


def put_off(at: House, item: AgendaItem) -> None:
    elsewhere(at.world, item.vacancy, now=NOON)
    postpone_item(item=item, why="Orienté ailleurs.", by=at.secretary, now=NOON)


def left(at: House, item: AgendaItem) -> None:
    elsewhere(at.world, item.vacancy, now=NOON)


@pytest.mark.parametrize("gone", [swept, cancelled, put_elsewhere, put_off, left])
def test_the_session_closes_and_the_ballot_has_decided_nothing(
    at: House, gone: Callable[[House, AgendaItem], None]
) -> None:
    item = put_to_the_vote(at)
    gone(at, item)
    closed = close_session(session=item.session, by=at.secretary, now=NOON + HOUR)
    assert verify(closed.minutes, closed.seal)
    assert Ballot.objects.get().outcome == "NO_DECISION"
    assert [row["outcome"]["code"] for row in closed.minutes["items"][0]["ballots"]] == ["NO_DECISION"]


def test_the_session_is_cancelled_in_spite_of_that_ballot(at: House) -> None:
    item = put_to_the_vote(at)
    left(at, item)
    cancel_session(session=item.session, why="Salle fermée.", by=at.secretary, now=NOON)
    assert Ballot.objects.get().outcome == "NO_DECISION"


def test_a_case_to_add_reads_where_the_unit_went(at: House) -> None:
    """Not that the ballot must be closed first: nobody can close it by hand."""
    item = put_to_the_vote(at)
    left(at, item)
    with pytest.raises(HoldRefused, match="est orienté vers"):
        refresh_item(item=item, by=at.secretary, now=NOON)
