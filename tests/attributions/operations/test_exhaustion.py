"""Nobody is left: what the holder has left of its delay, a new delay, or a unit to give back."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from attributions.models import Notice, Proposal
from attributions.operations.silence import lapse_silent_routings
from attributions.operations.withdrawal import withdraw_proposal
from flux.models import Return, Routing
from flux.queries.returning import clock
from tests.attributions.candidates import agree, excluded, routed, sent
from tests.attributions.households import candidates
from tests.world import MORNING, World

#: Ten working days after MORNING, Tuesday 24 November 2026: 8 December. Sent on the second: eight are left.
SENT = MORNING + timedelta(days=2)
LATER = datetime(2027, 2, 22, 8, tzinfo=MORNING.tzinfo)  # a Monday


@pytest.fixture
def routing(world: World) -> Routing:
    agree(world.conventions["city"], proposal_days=10, new_candidates_days=None, clock_restarts=[])
    return routed(world)


def withdraw(world: World, proposal: Proposal, reason: str, by: str = "aline", *, now: datetime = LATER) -> None:
    withdraw_proposal(proposal=proposal, reason=reason, by=world.people[by], now=now)


def last_day(routing: Routing, now: datetime = LATER) -> date | None:
    asked = clock(Routing.objects.get(pk=routing.pk), "IN_FLOW", today=now.date())
    return asked.until if asked else None


def told(kind: str) -> list[tuple[str, str]]:
    return list(Notice.objects.filter(kind=kind).order_by("pk").values_list("organisation__name", "text"))


@pytest.mark.parametrize(("reason", "by"), [("RECORDED_BY_MISTAKE", "aline"), ("HOLDER_WITHDREW", "chloe")])
def test_time_with_the_landlord_never_counts_against_the_holder(
    world: World, routing: Routing, reason: str, by: str
) -> None:
    withdraw(world, sent(world, routing, 1, now=SENT).proposals.get(), reason, by)
    assert last_day(routing) == date(2027, 3, 4)  # eight working days after 22 February
    assert lapse_silent_routings(now=LATER + timedelta(days=10)) == 0
    assert lapse_silent_routings(now=datetime(2027, 3, 5, 8, tzinfo=MORNING.tzinfo)) == 1
    assert Return.objects.get().text == "Sans réponse jusqu’au 04/03/2027, dernier jour du délai."
    text = "Les candidats sont retirés, le délai reprend où il en était : jusqu’au 04/03/2027."
    assert told("RESTARTED") == [("Robine Habitat", text), ("Ville de Narbonne", text)]


def test_what_the_landlord_takes_back_leaves_a_working_day_at_least(world: World, routing: Routing) -> None:
    at_term = datetime(2026, 12, 8, 8, tzinfo=MORNING.tzinfo)
    withdraw(world, sent(world, routing, 1, now=at_term).proposals.get(), "RECORDED_BY_MISTAKE")
    assert last_day(routing) == date(2027, 2, 23)


def test_what_the_holder_takes_back_the_same_day_changes_nothing(world: World, routing: Routing) -> None:
    withdraw(world, sent(world, routing, 1).proposals.get(), "HOLDER_WITHDREW", "chloe", now=MORNING)
    assert (last_day(routing), told("RESTARTED")) == (date(2026, 12, 8), [])


def test_delay_is_taken_up_as_often_as_candidates_are_taken_back(world: World, routing: Routing) -> None:
    withdraw(world, sent(world, routing, 1, now=SENT).proposals.get(), "RECORDED_BY_MISTAKE")
    again = LATER + timedelta(days=2)
    withdraw(world, sent(world, routing, 2, now=again).proposals.get(), "HOLDER_WITHDREW", "chloe", now=again)
    assert last_day(routing) == date(2027, 3, 4)
    later = again + timedelta(days=5)  # Monday 1 March
    withdraw(world, sent(world, routing, 3, now=again).proposals.get(), "HOLDER_WITHDREW", "chloe", now=later)
    assert last_day(routing) == date(2027, 3, 9)  # three days were the landlord’s


def test_new_delay_is_taken_up_as_well(world: World, routing: Routing) -> None:
    agree(world.conventions["city"], new_candidates_days=5, clock_restarts=["APPLICANT"])
    withdraw(world, sent(world, routing, 1, now=SENT).proposals.get(), "WITHDREW")
    assert last_day(routing) == date(2027, 3, 1)
    tuesday = LATER + timedelta(days=1)
    later = LATER + timedelta(days=14)  # 8 March
    withdraw(world, sent(world, routing, 2, now=tuesday).proposals.get(), "HOLDER_WITHDREW", "chloe", now=later)
    assert last_day(routing) == date(2027, 3, 12)  # four working days were left


@pytest.mark.parametrize(("reason", "by"), [("RECORDED_BY_MISTAKE", "aline"), ("HOLDER_WITHDREW", "chloe")])
def test_losses_of_others_give_the_new_delay_whoever_takes_the_last_one_back(
    world: World, routing: Routing, reason: str, by: str
) -> None:
    agree(world.conventions["city"], new_candidates_days=5, clock_restarts=["APPLICANT"])
    first, second, third = sent(world, routing, 1, 2, 3, now=SENT).proposals.order_by("position")
    withdraw(world, first, "WITHDREW")
    withdraw(world, second, "HOUSED_ELSEWHERE")
    withdraw(world, third, reason, by)
    routing.refresh_from_db()
    assert (routing.answered_on, routing.clock_from, last_day(routing)) == (None, LATER.date(), date(2027, 3, 1))


def test_losses_before_a_new_delay_give_no_second_one(world: World, routing: Routing) -> None:
    agree(world.conventions["city"], new_candidates_days=5, clock_restarts=["APPLICANT"])
    withdraw(world, sent(world, routing, 1, now=SENT).proposals.get(), "WITHDREW")
    day = LATER + timedelta(days=1)
    withdraw(world, sent(world, routing, 2, now=day).proposals.get(), "HOLDER_WITHDREW", "chloe", now=day)
    assert last_day(routing) == date(2027, 3, 1)


def test_losses_without_a_new_delay_wait_for_the_landlord(world: World, routing: Routing) -> None:
    first, second = sent(world, routing, 1, 2, now=SENT).proposals.order_by("position")
    withdraw(world, first, "WITHDREW")
    withdraw(world, second, "HOLDER_WITHDREW", "chloe")
    routing.refresh_from_db()
    assert routing.answered_on == SENT.date()
    assert len(told("NOBODY_LEFT")) == 2


def test_landlord_is_told_that_nobody_is_left_for_its_subtracted_unit(world: World) -> None:
    [proposal] = candidates(world, None, 1, vacancy=excluded(world))
    withdraw(world, proposal, "WITHDREW")
    assert told("NOBODY_LEFT") == [("Robine Habitat", "")]
